//! A batch drafted from the scores, which it fixes: one proposed item for each application that was judged.

use super::Drafts;
use crate::commons::events::{self, Note};
use crate::core::scoring::{ScoringAnswer, ScoringFile};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::applications::rules::WAITING;
use crate::grants::decisions::items;
use crate::grants::decisions::reading::{self, fee, no_conflict, to_change};
use crate::grants::decisions::rules::{self, Ranked};
use crate::grants::reviews::scores;
use crate::grants::{applications, calls};
use crate::people::permission::{As, Permission};
use entities::kinds::{
    ApplicationId, BatchStage, CallId, CallStage, DecisionBatchId, ItemStage, Outcome, ReviewStage, Subject,
};
use entities::{application, call, decision_batch, decision_item, fund, review};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// Drafts a batch from the scores: one item for each reviewed application, proposed by rank and envelope. Once the call is
/// decided, only for those an appeal brought back.
///
/// # Errors
/// [`Error::Forbidden`] for another panel's chair or in a conflict; refusals: one is open, reviews are open, none counted.
pub async fn draft<P: Drafts>(by: &As<P>, id: CallId, minutes: &str) -> Result<DecisionBatchId> {
    by.write(|tx| async move {
        let tx = &tx;
        P::reaches(by, id)?;
        let call = calls::service::take(tx, id).await?;
        if !matches!(call.stage, CallStage::Closed | CallStage::InReview | CallStage::Decided) {
            return Err(Error::refused("refused-stage"));
        }
        if calls::rules::is_sealed(&call) {
            return Err(Error::refused("refused-call-sealed"));
        }
        // A concept note asks for no money: what it leads to is an invitation.
        if calls::stages::is_concept(tx, &call).await? {
            return Err(Error::refused("refused-call-concept-award"));
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
            award_kind: Set(call.award_kind),
            amount_minor: Set(amount),
            fee_minor: Set(fee(amount, call.award_kind, &fund)?),
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

/// The scored applications of a call that still wait for a decision: nobody is decided twice, and in a decided call only who was
/// reinstated waits.
async fn ranked(tx: &Tx, call: &call::Model, answer: &ScoringAnswer) -> Result<Vec<Ranked>> {
    let rows = application::Entity::find()
        .filter(application::Column::CallId.eq(call.id))
        .filter(application::Column::Stage.is_in(WAITING))
        .all(tx)
        .await?;
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.id).collect();
    let decided: Vec<ApplicationId> =
        reading::standing(tx, &ids).await?.into_iter().map(|row| row.application_id).collect();
    let back = applications::appeals::reinstated(tx, &ids).await?;
    let waits = |row: &application::Model| {
        !decided.contains(&row.id) && (call.stage != CallStage::Decided || back.contains(&row.id))
    };
    let waiting: BTreeMap<String, application::Model> =
        rows.into_iter().filter(waits).map(|row| (row.id.to_string(), row)).collect();
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

/// Fixes the scores of a draft again after they changed, and proposes its items anew.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] in a conflict; a refusal once it is submitted.
pub async fn refresh<P: Drafts>(by: &As<P>, id: DecisionBatchId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (batch, _) = to_change(tx, by, id).await?;
        if batch.stage != BatchStage::Draft {
            return Err(Error::refused("refused-stage"));
        }
        propose_again(tx, by, &batch).await
    })
    .await
}

pub(super) async fn propose_again<P: Permission>(tx: &Tx, by: &As<P>, batch: &decision_batch::Model) -> Result<()> {
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
