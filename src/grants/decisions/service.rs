//! What can be done with decision batches: draft from the scores, depart with a reason, submit, return.

use super::rules::{self, Ranked};
use super::{approvals, items, objections};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::core::fees::fee_through;
use crate::core::scoring::{ScoringAnswer, ScoringFile};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::reviews::{conflicts, recusals, scores};
use crate::people::permission::{As, Context, Permission};
use entities::kinds::{
    AppealAgainst, AppealStage, ApplicationId, ApplicationStage, AwardKind, BatchStage, CallId, CallStage,
    ConflictGround, DecisionBatchId, DecisionItemId, ItemStage, Outcome, ReviewStage, Role, Subject,
};
use entities::{appeal, application, call, decision_batch, decision_item, fund, review};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use items::give_back;
pub use objections::{answer, object};

/// Input and answer of the aggregation, as a batch fixes them.
#[derive(Debug, Serialize)]
struct Fixed<'a> {
    input: &'a ScoringFile,
    answer: &'a ScoringAnswer,
}

/// What of a fixed aggregation a page shows of one application.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct FixedScore {
    /// Application id.
    pub application: String,
    /// Counted reviews.
    pub reviews: usize,
    /// Raw mean, in hundredths.
    pub mean: Option<i64>,
    /// The score that ranks, in hundredths.
    pub score: Option<i64>,
    /// Whether highest and lowest were dropped.
    pub trimmed: bool,
    /// Best rank with one reviewer left out.
    pub rank_best: Option<usize>,
    /// Worst such rank.
    pub rank_worst: Option<usize>,
    /// Largest total less smallest.
    pub spread: Option<i64>,
    /// Wide enough to talk about.
    pub discuss: bool,
}

/// What a batch fixed of every application, by id.
pub fn fixed_scores(batch: &decision_batch::Model) -> BTreeMap<String, FixedScore> {
    let rows = batch.scores.pointer("/answer/applications").cloned().unwrap_or_default();
    let rows: Vec<FixedScore> = serde_json::from_value(rows).unwrap_or_default();
    rows.into_iter().map(|row| (row.application.clone(), row)).collect()
}

/// Who drafts batches: the panel's chair, or a programme officer.
pub trait Drafts: recusals::Finds {}
impl<P: recusals::Finds> Drafts for P {}

/// Drafts a batch from the scores: one item for each reviewed application, proposed by rank and envelope.
///
/// # Errors
/// [`Error::Forbidden`] for another panel's chair or in a conflict; refusals: one is open, reviews are open, none counted.
pub async fn draft<P: Drafts>(by: &As<P>, id: CallId, minutes: &str) -> Result<DecisionBatchId> {
    by.write(|tx| async move {
        let tx = &tx;
        P::reaches(by, id)?;
        let call = call::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
        if !matches!(call.stage, CallStage::Closed | CallStage::InReview) {
            return Err(Error::refused("refused-stage"));
        }
        settled(tx, id).await?;
        no_conflict(tx, by, &call).await?;
        let file = scores::file(tx, &call).await?;
        let answer = scores::answer(&file)?;
        let batch = decision_batch::ActiveModel {
            call_id: Set(id),
            stage: Set(BatchStage::Draft),
            scores: Set(serde_json::to_value(Fixed { input: &file, answer: &answer })?),
            note: Set(minutes.to_owned()),
            drafted_by: Set(by.person()?),
            drafted_at: Set(tx.now()),
            returned_reason: Set(String::new()),
            version: Set(1),
            ..Default::default()
        };
        let batch = decision_batch::Entity::insert(batch).exec_with_returning(tx).await?;
        if !write_items(tx, &call, batch.id, &answer).await? {
            return Err(Error::refused("refused-batch-nothing"));
        }
        events::record(tx, by, Subject::DecisionBatch, batch.id.0, Note::act("draft")).await?;
        Ok(batch.id)
    })
    .await
}

/// No other batch is open and no review is still being written.
async fn settled(tx: &Tx, call: CallId) -> Result<()> {
    let open = decision_batch::Entity::find()
        .filter(decision_batch::Column::CallId.eq(call))
        .filter(decision_batch::Column::Stage.is_in([BatchStage::Draft, BatchStage::Submitted]))
        .count(tx)
        .await?;
    if open > 0 {
        return Err(Error::refused("refused-batch-open"));
    }
    let writing = review::Entity::find()
        .filter(review::Column::CallId.eq(call))
        .filter(review::Column::Stage.is_in([ReviewStage::Accepted, ReviewStage::InProgress, ReviewStage::Reopened]))
        .count(tx)
        .await?;
    if writing > 0 { Err(Error::refused("refused-batch-reviews-open")) } else { Ok(()) }
}

