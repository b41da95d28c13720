//! A draft that people change, each change with its reason, until it is submitted.

use super::Drafts;
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::decisions::items;
use crate::grants::decisions::reading::{fee, items_of, load_item, to_change};
use crate::grants::reviews::scores;
use crate::people::permission::As;
use entities::kinds::{AwardKind, BatchStage, DecisionBatchId, DecisionItemId, Outcome, Role, Subject};
use entities::{application, decision_batch, decision_item, fund};
use sea_orm::{ActiveValue::Set, EntityTrait};

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
/// [`Error::NotFound`], [`Error::Stale`]; [`Error::Forbidden`] in a conflict; refusals by the field.
pub async fn set_item<P: Drafts>(by: &As<P>, id: DecisionItemId, version: i32, set: &Setting) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (item, batch, _) = load_item(tx, id).await?;
        let (batch, call) = to_change(tx, by, batch.id).await?;
        if batch.stage != BatchStage::Draft {
            return Err(Error::refused("refused-stage"));
        }
        if batch.version != version {
            return Err(Error::Stale);
        }
        let asked = application::Entity::find_by_id(item.application_id).one(tx).await?.ok_or(Error::NotFound)?;
        within(set, asked.ask_minor.min(call.cap_minor))?;
        if set.award_kind == AwardKind::SeedFund && call.need_id.is_some() {
            return Err(Error::field("award_kind", "refused-seed-fund-need"));
        }
        let fund = fund::Entity::find_by_id(call.fund_id).one(tx).await?.ok_or(Error::NotFound)?;
        let change = decision_item::ActiveModel {
            id: Set(id),
            outcome: Set(set.outcome),
            award_kind: Set(set.award_kind),
            amount_minor: Set(set.amount_minor),
            fee_minor: Set(fee(set.amount_minor, set.award_kind, &fund)?),
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
/// [`Error::NotFound`], [`Error::Stale`]; [`Error::Forbidden`] in a conflict; a refusal once it is submitted.
pub async fn write_minutes<P: Drafts>(by: &As<P>, id: DecisionBatchId, version: i32, minutes: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (batch, _) = to_change(tx, by, id).await?;
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

/// Submits a batch; the scores must still be those it fixed, the approvals fit into the envelope.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Stale`]; [`Error::Forbidden`] in a conflict; refusals for scores that changed and for the
/// envelope.
pub async fn submit_batch<P: Drafts>(by: &As<P>, id: DecisionBatchId, version: i32) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let (batch, call) = to_change(tx, by, id).await?;
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
