//! Disputes (争议): a donor's bank asks, takes the money back, and perhaps gives it again.
//!
//! Booked from the processor's own entries, each once by its mark: a withdrawal takes what the fund still has of the gift, the
//! rest is the foundation's loss; a reinstatement reverses the same legs. Meanwhile fund and gift are held.

use super::{ours, refunds};
use crate::commons::events::{self, Note};
use crate::commons::holds;
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::edges::stripe::told::{self, Entry};
use crate::error::{Error, Result};
use crate::grants::gifts::service::{self as gifts, online};
use crate::grants::orders::rules::read_dispute;
use crate::ledger::lots;
use crate::ledger::recipes::{self, Sum};
use crate::people::permission::{As, Permission, System};
use entities::kinds::{
    CardRefundStage, DisputeId, DisputeStage, FundId, GiftId, GiftStage, HoldKind, OrderId, Role, Subject,
};
use entities::{card_refund, dispute, online_order};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// What the public reads while a fund is held: nobody is named.
const HELD: &str =
    "一笔线上捐赠存在争议，核实期间暂停动用。 · A payment to this fund is disputed; its money rests meanwhile.";

/// Disputes of an order, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_order(db: &impl ConnectionTrait, order: OrderId) -> Result<Vec<dispute::Model>> {
    let of = dispute::Entity::find().filter(dispute::Column::OrderId.eq(order));
    Ok(of.order_by_asc(dispute::Column::Id).all(db).await?)
}

/// Takes over what the processor holds of an order's disputes. Answers what a person must look at.
pub(super) async fn take_over(
    tx: &Tx,
    by: &As<System>,
    order: &online_order::Model,
    told: &[told::Dispute],
) -> Result<Option<&'static str>> {
    let mut odd = None;
    for dispute in told {
        odd = odd.or(one(tx, by, order, dispute).await?);
    }
    if !told.is_empty() {
        settle_hold(tx, by, order).await?;
    }
    Ok(odd)
}

async fn one(
    tx: &Tx,
    by: &As<System>,
    order: &online_order::Model,
    told: &told::Dispute,
) -> Result<Option<&'static str>> {
    let Some(stage) = read_dispute(&told.status) else { return Ok(Some("refused-order-unknown-dispute")) };
    let Some(amount_minor) = ours(told.amount, &told.currency, order.currency) else {
        return Ok(Some("refused-order-currency"));
    };
    let row = match known(tx, &told.id).await? {
        Some(row) => row,
        None => begun(tx, by, order, told, amount_minor, stage).await?,
    };
    let mut odd = None;
    for entry in &told.balance_transactions {
        odd = odd.or(booked(tx, by, order, &row, entry, &told.balance_transactions).await?);
    }
    // Of what could not be booked nobody knows what it took: it rests until a person did something, or it was won.
    if odd.is_some() && stage == DisputeStage::Lost {
        return Ok(odd);
    }
    let row = known(tx, &told.id).await?.ok_or(Error::NotFound)?;
    let of_move = moved(tx, by, order, &row, stage).await?;
    Ok(odd.or(of_move))
}

async fn known(tx: &Tx, id: &str) -> Result<Option<dispute::Model>> {
    Ok(dispute::Entity::find().filter(dispute::Column::DisputeId.eq(id)).one(tx).await?)
}