/// Nobody drafts or approves about an application that a conflict ties them to.
pub(super) async fn no_conflict<P: Permission>(tx: &Tx, by: &As<P>, call: &call::Model) -> Result<()> {
    let judged = application::Entity::find()
        .filter(application::Column::CallId.eq(call.id))
        .filter(application::Column::Stage.is_in(scores::JUDGED))
        .all(tx)
        .await?;
    let person = by.person()?;
    let found = conflicts::derive_all(tx, call, &judged, &[person], by.day_of(tx.now())).await?;
    let ids: Vec<ApplicationId> = judged.iter().map(|row| row.id).collect();
    let declared = conflicts::recorded(tx, &ids, &[person]).await?;
    let tied = found.values().any(|found| !found.is_empty()) || declared.iter().any(|row| row.recorded_by.is_some());
    if tied { Err(Error::Forbidden("forbidden-decision-conflict")) } else { Ok(()) }
}

/// Writes the proposed items; answers whether there was any.
async fn write_items(tx: &Tx, call: &call::Model, batch: DecisionBatchId, answer: &ScoringAnswer) -> Result<bool> {
    let fund = fund::Entity::find_by_id(call.fund_id).one(tx).await?.ok_or(Error::NotFound)?;
    let mut ranked = ranked(tx, call, answer).await?;
    if ranked.is_empty() {
        return Ok(false);
    }
    let left = items::envelope_left(tx, call, Some(batch)).await?;
    let mut rows = Vec::with_capacity(ranked.len());
    for (row, outcome) in rules::propose(&mut ranked, left) {
        let amount = if outcome == Outcome::Declined { 0 } else { row.amount_minor };
        rows.push(decision_item::ActiveModel {
            batch_id: Set(batch),
            application_id: Set(row.application),
            outcome: Set(outcome),
            award_kind: Set(AwardKind::Project),
            amount_minor: Set(amount),
            fee_minor: Set(fee(amount, &fund)?),
            currency: Set(call.currency),
            stage: Set(ItemStage::Drafted),
            score: Set(i32::try_from(row.score).ok()),
            rank: Set(i32::try_from(row.rank).ok()),
            reserve_order: Set(if outcome == Outcome::Reserved { i32::try_from(row.rank).ok() } else { None }),
            reason: Set(String::new()),
            committed: Set(false),
            ..Default::default()
        });
    }
    decision_item::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(true)
}

/// The scored applications of a call that still wait for a decision.
async fn ranked(tx: &Tx, call: &call::Model, answer: &ScoringAnswer) -> Result<Vec<Ranked>> {
    let waiting: BTreeMap<String, application::Model> = application::Entity::find()
        .filter(application::Column::CallId.eq(call.id))
        .filter(application::Column::Stage.is_in([ApplicationStage::Eligible, ApplicationStage::UnderReview]))
        .all(tx)
        .await?
        .into_iter()
        .map(|row| (row.id.to_string(), row))
        .collect();
    let rank_of = |row: &crate::core::scoring::ApplicationScore| {
        let application = waiting.get(&row.application)?;
        Some(Ranked {
            application: application.id,
            score: row.score?,
            rank: i64::try_from(row.rank?).ok()?,
            amount_minor: application.ask_minor.min(call.cap_minor),
        })
    };
    Ok(answer.applications.iter().filter_map(rank_of).collect())
}

/// The fee committed with an amount.
pub(super) fn fee(amount_minor: i64, fund: &fund::Model) -> Result<i64> {
    fee_through(amount_minor, i64::from(fund.fee_bps)).map_err(|error| Error::Internal(format!("fee: {error:?}")))
}

/// What is set on an item by hand.
#[derive(Debug, Clone)]
pub struct Setting {
    /// What.
    pub outcome: Outcome,
    /// How much; 0 for a decline.
    pub amount_minor: i64,
    /// What an approval becomes.
    pub award_kind: AwardKind,
    /// Why, and feedback to the applicant.
    pub reason: String,
}

/// Sets an item by hand, with its reason.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Stale`]; refusals by the field.
pub async fn set_item<P: Drafts>(by: &As<P>, id: DecisionItemId, version: i32, set: &Setting) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (item, batch, call) = load_item(tx, id).await?;
        P::reaches(by, call.id)?;
        if batch.stage != BatchStage::Draft {
            return Err(Error::refused("refused-stage"));
        }
        if batch.version != version {
            return Err(Error::Stale);
        }
        let asked = application::Entity::find_by_id(item.application_id).one(tx).await?.ok_or(Error::NotFound)?;
        within(set, asked.ask_minor.min(call.cap_minor))?;
        let fund = fund::Entity::find_by_id(call.fund_id).one(tx).await?.ok_or(Error::NotFound)?;
        let change = decision_item::ActiveModel {
            id: Set(id),
            outcome: Set(set.outcome),
            award_kind: Set(set.award_kind),
            amount_minor: Set(set.amount_minor),
            fee_minor: Set(fee(set.amount_minor, &fund)?),
            reserve_order: Set(item.rank.filter(|_| set.outcome == Outcome::Reserved)),
            reason: Set(set.reason.clone()),
            ..Default::default()
        };
        decision_item::Entity::update(change).exec(tx).await?;
        touch(tx, &batch).await?;
        let note = Note::act("set").because(set.reason.clone());
        events::record(tx, by, Subject::DecisionItem, id.0, note).await
    })
    .await
}

