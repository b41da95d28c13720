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
use crate::grants::reviews;
use crate::people::permission::{Administrator, Anyone, As, Context, Officer, Permission, System};
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

/// Objects to a decision during its notice. The item is held until every objection to it is answered.
///
/// # Errors
/// [`Error::NotFound`] for what is not public; refusals: the window is over, the same ground again.
pub async fn object(by: &As<Anyone>, id: DecisionItemId, ground: &str, contact: &str) -> Result<ObjectionId> {
    by.write(|tx| async move {
        let tx = &tx;
        let (item, batch, _) = reading::load_item(tx, id).await?;
        let today = by.day_of(tx.now());
        let ends = item.notice_ends_on.ok_or(Error::NotFound)?;
        match item.stage {
            // While an item is held its clock stands still: further grounds are heard.
            ItemStage::Held => {}
            ItemStage::Noticed if today <= ends => {}
            ItemStage::Drafted => return Err(Error::NotFound),
            _ => return Err(Error::refused("refused-objection-window")),
        }
        let ground_hash = fingerprint(same_ground(ground));
        let again = objection::Entity::find()
            .filter(objection::Column::ItemId.eq(id))
            .filter(objection::Column::GroundHash.eq(&ground_hash))
            .one(tx)
            .await?;
        if again.is_some() {
            return Err(Error::field("ground", "refused-objection-same"));
        }
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
        told_filed(tx, &item, &batch, due_on).await?;
        Ok(row.id)
    })
    .await
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
/// [`Error::NotFound`]; [`Error::Forbidden`] for the panel, for who drafted or approved the batch, and for the objector;
/// refusals for an answer that is missing or an amount above what was decided.
pub async fn answer<P: Answers>(by: &As<P>, id: ObjectionId, finding: Finding, words: &str) -> Result<()> {
    if words.trim().is_empty() {
        return Err(Error::field("answer", "refused-empty"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let (item, batch, call) = reading::load_item(tx, row.item_id).await?;
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

/// The panel, the drafter, the approver, the objector and whoever is in a conflict answer no objection.
async fn no_part<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: &objection::Model,
    batch: &decision_batch::Model,
    call: &call::Model,
) -> Result<()> {
    let person = by.person()?;
    if batch.drafted_by == person {
        return Err(Error::Forbidden("forbidden-objection-drafter"));
    }
    if batch.approved_by == Some(person) {
        return Err(Error::Forbidden("forbidden-objection-approver"));
    }
    if row.filed_by == Some(person) {
        return Err(Error::Forbidden("forbidden-objection-own"));
    }
    let chairs = by.actor.grant(entities::kinds::Role::PanelChair, entities::kinds::Scope::Call, Some(call.id.0));
    if chairs.is_some() || reviews::service::took_part(tx, call.id, person).await? {
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
        .filter(objection::Column::Stage.is_in([ObjectionStage::Filed, ObjectionStage::Escalated]))
        .count(tx)
        .await?;
    if open > 0 {
        return Ok(());
    }
    resume(tx, by, item, call, finding).await
}

/// Upheld: the decision is released, its money given back, the reserve list moves up.
async fn fall<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    (item, batch, call): (&decision_item::Model, &decision_batch::Model, &call::Model),
) -> Result<()> {
    if item.committed {
        items::release(tx, by, call, item, item.amount_minor + item.fee_minor).await?;
    }
    advance(tx, by, item, "release", Note::act("release")).await?;
    let change = decision_item::ActiveModel {
        id: Set(item.id),
        committed: Set(false),
        days_left: Set(None),
        ..Default::default()
    };
    decision_item::Entity::update(change).exec(tx).await?;
    holds::lift_own(tx, by, HoldKind::Objection, Subject::DecisionItem, item.id.0).await?;
    let system = Context::system(by.edges.clone());
    if item.outcome == Outcome::Approved {
        items::settle(tx, &system, item, "decline").await?;
        items::move_up(tx, &system, batch, call).await?;
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
        let fee = reading::fee(amount_minor, &fund)?;
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
        .all(db)
        .await?)
}
