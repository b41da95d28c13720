//! Objections: filed by anyone within the window, the item held, answered by somebody who took no part, never dropped.

use super::rules::same_ground;
use super::{items, reading};
use crate::commons::events::{self, Note};
use crate::commons::lives::{advance, permitted};
use crate::commons::{calendar, holds, letters, policies};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::grants::applications::appeals;
use crate::grants::reviews;
use crate::people::permission::{Administrator, Anyone, As, Context, Officer, Permission, System};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{
    ApplicationStage, DecisionItemId, HoldKind, ItemStage, ObjectionId, ObjectionStage, Outcome, Role, Subject,
};
use entities::{application, call, decision_batch, decision_item, fund, objection};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use std::sync::Arc;

/// Objections looked at in one tick.
const ONCE: u64 = 50;

/// Most objections to one item that wait for an answer: enough for every honest ground, too few to bury who answers.
const MOST_OPEN: u64 = 20;
/// Objections read at once: more than the windows of a batch can bring.
const READ: u64 = 1_000;
const OPEN: [ObjectionStage; 2] = [ObjectionStage::Filed, ObjectionStage::Escalated];

/// Objects to a decision during its notice. The item is held until every objection to it is answered; further grounds are heard
/// until the last day of the notice as it was.
///
/// # Errors
/// [`Error::NotFound`] for what is not public; refusals: the window is over, the same ground again, too many wait.
pub async fn object(by: &As<Anyone>, id: DecisionItemId, ground: &str, contact: &str) -> Result<ObjectionId> {
    by.write(|tx| async move {
        let tx = &tx;
        let (item, batch, _) = reading::take_item(tx, id).await?;
        let today = by.day_of(tx.now());
        let ends = item.notice_ends_on.ok_or(Error::NotFound)?;
        if !open(&item, today) {
            return Err(Error::refused("refused-objection-window"));
        }
        let ground_hash = fingerprint(same_ground(ground));
        let before = objection::Entity::find().filter(objection::Column::ItemId.eq(id));
        if before.clone().filter(objection::Column::GroundHash.eq(&ground_hash)).count(tx).await? > 0 {
            return Err(Error::field("ground", "refused-objection-same"));
        }
        if before.clone().filter(objection::Column::Stage.is_in(OPEN)).count(tx).await? >= MOST_OPEN {
            return Err(Error::refused("refused-objection-many"));
        }
        let last = before.order_by_desc(objection::Column::Id).one(tx).await?;
        let policy = policies::on(tx, today).await?;
        let due_on = calendar::after(tx, today, policy.objection_answer_days).await?;
        let row = objection::ActiveModel {
            item_id: Set(id),
            ground: Set(ground.to_owned()),
            ground_hash: Set(ground_hash),
            contact: Set(contact.to_owned()),
            filed_by: Set(by.actor.person),
            filed_at: Set(tx.now()),
            due_on: Set(due_on),
            stage: Set(ObjectionStage::Filed),
            answer: Set(String::new()),
            ..Default::default()
        };
        let row = objection::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Objection, row.id.0, Note::act("file")).await?;
        if item.stage == ItemStage::Noticed {
            hold(tx, by, &item, (today, ends), due_on).await?;
        }
        // Of many objections to one item a day, everybody hears once.
        if last.is_none_or(|row| by.day_of(row.filed_at) < today) {
            told_filed(tx, &item, &batch, due_on).await?;
        }
        Ok(row.id)
    })
    .await
}

/// Whether an item hears objections on a day: while it is noticed or held, to the last day of its notice.
pub fn open(item: &decision_item::Model, today: NaiveDate) -> bool {
    matches!(item.stage, ItemStage::Noticed | ItemStage::Held) && item.notice_ends_on.is_some_and(|day| today <= day)
}

async fn hold(
    tx: &Tx,
    by: &As<Anyone>,
    item: &decision_item::Model,
    (today, ends): (NaiveDate, NaiveDate),
    due_on: NaiveDate,
) -> Result<()> {
    let left = calendar::between(tx, today, ends).await?;
    advance(tx, by, item, "object", Note::act("object")).await?;
    let change = decision_item::ActiveModel { id: Set(item.id), days_left: Set(Some(left)), ..Default::default() };
    decision_item::Entity::update(change).exec(tx).await?;
    holds::put(tx, by, HoldKind::Objection, Subject::DecisionItem, item.id.0, "objection", Some(due_on)).await?;
    Ok(())
}

