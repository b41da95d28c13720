//! Refunds through the processor (退款): proposed by one, confirmed by another, held in the books, then asked of the processor
//! under a stored key, and posted or freed by what it says.

use super::disputes::{self, STANDING_REFUNDS, disputed};
use super::{REFUND_JOB, house, load, locked, mark_odd, ours, processor, truth};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::commons::{holds, letters, proposals};
use crate::core::cards::to_processor;
use crate::edges::db::Tx;
use crate::edges::stripe::{MARK, Trouble, told};
use crate::edges::{Edges, outbox};
use crate::error::{Error, Result};
use crate::grants::funds::service::closing::successor;
use crate::grants::gifts::service::{self as gifts, online};
use crate::grants::orders::rules::{KEY_HOURS, RefundSaid, read_refund};
use crate::ledger::lots;
use crate::ledger::recipes::{self, Sum};
use crate::people::permission::{Approver, As, Finance, Permission, RolePermission, System};
use chrono::{DateTime, Duration, Utc};
use entities::kinds::{
    CardRefundId, CardRefundStage, GiftId, GiftStage, OrderId, OrderStage, ProposalKind, Role, Subject,
};
use entities::{card_refund, online_order};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// What is proposed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proposed {
    /// Whole or in part, in minor units.
    pub amount_minor: i64,
    /// In words.
    pub reason: String,
}

/// Refunds of an order, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_order(db: &impl ConnectionTrait, order: OrderId) -> Result<Vec<card_refund::Model>> {
    let of = card_refund::Entity::find().filter(card_refund::Column::OrderId.eq(order));
    Ok(of.order_by_asc(card_refund::Column::Id).all(db).await?)
}

/// What of an order may still be refunded, in minor units: net of refunds that stand, of what is disputed, and of the fee
/// that the fund bore: the processor does not give it back.
async fn left(tx: &Tx, order: &online_order::Model) -> Result<i64> {
    let refunds = of_order(tx, order.id).await?;
    let standing = refunds.iter().filter(|row| STANDING_REFUNDS.contains(&row.stage));
    let refunded_minor: i64 = standing.map(|row| row.amount_minor).sum();
    let kept_minor = lots::kept_of_gift(tx, order.gift_id).await?;
    Ok(order.amount_minor - refunded_minor - disputed(tx, order.id).await? - kept_minor)
}

async fn refundable(tx: &Tx, order: &online_order::Model, amount_minor: i64) -> Result<()> {
    if order.stage != OrderStage::Paid {
        return Err(Error::refused("refused-stage"));
    }
    if amount_minor <= 0 {
        return Err(Error::field("amount", "refused-zero"));
    }
    if amount_minor > left(tx, order).await? {
        return Err(Error::field("amount", "refused-order-refund-above"));
    }
    Ok(())
}

/// Proposes to refund a paid order, whole or in part.
///
/// # Errors
/// [`Error::NotFound`]; a refusal without a reason, or above what is left of it.
pub async fn propose(by: &As<Finance>, id: OrderId, amount_minor: i64, reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    let asked = &Proposed { amount_minor, reason: reason.trim().to_owned() };
    by.decide(|tx| async move {
        let tx = &tx;
        let order = locked(tx, id).await?;
        refundable(tx, &order, asked.amount_minor).await?;
        proposals::propose(tx, by, ProposalKind::Refund, Subject::Order, id.0, asked).await.map(|_| ())
    })
    .await
}