fn within(set: &Setting, most: i64) -> Result<()> {
    if set.reason.trim().is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    match (set.outcome, set.amount_minor) {
        (Outcome::Declined, 0) => Ok(()),
        (Outcome::Declined, _) => Err(Error::field("amount", "refused-decision-declined-amount")),
        (_, amount) if amount <= 0 => Err(Error::field("amount", "refused-zero")),
        (_, amount) if amount > most => Err(Error::field("amount", "refused-decision-above-ask")),
        _ => Ok(()),
    }
}

async fn touch(tx: &Tx, batch: &decision_batch::Model) -> Result<()> {
    let change =
        decision_batch::ActiveModel { id: Set(batch.id), version: Set(batch.version + 1), ..Default::default() };
    decision_batch::Entity::update(change).exec(tx).await?;
    Ok(())
}

/// Writes the minutes of the panel.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Stale`]; a refusal once it is submitted.
pub async fn write_minutes<P: Drafts>(by: &As<P>, id: DecisionBatchId, version: i32, minutes: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let batch = load(tx, id).await?;
        P::reaches(by, batch.call_id)?;
        if batch.stage != BatchStage::Draft {
            return Err(Error::refused("refused-stage"));
        }
        if batch.version != version {
            return Err(Error::Stale);
        }
        let change = decision_batch::ActiveModel { id: Set(id), note: Set(minutes.to_owned()), ..Default::default() };
        decision_batch::Entity::update(change).exec(tx).await?;
        touch(tx, &batch).await?;
        events::record(tx, by, Subject::DecisionBatch, id.0, Note::act("minutes")).await
    })
    .await
}

/// Fixes the scores of a draft again after they changed, and proposes its items anew.
///
/// # Errors
/// [`Error::NotFound`]; a refusal once it is submitted.
pub async fn refresh<P: Drafts>(by: &As<P>, id: DecisionBatchId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let batch = load(tx, id).await?;
        P::reaches(by, batch.call_id)?;
        if batch.stage != BatchStage::Draft {
            return Err(Error::refused("refused-stage"));
        }
        propose_again(tx, by, &batch).await
    })
    .await
}

async fn propose_again<P: Permission>(tx: &Tx, by: &As<P>, batch: &decision_batch::Model) -> Result<()> {
    let call = call::Entity::find_by_id(batch.call_id).one(tx).await?.ok_or(Error::NotFound)?;
    let file = scores::file(tx, &call).await?;
    let answer = scores::answer(&file)?;
    let change = decision_batch::ActiveModel {
        id: Set(batch.id),
        scores: Set(serde_json::to_value(Fixed { input: &file, answer: &answer })?),
        version: Set(batch.version + 1),
        ..Default::default()
    };
    decision_batch::Entity::update(change).exec(tx).await?;
    decision_item::Entity::delete_many().filter(decision_item::Column::BatchId.eq(batch.id)).exec(tx).await?;
    write_items(tx, &call, batch.id, &answer).await?;
    events::record(tx, by, Subject::DecisionBatch, batch.id.0, Note::act("refresh")).await
}

/// Submits a batch; the scores must still be those it fixed, the approvals fit into the envelope.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Stale`]; refusals for scores that changed and for the envelope.
pub async fn submit_batch<P: Drafts>(by: &As<P>, id: DecisionBatchId, version: i32) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let batch = load(tx, id).await?;
        P::reaches(by, batch.call_id)?;
        let call = call::Entity::find_by_id(batch.call_id).one(tx).await?.ok_or(Error::NotFound)?;
        if batch.version != version {
            return Err(Error::Stale);
        }
        let file = serde_json::to_value(scores::file(tx, &call).await?)?;
        if batch.scores.get("input") != Some(&file) {
            return Err(Error::refused("refused-batch-scores-changed"));
        }
        let items = items_of(tx, id).await?;
        let approved: i64 =
            items.iter().filter(|item| item.outcome == Outcome::Approved).map(|item| item.amount_minor).sum();
        if approved > items::envelope_left(tx, &call, Some(id)).await? {
            return Err(Error::refused("refused-batch-envelope"));
        }
        advance(tx, by, &batch, "submit", Note::act("submit")).await?;
        let change = decision_batch::ActiveModel {
            id: Set(id),
            submitted_at: Set(Some(tx.now())),
            version: Set(version + 1),
            ..Default::default()
        };
        decision_batch::Entity::update(change).exec(tx).await?;
        let link = format!("/calls/{}/decision", call.id);
        letters::to_role(tx, Role::Approver, "batch-submitted", &[], &link).await
    })
    .await
}