async fn told_filed(
    tx: &Tx,
    item: &decision_item::Model,
    batch: &decision_batch::Model,
    due_on: NaiveDate,
) -> Result<()> {
    let link = format!("/notices/{}", batch.id);
    letters::to_role(tx, Role::ProgrammeOfficer, "objection-filed", &[("due", due_on.to_string())], &link).await?;
    let asked = application::Entity::find_by_id(item.application_id).one(tx).await?.ok_or(Error::NotFound)?;
    letters::to_organisation(tx, asked.organisation_id, "objection-held", &[("title", asked.title)], &link).await
}

/// What an objection comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// The decision falls, its money is given back.
    Upheld,
    /// The decision is changed: another amount, or a condition in the answer's words; noticed again.
    UpheldInPart {
        /// The amount now, at most what it was.
        amount_minor: i64,
    },
    /// The decision stands; the remaining days run.
    Dismissed,
}

impl Finding {
    const fn act(self) -> &'static str {
        match self {
            Self::Upheld => "uphold",
            Self::UpheldInPart { .. } => "uphold-in-part",
            Self::Dismissed => "dismiss",
        }
    }
}

/// Who answers objections: a programme officer, and an administrator once it is escalated.
pub trait Answers: Permission {}
impl Answers for Officer {}
impl Answers for Administrator {}

/// Answers an objection, by somebody who took no part in the decision.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] for the panel, for who had a hand in the batch or approved it, for the objector, and
/// for whoever counts as one with them; refusals for an answer that is missing or an amount above what was decided.
pub async fn answer<P: Answers>(by: &As<P>, id: ObjectionId, finding: Finding, words: &str) -> Result<()> {
    if words.trim().is_empty() {
        return Err(Error::field("answer", "refused-empty"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let (item, batch, call) = reading::take_item(tx, row.item_id).await?;
        no_part(tx, by, &row, &batch, &call).await?;
        permitted(&row, by, finding.act())?;
        advance(tx, by, &row, finding.act(), Note::act(finding.act())).await?;
        let change = objection::ActiveModel {
            id: Set(id),
            answer: Set(words.to_owned()),
            answered_by: Set(Some(by.person()?)),
            answered_at: Set(Some(tx.now())),
            ..Default::default()
        };
        objection::Entity::update(change).exec(tx).await?;
        if item.stage == ItemStage::Held {
            apply(tx, by, (&item, &batch, &call), finding).await?;
        }
        told_answer(tx, &row, &item, &batch, finding).await
    })
    .await
}

/// The panel, who had a hand in the batch, the approver, the objector, their deputies and principals, and whoever is in a conflict
/// answer no objection.
async fn no_part<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: &objection::Model,
    batch: &decision_batch::Model,
    call: &call::Model,
) -> Result<()> {
    let (person, today) = (by.person()?, by.day_of(tx.now()));
    if roles::one_of(tx, person, &reading::hands(tx, batch).await?, today).await? {
        return Err(Error::Forbidden("forbidden-objection-drafter"));
    }
    if roles::one_of(tx, person, &[batch.approved_by], today).await? {
        return Err(Error::Forbidden("forbidden-objection-approver"));
    }
    if roles::one_of(tx, person, &[row.filed_by], today).await? {
        return Err(Error::Forbidden("forbidden-objection-own"));
    }
    let chairs = reviews::panel::chairs_of(tx, call.id, today).await?;
    if roles::one_of(tx, person, &chairs, today).await?
        || reviews::service::took_part(tx, call.id, person, today).await?
    {
        return Err(Error::Forbidden("forbidden-objection-panel"));
    }
    reading::no_conflict(tx, by, call).await
}

async fn apply<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    (item, batch, call): (&decision_item::Model, &decision_batch::Model, &call::Model),
    finding: Finding,
) -> Result<()> {
    match finding {
        Finding::Upheld => return fall(tx, by, (item, batch, call)).await,
        Finding::UpheldInPart { amount_minor } => reduce(tx, by, (item, call), amount_minor).await?,
        Finding::Dismissed => {}
    }
    let open = objection::Entity::find()
        .filter(objection::Column::ItemId.eq(item.id))
        .filter(objection::Column::Stage.is_in(OPEN))
        .count(tx)
        .await?;
    if open > 0 {
        return Ok(());
    }
    resume(tx, by, item, call, finding).await
}

/// Upheld: the decision is released, its money given back, the reserve list moves up. Where the decision was to decline, the bid
/// waits for another one.
async fn fall<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    (item, batch, call): (&decision_item::Model, &decision_batch::Model, &call::Model),
) -> Result<()> {
    items::fall(tx, by, (item, call), "release").await?;
    let system = Context::system(by.edges.clone());
    match item.outcome {
        Outcome::Approved => {
            items::settle(tx, &system, item, "decline").await?;
            items::move_up(tx, &system, batch, call).await?;
        }
        Outcome::Reserved => items::settle(tx, &system, item, "decline").await?,
        Outcome::Declined => appeals::reinstate(tx, by, item.application_id, "").await?,
    }
    items::decided(tx, &system, batch).await
}

