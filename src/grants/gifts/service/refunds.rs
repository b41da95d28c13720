//! Refunds: a bank gift goes back whole, while all of it is free; its match goes back to the pool.

use super::receipts::unused;
use super::{load, not_own, tell};
use crate::commons::events::{self, Note};
use crate::commons::lives::{advance, permitted};
use crate::commons::{holds, letters, proposals};
use crate::core::matching::reversal_for;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::funds::service::pools;
use crate::ledger::lines::{self, Moved};
use crate::ledger::lots;
use crate::ledger::recipes::{self, Sum};
use crate::people::permission::{Approver, As, Finance, RolePermission};
use chrono::NaiveDate;
use entities::kinds::{FundId, GiftId, GiftKind, GiftStage, MatchPoolStage, Phase, ProposalKind, Role, Subject};
use entities::{gift, posting, transfer};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// Proposes to refund a received bank gift.
///
/// # Errors
/// [`Error::NotFound`]; a refusal without a reason, for other kinds of gifts, or when it was not received.
pub async fn propose_refund(by: &As<Finance>, id: GiftId, reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.decide(|tx| async move {
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
    by.decide(|tx| async move {
        let tx = &tx;
        let row = refundable(tx, id).await?;
        permitted(&row, by, "refund")?;
        not_own(by, &row)?;
        let _reason: String = proposals::confirm(tx, by, ProposalKind::Refund, Subject::Gift, id.0).await?;
        holds::none(tx, by, &[(Subject::Fund, row.fund_id.0), (Subject::Gift, id.0)]).await?;
        let fund = lots::home(tx, id).await?.ok_or(Error::NotFound)?;
        holds::none(tx, by, &[(Subject::Fund, fund.0)]).await?;
        let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
        let turn = tries(tx, id).await?.iter().filter(|made| made.phase == Phase::Pending).count();
        let key = if turn == 0 { id.to_string() } else { format!("{id}/{}", turn + 1) };
        recipes::refund_held(tx, by, id, fund, sum, &key).await?;
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
    by.decide(|tx| async move {
        let tx = &tx;
        let on = by.day_of(tx.now());
        settled(tx, by, id, bank_line.trim(), on).await
    })
    .await
}

/// A refund left the bank, in the transaction of whoever found it on the statement.
pub(super) async fn settled<R: RolePermission>(
    tx: &Tx,
    by: &As<R>,
    id: GiftId,
    line: &str,
    on: NaiveDate,
) -> Result<()> {
    let row = load(tx, id).await?;
    let held = held(tx, id).await?.ok_or(Error::NotFound)?;
    let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on };
    unused(tx, line, Moved::went(sum)).await?;
    lines::take(tx, line, Moved::went(sum), Subject::Gift, id.0).await?;
    advance(tx, by, &row, "refund", Note::act("").because(line)).await?;
    let (fund, key) = (fund_of(tx, &held).await?, key_of(&held).to_owned());
    recipes::refund_posted(tx, by, id, fund, sum, held.id, &key).await?;
    tell(tx, &row, "gift-refunded").await
}

/// The bank rejected a refund: the hold is freed and the gift's lots are whole again. It may be proposed anew; the match that went
/// back to its pool stays there, because the pool may have promised it since.
///
/// # Errors
/// [`Error::NotFound`] when no refund is held; forbidden for the donor's people; a refusal without a reason.
pub async fn refund_failed(by: &As<Finance>, id: GiftId, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        not_own(by, &row)?;
        let held = held(tx, id).await?.ok_or(Error::NotFound)?;
        let sum = Sum { amount_minor: held.amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
        let (fund, key) = (fund_of(tx, &held).await?, key_of(&held).to_owned());
        recipes::refund_void(tx, by, id, fund, sum, held.id, &key).await?;
        events::record(tx, by, Subject::Gift, id.0, Note::act("refund-failed").because(reason)).await?;
        letters::to_role(tx, Role::Approver, "gift-refund-failed", &[], &format!("/gifts/{id}")).await
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
pub async fn held(db: &impl ConnectionTrait, id: GiftId) -> Result<Option<transfer::Model>> {
    let made = tries(db, id).await?;
    let ended = |row: &transfer::Model| made.iter().any(|end| end.resolves_id == Some(row.id));
    Ok(made.iter().find(|row| row.phase == Phase::Pending && !ended(row)).cloned())
}

/// Every transfer of a gift's refunds: held, posted and void.
async fn tries(db: &impl ConnectionTrait, id: GiftId) -> Result<Vec<transfer::Model>> {
    let first = format!("refund:{id}");
    let key = transfer::Column::IdempotencyKey;
    let of = Condition::any()
        .add(key.eq(first.as_str()))
        .add(key.starts_with(format!("{first}:")))
        .add(key.starts_with(format!("{first}/")));
    Ok(transfer::Entity::find().filter(of).order_by_asc(transfer::Column::Id).all(db).await?)
}

/// The fund that a held refund leaves.
async fn fund_of(tx: &Tx, held: &transfer::Model) -> Result<FundId> {
    let row = posting::Entity::find_by_id(held.posting_id).one(tx).await?;
    row.and_then(|row| row.fund_id).ok_or(Error::NotFound)
}

/// The key of a refund as the recipes take it.
fn key_of(held: &transfer::Model) -> &str {
    held.idempotency_key.strip_prefix("refund:").unwrap_or(&held.idempotency_key)
}

async fn refundable(tx: &Tx, id: GiftId) -> Result<gift::Model> {
    let row = load(tx, id).await?;
    // A seed is a bank gift by its books, and never came in at the bank.
    if row.kind != GiftKind::Bank || row.bank_line.is_none() {
        return Err(Error::refused("refused-gift-refund-kind"));
    }
    if held(tx, id).await?.is_some() {
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
        let fund = lots::home(tx, matching.id).await?.ok_or(Error::NotFound)?;
        recipes::match_reversed(tx, by, pool, fund, matching.id, back, "refund").await?;
        let pool = pools::load_pool(tx, pool).await?;
        if pool.stage == MatchPoolStage::Closed {
            // Nothing else takes money out of a closed pool.
            let turn = format!(":{}", matching.id);
            recipes::pool_returned(tx, by, pool.id, pool.fund_id, back, &turn).await?;
        }
        let set = gift::ActiveModel { id: Set(matching.id), stage: Set(GiftStage::Refunded), ..Default::default() };
        gift::Entity::update(set).exec(tx).await?;
        events::record(tx, by, Subject::Gift, matching.id.0, Note::act("match-reversed")).await?;
    }
    Ok(())
}
