//! Lots in the database: what [`crate::core::lots`] draws is written here, move by move, with the transfer it goes with.

use crate::core::lots::{self as rule, Allocation, Draw, Lot};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use entities::kinds::{DecisionItemId, FundId, GiftId, LotId, LotMoveKind, NeedId, TransferId};
use entities::{lot, lot_move};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;

/// What became of a lot so far, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Use {
    /// Promised to decisions and not yet spent.
    pub allocated_minor: i64,
    /// Spent.
    pub consumed_minor: i64,
    /// Given back to the donor.
    pub refunded_minor: i64,
    /// Kept by the processor that brought it, where the fund bears that.
    pub kept_minor: i64,
}

impl Use {
    /// What of a lot is neither promised, spent, given back nor kept by the processor.
    pub fn free_of(&self, lot: &lot::Model) -> i64 {
        lot.amount_minor - self.allocated_minor - self.consumed_minor - self.refunded_minor - self.kept_minor
    }
}

/// A receipt becomes a lot.
///
/// # Errors
/// When the database refuses.
pub async fn receive(
    tx: &Tx,
    fund: FundId,
    gift: GiftId,
    restriction: Option<NeedId>,
    amount_minor: i64,
    transfer: TransferId,
) -> Result<()> {
    let row = lot::ActiveModel {
        fund_id: Set(fund),
        gift_id: Set(gift),
        restriction_need_id: Set(restriction),
        amount_minor: Set(amount_minor),
        received_at: Set(tx.now()),
        transfer_id: Set(transfer),
        ..Default::default()
    };
    lot::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Allocates lots to a decision: most restricted first, then oldest.
///
/// # Errors
/// A refusal when the lots that may be used for this purpose hold too little.
pub async fn allocate(
    tx: &Tx,
    fund: FundId,
    purpose: Option<NeedId>,
    item: DecisionItemId,
    amount_minor: i64,
    transfer: TransferId,
) -> Result<()> {
    let lots = of_fund(tx, fund).await?;
    let offered: Vec<Lot> = lots
        .iter()
        .map(|(row, used)| Lot {
            id: row.id.0,
            restriction: row.restriction_need_id.map(|need| need.0),
            received_on: row.received_at.timestamp_millis(),
            amount_minor: row.amount_minor,
            free_minor: used.free_of(row),
        })
        .collect();
    let draws = rule::allocate(&offered, purpose.map(|need| need.0), amount_minor)
        .map_err(|_| Error::refused("refused-insufficient-for-purpose"))?;
    write(tx, LotMoveKind::Allocate, Some(item), &draws, transfer).await
}

/// Spends allocations, first allocated first.
///
/// # Errors
/// When less is allocated.
pub async fn consume(tx: &Tx, item: DecisionItemId, amount_minor: i64, transfer: TransferId) -> Result<()> {
    let draws = rule::consume(&of_item(tx, item).await?, amount_minor).map_err(short)?;
    write(tx, LotMoveKind::Consume, Some(item), &draws, transfer).await
}

/// Frees allocations, last allocated first, for the fund that takes the money.
///
/// # Errors
/// When less is allocated.
pub async fn release(
    tx: &Tx,
    item: DecisionItemId,
    into: FundId,
    amount_minor: i64,
    transfer: TransferId,
) -> Result<()> {
    let draws = rule::release(&of_item(tx, item).await?, amount_minor).map_err(short)?;
    write(tx, LotMoveKind::Release, Some(item), &draws, transfer).await?;
    follow(tx, &draws, into, transfer).await
}

/// Money a grantee sent back: what was consumed last is free again, for the fund that takes it.
///
/// # Errors
/// When less was spent.
pub async fn reopen(
    tx: &Tx,
    item: DecisionItemId,
    into: FundId,
    amount_minor: i64,
    transfer: TransferId,
) -> Result<()> {
    let draws =
        rule::reopen(&of_item(tx, item).await?, amount_minor).map_err(|_| Error::refused("refused-more-than-paid"))?;
    write(tx, LotMoveKind::Reopen, Some(item), &draws, transfer).await?;
    follow(tx, &draws, into, transfer).await
}

/// Where the fund was merged meanwhile, its money went to the successor: what is free again goes after it, or the successor
/// would hold money without a lot and could neither promise it nor close.
async fn follow(tx: &Tx, draws: &[Draw], into: FundId, transfer: TransferId) -> Result<()> {
    for draw in draws {
        let from = lot::Entity::find_by_id(LotId(draw.lot)).one(tx).await?.ok_or(Error::NotFound)?;
        if from.fund_id != into {
            move_on(tx, &from, into, draw.amount_minor, transfer).await?;
        }
    }
    Ok(())
}

/// A payment that came back: what was consumed last is allocated again to the same decision.
///
/// # Errors
/// When less was spent.
pub async fn take_back(tx: &Tx, item: DecisionItemId, amount_minor: i64, transfer: TransferId) -> Result<()> {
    let draws =
        rule::reopen(&of_item(tx, item).await?, amount_minor).map_err(|_| Error::refused("refused-more-than-paid"))?;
    write(tx, LotMoveKind::Reopen, Some(item), &draws, transfer).await?;
    write(tx, LotMoveKind::Allocate, Some(item), &draws, transfer).await
}

/// Gives the free part of a gift's lots in a fund back to the donor, oldest lot first: after a merger a gift has several.
///
/// # Errors
/// A refusal when less is free.
pub async fn refund(tx: &Tx, gift: GiftId, fund: FundId, amount_minor: i64, transfer: TransferId) -> Result<()> {
    let (draws, missing_minor) = free_draws(tx, gift, fund, amount_minor).await?;
    if missing_minor > 0 {
        return Err(Error::refused("refused-insufficient"));
    }
    write(tx, LotMoveKind::Refund, None, &draws, transfer).await
}

/// The processor keeps part of a gift for good, oldest lot first.
///
/// # Errors
/// A refusal when less is free.
pub async fn keep(tx: &Tx, gift: GiftId, fund: FundId, amount_minor: i64, transfer: TransferId) -> Result<()> {
    let (draws, missing_minor) = free_draws(tx, gift, fund, amount_minor).await?;
    if missing_minor > 0 {
        return Err(Error::refused("refused-insufficient"));
    }
    write(tx, LotMoveKind::Fee, None, &draws, transfer).await
}

/// What the free part of a gift's lots in a fund gives of a sum, oldest lot first, and what it lacks.
async fn free_draws(tx: &Tx, gift: GiftId, fund: FundId, amount_minor: i64) -> Result<(Vec<Draw>, i64)> {
    let mut left_minor = amount_minor;
    let mut draws = Vec::new();
    for (place, (row, used)) in of_gift(tx, gift).await?.into_iter().enumerate() {
        let taken_minor = used.free_of(&row).min(left_minor);
        if row.fund_id == fund && taken_minor > 0 {
            draws.push(Draw { place, lot: row.id.0, amount_minor: taken_minor });
            left_minor -= taken_minor;
        }
    }
    Ok((draws, left_minor))
}

/// A refund that was held did not leave: what it took of its lots is free again. `held` took it, `void` gives it back.
///
/// # Errors
/// [`Error::NotFound`] when it took nothing.
pub async fn refund_void(tx: &Tx, held: TransferId, void: TransferId) -> Result<()> {
    let taken = lot_move::Entity::find()
        .filter(lot_move::Column::TransferId.eq(held))
        .filter(lot_move::Column::Kind.eq(LotMoveKind::Refund))
        .order_by_asc(lot_move::Column::Id)
        .all(tx)
        .await?;
    if taken.is_empty() {
        return Err(Error::NotFound);
    }
    let draws: Vec<Draw> =
        taken.iter().map(|row| Draw { place: 0, lot: row.lot_id.0, amount_minor: row.amount_minor }).collect();
    write(tx, LotMoveKind::RefundVoid, None, &draws, void).await
}

/// A transfer that took from lots for good was reversed: what it took is free again. `taken` is the transfer that took it.
///
/// # Errors
/// When the database refuses.
pub async fn restore(tx: &Tx, taken: TransferId, reversal: TransferId) -> Result<()> {
    let moves = lot_move::Entity::find()
        .filter(lot_move::Column::TransferId.eq(taken))
        .filter(lot_move::Column::Kind.eq(LotMoveKind::Refund))
        .order_by_asc(lot_move::Column::Id)
        .all(tx)
        .await?;
    let draws: Vec<Draw> =
        moves.iter().map(|row| Draw { place: 0, lot: row.lot_id.0, amount_minor: row.amount_minor }).collect();
    write(tx, LotMoveKind::RefundVoid, None, &draws, reversal).await
}

/// What of a gift is free in a fund: neither promised, spent nor given back, in minor units.
///
/// # Errors
/// When the database cannot be read.
pub async fn free_of_gift(db: &impl ConnectionTrait, gift: GiftId, fund: FundId) -> Result<i64> {
    let lots = of_gift(db, gift).await?;
    Ok(lots.iter().filter(|(row, _)| row.fund_id == fund).map(|(row, used)| used.free_of(row)).sum())
}

/// What the processor kept of a gift because its fund bears that, in minor units.
///
/// # Errors
/// When the database cannot be read.
pub async fn kept_of_gift(db: &impl ConnectionTrait, gift: GiftId) -> Result<i64> {
    Ok(of_gift(db, gift).await?.iter().map(|(_, used)| used.kept_minor).sum())
}

/// The fund in which a gift's money is now: that of its newest lot, because a merger makes a new one. `None` before its receipt.
///
/// # Errors
/// When the database cannot be read.
pub async fn home(db: &impl ConnectionTrait, gift: GiftId) -> Result<Option<FundId>> {
    let newest =
        lot::Entity::find().filter(lot::Column::GiftId.eq(gift)).order_by_desc(lot::Column::Id).one(db).await?;
    Ok(newest.map(|row| row.fund_id))
}

/// What a gift was restricted to when it was received.
///
/// # Errors
/// When the database cannot be read.
pub async fn restriction(db: &impl ConnectionTrait, gift: GiftId) -> Result<Option<NeedId>> {
    let first = lot::Entity::find().filter(lot::Column::GiftId.eq(gift)).order_by_asc(lot::Column::Id).one(db).await?;
    Ok(first.and_then(|row| row.restriction_need_id))
}

/// Whether any of these gifts has, or had, a lot in a fund.
///
/// # Errors
/// When the database cannot be read.
pub async fn any_in(db: &impl ConnectionTrait, gifts: &[GiftId], fund: FundId) -> Result<bool> {
    let of = lot::Entity::find().filter(lot::Column::FundId.eq(fund));
    let one = of.filter(lot::Column::GiftId.is_in(gifts.iter().copied())).one(db).await?;
    Ok(one.is_some())
}

/// The lots of a fund that have something free, with how much, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn free_of_fund(db: &impl ConnectionTrait, fund: FundId) -> Result<Vec<(lot::Model, i64)>> {
    let lots = of_fund(db, fund).await?;
    Ok(lots
        .into_iter()
        .map(|(row, used)| {
            let free = used.free_of(&row);
            (row, free)
        })
        .filter(|(_, free)| *free > 0)
        .collect())
}