pub use approvals::{approve_batch, return_batch};

/// Reviews were removed after scoring. A draft is proposed anew, a submitted batch goes back to draft and is proposed anew;
/// what was approved already is looked at in an appeal.
///
/// # Errors
/// When the database refuses.
pub async fn recused<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    call: CallId,
    of: &[ApplicationId],
    ground: ConflictGround,
) -> Result<()> {
    let newest = decision_batch::Entity::find()
        .filter(decision_batch::Column::CallId.eq(call))
        .order_by_desc(decision_batch::Column::Id)
        .one(tx)
        .await?;
    let Some(batch) = newest else { return Ok(()) };
    match batch.stage {
        BatchStage::Draft => propose_again(tx, by, &batch).await,
        BatchStage::Submitted => {
            let system = Context::system(by.edges.clone());
            let note = Note::act("return").because(ground.as_str());
            advance(tx, &system, &batch, "return", note).await?;
            let link = format!("/calls/{call}/decision");
            letters::to_person(tx, batch.drafted_by, "batch-recusal", &[], &link).await?;
            propose_again(tx, by, &batch).await
        }
        BatchStage::Approved | BatchStage::Decided => appeal_opened(tx, by, of, ground).await,
    }
}

async fn appeal_opened<P: Permission>(tx: &Tx, by: &As<P>, of: &[ApplicationId], ground: ConflictGround) -> Result<()> {
    let open: Vec<ApplicationId> = appeal::Entity::find()
        .filter(appeal::Column::ApplicationId.is_in(of.iter().copied()))
        .filter(appeal::Column::Against.eq(AppealAgainst::Decision))
        .filter(appeal::Column::Stage.eq(AppealStage::Filed))
        .all(tx)
        .await?
        .into_iter()
        .map(|row| row.application_id)
        .collect();
    for application in of.iter().filter(|id| !open.contains(id)) {
        let row = appeal::ActiveModel {
            application_id: Set(*application),
            against: Set(AppealAgainst::Decision),
            ground: Set(format!("recusal: {ground}")),
            stage: Set(AppealStage::Filed),
            filed_by: Set(by.person()?),
            filed_at: Set(tx.now()),
            reason: Set(String::new()),
            ..Default::default()
        };
        let row = appeal::Entity::insert(row).exec_with_returning(tx).await?;
        let note = Note::act("recusal").because(ground.as_str());
        events::record(tx, by, Subject::Appeal, row.id.0, note).await?;
    }
    Ok(())
}

/// A batch by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: DecisionBatchId) -> Result<decision_batch::Model> {
    decision_batch::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// An item with its batch and call.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load_item(
    db: &impl ConnectionTrait,
    id: DecisionItemId,
) -> Result<(decision_item::Model, decision_batch::Model, call::Model)> {
    let item = decision_item::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let batch = load(db, item.batch_id).await?;
    let call = call::Entity::find_by_id(batch.call_id).one(db).await?.ok_or(Error::NotFound)?;
    Ok((item, batch, call))
}

/// The items of a batch by rank.
///
/// # Errors
/// When the database cannot be read.
pub async fn items_of(db: &impl ConnectionTrait, id: DecisionBatchId) -> Result<Vec<decision_item::Model>> {
    Ok(decision_item::Entity::find()
        .filter(decision_item::Column::BatchId.eq(id))
        .order_by_asc(decision_item::Column::Rank)
        .order_by_asc(decision_item::Column::Id)
        .all(db)
        .await?)
}

/// The newest batch of a call.
///
/// # Errors
/// When the database cannot be read.
pub async fn newest(db: &impl ConnectionTrait, call: CallId) -> Result<Option<decision_batch::Model>> {
    Ok(decision_batch::Entity::find()
        .filter(decision_batch::Column::CallId.eq(call))
        .order_by_desc(decision_batch::Column::Id)
        .one(db)
        .await?)
}

/// A refusal about one application, with its title.
pub(super) fn about(code: &'static str, application: &application::Model) -> Error {
    Violation::whole(code).with("title", &application.title).into()
}

/// What the clock brings: windows that are over, objections nobody answered.
///
/// # Errors
/// When the database cannot be read.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    items::tick(edges).await?;
    objections::tick(edges).await
}