/// Upheld in part: the amount may go down; the difference is the fund's again. The item owes a whole new notice.
async fn reduce<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    (item, call): (&decision_item::Model, &call::Model),
    amount_minor: i64,
) -> Result<()> {
    let mut change = decision_item::ActiveModel { id: Set(item.id), days_left: Set(None), ..Default::default() };
    if item.outcome == Outcome::Approved {
        if amount_minor <= 0 || amount_minor > item.amount_minor {
            return Err(Error::field("amount", "refused-objection-amount"));
        }
        let fund = fund::Entity::find_by_id(call.fund_id).one(tx).await?.ok_or(Error::NotFound)?;
        let fee = reading::fee(amount_minor, item.award_kind, &fund)?;
        let less = item.amount_minor + item.fee_minor - amount_minor - fee;
        items::release(tx, by, call, item, less).await?;
        change.amount_minor = Set(amount_minor);
        change.fee_minor = Set(fee);
    }
    decision_item::Entity::update(change).exec(tx).await?;
    events::record(tx, by, Subject::DecisionItem, item.id.0, Note::act("reduce")).await
}

/// The last objection is answered: a changed item is noticed again in full, another has its remaining days.
async fn resume<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    item: &decision_item::Model,
    call: &call::Model,
    finding: Finding,
) -> Result<()> {
    let today = by.day_of(tx.now());
    let left = item.days_left.filter(|_| finding == Finding::Dismissed);
    let mut change = decision_item::ActiveModel { id: Set(item.id), days_left: Set(None), ..Default::default() };
    if let Some(left) = left {
        advance(tx, by, item, "resume", Note::act("resume")).await?;
        change.notice_ends_on = Set(Some(calendar::after(tx, today, i64::from(left)).await?));
    } else {
        advance(tx, by, item, "change", Note::act("change")).await?;
        change.noticed_on = Set(Some(today));
        change.notice_ends_on = Set(Some(calendar::after(tx, today, i64::from(call.notice_days)).await?));
    }
    decision_item::Entity::update(change).exec(tx).await?;
    holds::lift_own(tx, by, HoldKind::Objection, Subject::DecisionItem, item.id.0).await
}

async fn told_answer(
    tx: &Tx,
    row: &objection::Model,
    item: &decision_item::Model,
    batch: &decision_batch::Model,
    finding: Finding,
) -> Result<()> {
    let link = format!("/notices/{}", batch.id);
    if let Some(person) = row.filed_by {
        letters::to_person(tx, person, "objection-answered", &[], &link).await?;
    }
    let asked = application::Entity::find_by_id(item.application_id).one(tx).await?.ok_or(Error::NotFound)?;
    // An applicant whose approval fell has the letter about that already.
    if finding == Finding::Upheld && asked.stage == ApplicationStage::Declined {
        return Ok(());
    }
    letters::to_organisation(tx, asked.organisation_id, "objection-settled", &[("title", asked.title)], &link).await
}

/// Escalates what nobody answered by its day.
pub(super) async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let late: Vec<ObjectionId> = objection::Entity::find()
        .select_only()
        .column(objection::Column::Id)
        .filter(objection::Column::Stage.eq(ObjectionStage::Filed))
        .filter(objection::Column::DueOn.lt(edges.today()))
        .order_by_asc(objection::Column::Id)
        .limit(ONCE)
        .into_tuple()
        .all(edges.db.read())
        .await?;
    let system = Context::system(edges.clone());
    for id in late {
        if let Err(error) = escalate(&system, id).await {
            tracing::warn!(objection = id.0, %error, "an objection was not escalated");
        }
    }
    Ok(())
}

async fn escalate(by: &As<System>, id: ObjectionId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.stage != ObjectionStage::Filed || row.due_on >= by.day_of(tx.now()) {
            return Ok(());
        }
        advance(tx, by, &row, "escalate", Note::act("escalate")).await?;
        let link = format!("/objections/{id}");
        letters::to_role(tx, Role::Administrator, "objection-escalated", &[], &link).await
    })
    .await
}

/// An objection by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: ObjectionId) -> Result<objection::Model> {
    objection::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// The objections to some items, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_items(db: &impl ConnectionTrait, items: &[DecisionItemId]) -> Result<Vec<objection::Model>> {
    Ok(objection::Entity::find()
        .filter(objection::Column::ItemId.is_in(items.iter().copied()))
        .order_by_asc(objection::Column::Id)
        .limit(READ)
        .all(db)
        .await?)
}