/// The free part of a lot goes to another fund: it leaves the old lot and is a new lot of the same gift, with its restriction.
///
/// # Errors
/// A refusal, by the database, when less is free.
pub async fn move_on(tx: &Tx, from: &lot::Model, into: FundId, amount_minor: i64, transfer: TransferId) -> Result<()> {
    write(tx, LotMoveKind::Refund, None, &[Draw { place: 0, lot: from.id.0, amount_minor }], transfer).await?;
    receive(tx, into, from.gift_id, from.restriction_need_id, amount_minor, transfer).await
}

/// The lots of a fund with what became of them, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_fund(db: &impl ConnectionTrait, fund: FundId) -> Result<Vec<(lot::Model, Use)>> {
    with_use(db, lot::Entity::find().filter(lot::Column::FundId.eq(fund)).order_by_asc(lot::Column::Id).all(db).await?)
        .await
}

/// The lots of a gift with what became of them.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_gift(db: &impl ConnectionTrait, gift: GiftId) -> Result<Vec<(lot::Model, Use)>> {
    with_use(db, lot::Entity::find().filter(lot::Column::GiftId.eq(gift)).order_by_asc(lot::Column::Id).all(db).await?)
        .await
}

async fn with_use(db: &impl ConnectionTrait, lots: Vec<lot::Model>) -> Result<Vec<(lot::Model, Use)>> {
    let moves =
        lot_move::Entity::find().filter(lot_move::Column::LotId.is_in(lots.iter().map(|lot| lot.id))).all(db).await?;
    let mut uses: BTreeMap<LotId, Use> = BTreeMap::new();
    for row in moves {
        let used = uses.entry(row.lot_id).or_default();
        match row.kind {
            LotMoveKind::Allocate => used.allocated_minor += row.amount_minor,
            LotMoveKind::Release => used.allocated_minor -= row.amount_minor,
            LotMoveKind::Consume => {
                used.allocated_minor -= row.amount_minor;
                used.consumed_minor += row.amount_minor;
            }
            LotMoveKind::Reopen => used.consumed_minor -= row.amount_minor,
            LotMoveKind::Refund => used.refunded_minor += row.amount_minor,
            LotMoveKind::RefundVoid => used.refunded_minor -= row.amount_minor,
            LotMoveKind::Fee => used.kept_minor += row.amount_minor,
        }
    }
    Ok(lots
        .into_iter()
        .map(|lot| {
            let used = uses.remove(&lot.id).unwrap_or_default();
            (lot, used)
        })
        .collect())
}

