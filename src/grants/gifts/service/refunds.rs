//! Refunds: a bank gift goes back whole, while all of it is free; its match goes back to the pool.

use super::receipts::unused;
use super::{load, not_own, tell};
use crate::commons::events::{self, Note};
use crate::commons::lives::{advance, permitted};
use crate::commons::{holds, proposals};
use crate::core::matching::reversal_for;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::ledger::books;
use crate::ledger::recipes::{self, Sum};
use crate::people::permission::{Approver, As, Finance, RolePermission};
use entities::gift;
use entities::kinds::{GiftId, GiftKind, GiftStage, ProposalKind, Role, Subject};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Proposes to refund a received bank gift.
///
/// # Errors
/// [`Error::NotFound`]; a refusal without a reason, for other kinds of gifts, or when it was not received.
pub async fn propose_refund(by: &As<Finance>, id: GiftId, reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = refundable(tx, id).await?;
        permitted(&row, by, "refund")?;
        proposals::propose(tx, by, ProposalKind::Refund, Subject::Gift, id.0, &reason).await.map(|_| ())
    })
    .await
}

/// Confirms a refund: the money is held until the bank line of the refund is recorded, and the match goes back.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed; forbidden for the proposer and the donor's people; a refusal when part of
/// the gift is promised or spent, or the fund is held.
pub async fn confirm_refund(by: &As<Approver>, id: GiftId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = refundable(tx, id).await?;
        permitted(&row, by, "refund")?;
        not_own(by, &row)?;
        let _reason: String = proposals::confirm(tx, by, ProposalKind::Refund, Subject::Gift, id.0).await?;
        holds::none(tx, &[(Subject::Fund, row.fund_id.0), (Subject::Gift, id.0)]).await?;
        let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
        recipes::refund_held(tx, by, id, row.fund_id, sum, &id.to_string()).await?;
        give_matches_back(tx, by, &row, sum).await
    })
    .await
}

/// Records the bank line with which the refund left.
///
/// # Errors
/// [`Error::NotFound`] when no refund is held; a refusal when the line was recorded before.
pub async fn settle_refund(by: &As<Finance>, id: GiftId, bank_line: &str) -> Result<()> {
    if bank_line.trim().is_empty() {
        return Err(Error::field("bank_line", "refused-empty"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let held = held(tx, id).await?.ok_or(Error::NotFound)?;
        unused(tx, bank_line.trim()).await?;
        advance(tx, by, &row, "refund", Note::act("").because(bank_line.trim())).await?;
        let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
        recipes::refund_posted(tx, by, id, row.fund_id, sum, held, &id.to_string()).await?;
        tell(tx, &row, "gift-refunded").await
    })
    .await
}

/// Declines a proposed refund, or withdraws one's own.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed.
pub async fn decline_refund<R: RolePermission>(by: &As<R>, id: GiftId, reason: &str) -> Result<()> {
    if !matches!(R::ROLE, Role::FinanceOfficer | Role::Approver) {
        return Err(Error::Forbidden("forbidden-approver"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        proposals::decline(tx, by, ProposalKind::Refund, Subject::Gift, id.0, reason).await
    })
    .await
}

/// The transfer that holds a refund, if one is held and not settled.
///
/// # Errors
/// When the database cannot be read.
pub async fn held(db: &impl ConnectionTrait, id: GiftId) -> Result<Option<entities::kinds::TransferId>> {
    let pending = books::made(db, &format!("refund:{id}")).await?;
    let settled = books::made(db, &format!("refund:{id}:posted")).await?;
    Ok(pending.filter(|_| settled.is_none()).map(|row| row.id))
}

async fn refundable(tx: &Tx, id: GiftId) -> Result<gift::Model> {
    let row = load(tx, id).await?;
    if row.kind != GiftKind::Bank {
        return Err(Error::refused("refused-gift-refund-kind"));
    }
    if books::made(tx, &format!("refund:{id}")).await?.is_some() {
        return Err(Error::refused("refused-gift-refund-held"));
    }
    Ok(row)
}

async fn give_matches_back(tx: &Tx, by: &As<Approver>, row: &gift::Model, sum: Sum) -> Result<()> {
    let matches = gift::Entity::find()
        .filter(gift::Column::MatchedGiftId.eq(row.id))
        .filter(gift::Column::Stage.eq(GiftStage::Received))
        .all(tx)
        .await?;
    for matching in matches {
        let Some(pool) = matching.pool_id else { continue };
        let amount_minor = reversal_for(row.amount_minor, matching.amount_minor, 0, row.amount_minor)
            .map_err(|error| Error::Internal(format!("match of gift {}: {error:?}", row.id)))?;
        let back = Sum { amount_minor, ..sum };
        recipes::match_reversed(tx, by, pool, row.fund_id, matching.id, back, "refund").await?;
        let set = gift::ActiveModel { id: Set(matching.id), stage: Set(GiftStage::Refunded), ..Default::default() };
        gift::Entity::update(set).exec(tx).await?;
        events::record(tx, by, Subject::Gift, matching.id.0, Note::act("match-reversed")).await?;
    }
    Ok(())
}