/// We learn of a dispute: fund and gift are held unless it is only asked about.
async fn begun(
    tx: &Tx,
    by: &As<System>,
    order: &online_order::Model,
    told: &told::Dispute,
    amount_minor: i64,
    stage: DisputeStage,
) -> Result<dispute::Model> {
    let first = if stage == DisputeStage::Inquiry { stage } else { DisputeStage::Open };
    let row = dispute::ActiveModel {
        order_id: Set(order.id),
        dispute_id: Set(told.id.clone()),
        amount_minor: Set(amount_minor),
        currency: Set(order.currency),
        stage: Set(first),
        reason: Set(told.reason.chars().take(60).collect()),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let row = dispute::Entity::insert(row).exec_with_returning(tx).await?;
    events::record(tx, by, Subject::Dispute, row.id.0, Note::act("open").because(&told.reason)).await?;
    events::record(tx, by, Subject::Order, order.id.0, Note::act("disputed")).await?;
    letters::to_role(tx, Role::FinanceOfficer, "order-disputed", &[], &format!("/orders/{}", order.id)).await?;
    Ok(row)
}

/// Books one of the processor's entries.
async fn booked(
    tx: &Tx,
    by: &As<System>,
    order: &online_order::Model,
    row: &dispute::Model,
    entry: &Entry,
    all: &[Entry],
) -> Result<Option<&'static str>> {
    let amount = ours(entry.amount.abs(), &entry.currency, order.currency);
    let fee = ours(entry.fee, &entry.currency, order.currency);
    let (Some(amount_minor), Some(fee_minor)) = (amount, fee) else {
        return Ok(Some("refused-order-settled-otherwise"));
    };
    let sum = Sum { amount_minor, currency: order.currency, on: by.day_of(tx.now()) };
    let fund = home(tx, order).await?;
    if entry.amount < 0 {
        if let Some(done) = recipes::dispute_withdrawn(tx, by, order.gift_id, fund, sum, &entry.id).await? {
            add(tx, row.id, done.taken_minor, done.lost_minor, 0).await?;
            online::moved(tx, by, order.gift_id, GiftStage::Received, "dispute", "").await?;
        }
    } else if entry.amount > 0 {
        // It gives back what an earlier entry of the same amount took.
        let Some(taken) = all.iter().find(|other| other.amount == -entry.amount) else {
            return Ok(Some("refused-order-unknown-dispute"));
        };
        if let Some(done) = recipes::dispute_reinstated(tx, by, order.gift_id, sum, &taken.id).await? {
            let refunds: Vec<_> = refunds::of_order(tx, order.id).await?.iter().map(|row| row.id).collect();
            let covered = recipes::dispute_cover_undone(tx, by, row.id, &refunds, order.gift_id, sum).await?;
            add(tx, row.id, -(done.taken_minor + covered), covered - done.lost_minor, 0).await?;
        }
    }
    let of_fee = Sum { amount_minor: fee_minor.abs(), ..sum };
    if recipes::dispute_fee(tx, by, order.id, of_fee, fee_minor, &entry.id).await? {
        add(tx, row.id, 0, 0, fee_minor).await?;
    }
    Ok(None)
}

/// Counts what an entry moved: from the fund, as loss, as fee.
async fn add(tx: &Tx, id: DisputeId, taken_minor: i64, lost_minor: i64, fee_minor: i64) -> Result<()> {
    let row = dispute::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
    let set = dispute::ActiveModel {
        id: Set(id),
        taken_minor: Set(row.taken_minor + taken_minor),
        lost_minor: Set(row.lost_minor + lost_minor),
        fee_minor: Set(row.fee_minor + fee_minor),
        ..Default::default()
    };
    dispute::Entity::update(set).exec(tx).await?;
    Ok(())
}

/// A refund was not made after all, and meanwhile disputes took its part of the gift as the foundation's loss, for it was held
/// then: what is free again covers that first, or the foundation would have lost what the fund can spend.
pub(super) async fn cover_losses<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    refund: &card_refund::Model,
    fund: FundId,
) -> Result<()> {
    let mut left_minor = refund.amount_minor;
    for row in of_order(tx, refund.order_id).await? {
        let amount_minor = row.lost_minor.min(left_minor);
        if amount_minor > 0 {
            let sum = Sum { amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
            recipes::dispute_loss_covered(tx, by, row.id, refund.id, refund.gift_id, fund, sum).await?;
            add(tx, row.id, amount_minor, -amount_minor, 0).await?;
            left_minor -= amount_minor;
        }
    }
    Ok(())
}

/// A refund of the whole gift came back while a dispute is open: the gift is disputed and not received.
pub(super) async fn disputed_still(tx: &Tx, by: &As<System>, order: OrderId, gift: GiftId) -> Result<()> {
    let taken = |row: &dispute::Model| row.stage == DisputeStage::Open && row.taken_minor + row.lost_minor > 0;
    if of_order(tx, order).await?.iter().any(taken) {
        online::moved(tx, by, gift, GiftStage::Received, "dispute", "").await?;
    }
    Ok(())
}

/// The fund in which the gift's money is now.
async fn home(tx: &Tx, order: &online_order::Model) -> Result<FundId> {
    lots::home(tx, order.gift_id).await?.ok_or(Error::NotFound)
}

/// Moves the dispute, and its gift when it is over.
async fn moved(
    tx: &Tx,
    by: &As<System>,
    order: &online_order::Model,
    row: &dispute::Model,
    stage: DisputeStage,
) -> Result<Option<&'static str>> {
    let act = match (row.stage, stage) {
        (from, to) if from == to => return Ok(None),
        // What was decided stays; an answer from before that is older. Decided otherwise, a person must look.
        (DisputeStage::Won, DisputeStage::Lost) | (DisputeStage::Lost, DisputeStage::Won) => {
            return Ok(Some("refused-order-unknown-dispute"));
        }
        (DisputeStage::Won | DisputeStage::Lost | DisputeStage::Closed, _) => return Ok(None),
        (_, DisputeStage::Won) => "win",
        (_, DisputeStage::Lost) => "lose",
        (_, DisputeStage::Closed) => "close",
        (DisputeStage::Inquiry, DisputeStage::Open) => "escalate",
        _ => return Ok(None),
    };
    let still_taken = row.taken_minor + row.lost_minor;
    if act == "win" && still_taken > 0 {
        // The word comes before the money: it is over when the money is back.
        return Ok(None);
    }
    advance(tx, by, row, act, Note::act("")).await?;
    if act == "escalate" {
        return Ok(None);
    }
    let set = dispute::ActiveModel { id: Set(row.id), ended_at: Set(Some(tx.now())), ..Default::default() };
    dispute::Entity::update(set).exec(tx).await?;
    if still_taken == 0 {
        reinstated(tx, by, order).await?;
        return Ok(None);
    }
    lost(tx, by, order, row, still_taken).await?;
    Ok(None)
}