/// Confirms a proposed refund: it is held in the books, its part of the match goes back, and the processor is asked.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed; forbidden for the proposer and the donor's people; a refusal when part of it is
/// promised, spent, refunded or disputed, or the fund is held.
pub async fn confirm(by: &As<Approver>, id: OrderId) -> Result<()> {
    let refund = by
        .decide(|tx| async move {
            let tx = &tx;
            let order = locked(tx, id).await?;
            let given = gifts::load(tx, order.gift_id).await?;
            if gifts::is_donor(by, &given) {
                return Err(Error::Forbidden("forbidden-gift-own"));
            }
            let open = proposals::open(tx, ProposalKind::Refund, Subject::Order, id.0).await?;
            let proposer = open.ok_or(Error::NotFound)?.proposed_by;
            let asked: Proposed = proposals::confirm(tx, by, ProposalKind::Refund, Subject::Order, id.0).await?;
            refundable(tx, &order, asked.amount_minor).await?;
            let fund = lots::home(tx, given.id).await?.ok_or(Error::NotFound)?;
            holds::none(
                tx,
                by,
                &[(Subject::Fund, fund.0), (Subject::Fund, given.fund_id.0), (Subject::Gift, given.id.0)],
            )
            .await?;
            let before = disputes::gone(tx, id, None).await?;
            let row = card_refund::ActiveModel {
                order_id: Set(id),
                gift_id: Set(given.id),
                amount_minor: Set(asked.amount_minor),
                currency: Set(order.currency),
                idempotency_key: Set(format!("refund-{}", by.edges.dice.token())),
                stage: Set(CardRefundStage::Held),
                reason: Set(asked.reason),
                proposed_by: Set(proposer),
                confirmed_by: Set(by.person()?),
                created_at: Set(tx.now()),
                ..Default::default()
            };
            let row = card_refund::Entity::insert(row).exec_with_returning(tx).await?;
            let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
            recipes::card_refund_held(tx, by, row.id, given.id, fund, sum).await?;
            let key = format!("card-refund:{}", row.id);
            online::give_matches_back(tx, by, given.id, before, sum, &key, false).await?;
            outbox::enqueue(tx, REFUND_JOB, json!(row.id), tx.now(), Some(format!("{REFUND_JOB}:{}", row.id))).await?;
            Ok(row.id)
        })
        .await?;
    if let Err(error) = send(&by.edges, refund).await {
        tracing::warn!(refund = refund.0, %error, "the refund is not sent yet");
    }
    Ok(())
}

/// Declines a proposed refund, or withdraws one's own.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed.
pub async fn decline<R: RolePermission>(by: &As<R>, id: OrderId, reason: &str) -> Result<()> {
    if !matches!(R::ROLE, Role::FinanceOfficer | Role::Approver) {
        return Err(Error::Forbidden("forbidden-approver"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        proposals::decline(tx, by, ProposalKind::Refund, Subject::Order, id.0, reason).await
    })
    .await
}

/// Asks the processor for a refund that is held. Where the outcome of an earlier call is unknown it looks first, and long after
/// that call it asks no more: the processor may have forgotten the key.
///
/// # Errors
/// When the outcome is unknown: the money stays held, and asked again it looks first.
pub async fn send(edges: &Arc<Edges>, id: CardRefundId) -> Result<()> {
    let db = edges.db.read();
    let row = card_refund::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let order = load(db, row.order_id).await?;
    let (CardRefundStage::Held, Some(payment)) = (row.stage, &order.payment_intent) else { return Ok(()) };
    if row.first_called_at.is_some() {
        let there = processor(edges)?.refunds(payment).await?;
        if there.iter().any(|told| is_ours(told, &row)) {
            return truth::look(edges, order.id).await;
        }
        if is_lost(&row, edges.clock.now()) {
            return lost(edges, order.id).await;
        }
    }
    called(edges, id).await?;
    let amount = to_processor(row.amount_minor, row.currency.0)
        .map_err(|error| Error::Internal(format!("refund {id}: {error}")))?;
    match processor(edges)?.refund(&row.idempotency_key, payment, amount, &row.idempotency_key).await {
        Ok(_) => truth::look(edges, order.id).await,
        Err(Trouble::Refused(why)) => {
            let system = &house(edges);
            let why = &why;
            system.write(|tx| async move { freed(&tx, system, id, why).await }).await
        }
        Err(unknown) => Err(unknown.into()),
    }
}

fn is_ours(told: &told::Refund, row: &card_refund::Model) -> bool {
    let marked = told.metadata.as_ref().and_then(|marks| marks.get(MARK)) == Some(&row.idempotency_key);
    marked || row.refund_id.as_ref() == Some(&told.id)
}

/// Whether a refund is held so long after it was first asked for that the key may be forgotten: nobody asks again.
pub fn is_lost(row: &card_refund::Model, now: DateTime<Utc>) -> bool {
    let late = row.first_called_at.is_some_and(|at| now - at > Duration::hours(KEY_HOURS));
    row.stage == CardRefundStage::Held && late
}

/// Nobody knows whether the processor made it, and the key may be forgotten: finance looks.
async fn lost(edges: &Arc<Edges>, order: OrderId) -> Result<()> {
    let system = &house(edges);
    system
        .write(|tx| async move {
            let tx = &tx;
            let order = locked(tx, order).await?;
            mark_odd(tx, system, &order, "refused-order-refund-lost").await
        })
        .await
}

async fn called(edges: &Arc<Edges>, id: CardRefundId) -> Result<()> {
    edges
        .db
        .write(|tx| async move {
            let tx = &tx;
            let row = of(tx, id).await?;
            if row.first_called_at.is_none() {
                let set = card_refund::ActiveModel {
                    id: Set(id),
                    first_called_at: Set(Some(tx.now())),
                    ..Default::default()
                };
                card_refund::Entity::update(set).exec(tx).await?;
            }
            Ok(())
        })
        .await
}

async fn of(tx: &Tx, id: CardRefundId) -> Result<card_refund::Model> {
    card_refund::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)
}