/// The lots a decision lives on: promised to it or spent for it.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_decision(db: &impl ConnectionTrait, item: DecisionItemId) -> Result<Vec<lot::Model>> {
    let held = of_item(db, item).await?;
    let ids = held.iter().filter(|a| a.remaining_minor + a.consumed_minor > 0).map(|a| LotId(a.lot));
    Ok(lot::Entity::find().filter(lot::Column::Id.is_in(ids)).order_by_asc(lot::Column::Id).all(db).await?)
}

/// What a decision holds of each lot, in the order of allocation.
async fn of_item(tx: &impl ConnectionTrait, item: DecisionItemId) -> Result<Vec<Allocation>> {
    let moves = lot_move::Entity::find()
        .filter(lot_move::Column::ItemId.eq(item))
        .order_by_asc(lot_move::Column::Id)
        .all(tx)
        .await?;
    let mut held: Vec<Allocation> = Vec::new();
    for row in moves {
        let place = held.iter().position(|a| a.lot == row.lot_id.0).unwrap_or_else(|| {
            held.push(Allocation { lot: row.lot_id.0, remaining_minor: 0, consumed_minor: 0 });
            held.len() - 1
        });
        let allocation = &mut held[place];
        match row.kind {
            LotMoveKind::Allocate => allocation.remaining_minor += row.amount_minor,
            LotMoveKind::Release => allocation.remaining_minor -= row.amount_minor,
            LotMoveKind::Consume => {
                allocation.remaining_minor -= row.amount_minor;
                allocation.consumed_minor += row.amount_minor;
            }
            LotMoveKind::Reopen => allocation.consumed_minor -= row.amount_minor,
            LotMoveKind::Refund | LotMoveKind::RefundVoid | LotMoveKind::Fee => {}
        }
    }
    Ok(held)
}

async fn write(
    tx: &Tx,
    kind: LotMoveKind,
    item: Option<DecisionItemId>,
    draws: &[Draw],
    transfer: TransferId,
) -> Result<()> {
    for draw in draws {
        let row = lot_move::ActiveModel {
            lot_id: Set(LotId(draw.lot)),
            kind: Set(kind),
            item_id: Set(item),
            amount_minor: Set(draw.amount_minor),
            transfer_id: Set(transfer),
            at: Set(tx.now()),
            ..Default::default()
        };
        lot_move::Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn short(_: rule::Short) -> Error {
    Error::refused("refused-insufficient")
}