/// The gift is received again, or refunded, should all of it have gone back to the donor meanwhile.
async fn reinstated(tx: &Tx, by: &As<System>, order: &online_order::Model) -> Result<()> {
    online::moved(tx, by, order.gift_id, GiftStage::Disputed, "reinstate", "").await?;
    refunds::whole(tx, by, order.id, order.gift_id).await.map(|_| ())
}

/// Lost: the match of what is gone goes back as far as it is free. A gift of which something is left stays received.
async fn lost(
    tx: &Tx,
    by: &As<System>,
    order: &online_order::Model,
    row: &dispute::Model,
    gone_minor: i64,
) -> Result<()> {
    let given = gifts::load(tx, order.gift_id).await?;
    let before_minor = gone(tx, order.id, Some(row.id)).await?;
    let sum = Sum { amount_minor: gone_minor, currency: order.currency, on: by.day_of(tx.now()) };
    online::give_matches_back(tx, by, given.id, before_minor, sum, &format!("dispute:{}", row.id), true).await?;
    let act = if before_minor + gone_minor >= given.amount_minor { "lose" } else { "reinstate" };
    online::moved(tx, by, given.id, GiftStage::Disputed, act, "").await
}

/// What of an order went back to the donor and stays away, in minor units: refunds that stand, and disputes that were lost, but
/// for one of these.
pub(super) async fn gone(tx: &Tx, order: OrderId, but: Option<DisputeId>) -> Result<i64> {
    let rows = refunds::of_order(tx, order).await?;
    let refunds = rows.iter().filter(|row| STANDING_REFUNDS.contains(&row.stage)).map(|row| row.amount_minor);
    let disputes = of_order(tx, order).await?;
    let lost = disputes.iter().filter(|row| row.stage == DisputeStage::Lost && Some(row.id) != but);
    Ok(refunds.sum::<i64>() + lost.map(|row| row.taken_minor + row.lost_minor).sum::<i64>())
}

/// Fund and gift are held while a dispute is open, and free once none is: of this gift, and of any gift of the fund.
async fn settle_hold(tx: &Tx, by: &As<System>, order: &online_order::Model) -> Result<()> {
    let fund = home(tx, order).await?;
    // Of two disputes of one fund, the end of one must see the beginning of the other.
    entities::fund::Entity::find_by_id(fund).lock_exclusive().one(tx).await?;
    let open: Vec<GiftId> = open_orders(tx).await?.iter().map(|row| row.gift_id).collect();
    let of_gift = open.contains(&order.gift_id);
    // By their lots: after a merger a gift's money is in another fund than it was given to.
    let here = lots::any_in(tx, &open, fund).await?;
    for (subject, id, open) in [(Subject::Gift, order.gift_id.0, of_gift), (Subject::Fund, fund.0, here)] {
        let stands = holds::standing(tx, subject, id).await?.iter().any(|hold| hold.kind == HoldKind::Dispute);
        match (open, stands) {
            (true, false) => holds::put(tx, by, HoldKind::Dispute, subject, id, HELD, None).await.map(|_| ())?,
            (false, true) => holds::lift_own(tx, by, HoldKind::Dispute, subject, id).await?,
            _ => {}
        }
    }
    Ok(())
}

/// Orders of which a dispute is open: never many.
async fn open_orders(tx: &Tx) -> Result<Vec<online_order::Model>> {
    let open = dispute::Entity::find().filter(dispute::Column::Stage.eq(DisputeStage::Open)).all(tx).await?;
    let ids = open.iter().map(|row| row.order_id);
    Ok(online_order::Entity::find().filter(online_order::Column::Id.is_in(ids)).all(tx).await?)
}

/// What of a gift is disputed and not back, in minor units: it cannot be refunded as well.
pub(super) async fn disputed(tx: &Tx, order: OrderId) -> Result<i64> {
    let standing = of_order(tx, order).await?.into_iter().filter(|row| row.stage != DisputeStage::Closed);
    Ok(standing
        .map(|row| if row.stage == DisputeStage::Open { row.amount_minor } else { row.taken_minor + row.lost_minor })
        .sum())
}

/// Refunds that count against a gift: held, sent or made.
pub(super) const STANDING_REFUNDS: [CardRefundStage; 3] =
    [CardRefundStage::Held, CardRefundStage::Sent, CardRefundStage::Posted];