/// The hold is freed: the refund was not made.
async fn freed<P: Permission>(tx: &Tx, by: &As<P>, id: CardRefundId, why: &str) -> Result<()> {
    let row = of(tx, id).await?;
    if !matches!(row.stage, CardRefundStage::Held | CardRefundStage::Sent) {
        return Ok(());
    }
    advance(tx, by, &row, "free", Note::act("").because(why)).await?;
    ended(tx, id).await?;
    let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
    let fund = recipes::card_refund_void(tx, by, id, row.gift_id, sum).await?;
    disputes::cover_losses(tx, by, &row, fund).await?;
    events::record(tx, by, Subject::Order, row.order_id.0, Note::act("refund-failed").because(why)).await?;
    let link = format!("/orders/{}", row.order_id);
    letters::to_role(tx, Role::FinanceOfficer, "order-refund-failed", &[], &link).await
}

async fn ended(tx: &Tx, id: CardRefundId) -> Result<()> {
    let set = card_refund::ActiveModel { id: Set(id), ended_at: Set(Some(tx.now())), ..Default::default() };
    card_refund::Entity::update(set).exec(tx).await?;
    Ok(())
}

/// Frees a refund of which the processor says, long after it was asked, that it never had it.
///
/// # Errors
/// [`Error::NotFound`] when none is held; a refusal when it may still be made, or was made.
pub async fn free_lost(by: &As<Finance>, order: OrderId, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    let db = by.edges.db.read();
    let payment = load(db, order).await?.payment_intent.ok_or(Error::NotFound)?;
    let mut rows = of_order(db, order).await?;
    rows.retain(|row| row.stage == CardRefundStage::Held);
    let now = by.edges.clock.now();
    let held = rows.iter().find(|row| is_lost(row, now)).or(rows.first()).ok_or(Error::NotFound)?;
    if !is_lost(held, now) || processor(&by.edges)?.refunds(&payment).await?.iter().any(|told| is_ours(told, held)) {
        return Err(Error::refused("refused-order-refund-under-way"));
    }
    let held = held.id;
    by.decide(|tx| async move {
        let tx = &tx;
        let row = locked(tx, order).await?;
        freed(tx, by, held, reason).await?;
        super::clear_odd(tx, by, &row).await
    })
    .await
}

/// Takes over what the processor holds of an order's refunds. Answers what a person must look at.
pub(super) async fn take_over(
    tx: &Tx,
    by: &As<System>,
    order: &online_order::Model,
    told: &[told::Refund],
) -> Result<Option<&'static str>> {
    let rows = of_order(tx, order.id).await?;
    // The processor does not have it, and it is too late to ask: it stays so until finance frees it.
    let lost = rows.iter().any(|row| is_lost(row, tx.now()) && !told.iter().any(|refund| is_ours(refund, row)));
    let mut odd = lost.then_some("refused-order-refund-lost");
    for refund in told {
        let said = read_refund(refund.status.as_deref());
        let found = rows.iter().find(|row| is_ours(refund, row));
        odd = odd.or(match (found, said) {
            (_, None) => Some("refused-order-unknown-refund"),
            // Made past the two people who decide here; what failed moved nothing.
            (None, Some(RefundSaid::Failed)) => None,
            (None, Some(_)) => Some("refused-order-foreign-refund"),
            (Some(row), Some(said)) => {
                if ours(refund.amount, &refund.currency, row.currency) == Some(row.amount_minor) {
                    one(tx, by, row.id, &refund.id, said).await?
                } else {
                    Some("refused-order-amount")
                }
            }
        });
    }
    Ok(odd)
}

/// One refund follows the processor's word: sent, then posted or free; or back after it was posted. One that was free and is
/// made all the same (found after finance freed it) is nothing we can follow.
async fn one(
    tx: &Tx,
    by: &As<System>,
    id: CardRefundId,
    refund: &str,
    said: RefundSaid,
) -> Result<Option<&'static str>> {
    let row = of(tx, id).await?;
    if row.stage == CardRefundStage::Held {
        let set =
            card_refund::ActiveModel { id: Set(id), refund_id: Set(Some(refund.to_owned())), ..Default::default() };
        card_refund::Entity::update(set).exec(tx).await?;
        advance(tx, by, &row, "send", Note::act("")).await?;
    }
    let row = of(tx, id).await?;
    let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
    match (row.stage, said) {
        (CardRefundStage::Sent, RefundSaid::Posted) => {
            advance(tx, by, &row, "post", Note::act("")).await?;
            ended(tx, id).await?;
            recipes::card_refund_posted(tx, by, id, row.gift_id, sum).await?;
            if !whole(tx, by, row.order_id, row.gift_id).await? {
                online::told(tx, row.gift_id, "gift-refunded").await?;
            }
        }
        (CardRefundStage::Sent, RefundSaid::Failed) => freed(tx, by, id, "failed at the processor").await?,
        (CardRefundStage::Posted, RefundSaid::Failed) => returned(tx, by, &row, sum).await?,
        (CardRefundStage::Void | CardRefundStage::Returned, RefundSaid::Sent | RefundSaid::Posted) => {
            return Ok(Some("refused-order-freed-refund"));
        }
        _ => {}
    }
    Ok(None)
}

/// A refund that was made came back: the fund has it again, or who takes what is that fund's now.
async fn returned(tx: &Tx, by: &As<System>, row: &card_refund::Model, sum: Sum) -> Result<()> {
    advance(tx, by, row, "return", Note::act("")).await?;
    let into = successor(tx, recipes::card_refund_fund(tx, row.id).await?).await?;
    recipes::card_refund_returned(tx, by, row.id, row.gift_id, sum, into).await?;
    online::moved(tx, by, row.gift_id, GiftStage::Refunded, "take-back", "").await?;
    if let Some(fund) = into {
        disputes::cover_losses(tx, by, row, fund).await?;
    }
    disputes::disputed_still(tx, by, row.order_id, row.gift_id).await?;
    events::record(tx, by, Subject::Order, row.order_id.0, Note::act("refund-failed")).await?;
    let link = format!("/orders/{}", row.order_id);
    if into.is_none() {
        return letters::to_role(tx, Role::FinanceOfficer, "order-refund-homeless", &[], &link).await;
    }
    letters::to_role(tx, Role::FinanceOfficer, "order-refund-failed", &[], &link).await
}

/// A gift of which all went back is refunded. Answers whether all of it did.
pub(super) async fn whole(tx: &Tx, by: &As<System>, order: OrderId, gift: GiftId) -> Result<bool> {
    let given = gifts::load(tx, gift).await?;
    let rows = of_order(tx, order).await?;
    let posted = rows.iter().filter(|row| row.stage == CardRefundStage::Posted);
    if posted.map(|row| row.amount_minor).sum::<i64>() != given.amount_minor {
        return Ok(false);
    }
    online::moved(tx, by, given.id, GiftStage::Received, "give-back", "gift-refunded").await?;
    Ok(true)
}
