//! A donor's bank takes a payment back, and gives it again: each of the processor's entries is booked once, by its mark.

use super::Sum;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::ledger::accounts::Account;
use crate::ledger::{books, lots};
use crate::people::permission::{As, Permission};
use entities::kinds::{CardRefundId, DisputeId, FundId, GiftId, OrderId, Recipe, Subject};
use entities::transfer;

/// What a withdrawal took, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Disputed {
    /// What the fund still had of the gift.
    pub taken_minor: i64,
    /// What was promised or spent already: the foundation's loss.
    pub lost_minor: i64,
}

/// A dispute withdraws money: what the fund still has of the gift leaves it, the rest is the foundation's loss. `None` when
/// this entry was booked before.
///
/// # Errors
/// When the database refuses.
pub async fn dispute_withdrawn<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    gift: GiftId,
    fund: FundId,
    sum: Sum,
    entry: &str,
) -> Result<Option<Disputed>> {
    let (of_fund, of_loss) = legs(entry);
    if books::made(tx, &of_fund).await?.is_some() || books::made(tx, &of_loss).await?.is_some() {
        return Ok(None);
    }
    let taken_minor = lots::free_of_gift(tx, gift, fund).await?.clamp(0, sum.amount_minor);
    let lost_minor = sum.amount_minor - taken_minor;
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::DisputeWithdrawn, Subject::Gift, gift.0)).await?;
    if taken_minor > 0 {
        let (debit, credit) = (Account::FundAvailable(fund), Account::StripeClearing);
        let taken = posting.transfer(debit, credit, taken_minor, &of_fund).await?;
        lots::refund(tx, gift, fund, taken_minor, taken).await?;
    }
    if lost_minor > 0 {
        posting.transfer(Account::DisputeLoss, Account::StripeClearing, lost_minor, &of_loss).await?;
    }
    Ok(Some(Disputed { taken_minor, lost_minor }))
}

/// A refund that was held when a dispute withdrew money was not made after all: what it frees covers what the foundation had
/// lost to the dispute, for the fund has it once only. Nothing of it is the fund's until this is done.
///
/// # Errors
/// A refusal when the lot has less free.
pub async fn dispute_loss_covered<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    dispute: DisputeId,
    refund: CardRefundId,
    gift: GiftId,
    fund: FundId,
    sum: Sum,
) -> Result<()> {
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::DisputeWithdrawn, Subject::Gift, gift.0)).await?;
    let (debit, credit) = (Account::FundAvailable(fund), Account::DisputeLoss);
    let covered = posting.transfer(debit, credit, sum.amount_minor, &covered(dispute, refund)).await?;
    lots::refund(tx, gift, fund, sum.amount_minor, covered).await
}

fn covered(dispute: DisputeId, refund: CardRefundId) -> String {
    format!("dispute-loss-covered:{dispute}:{refund}")
}

/// The money of a dispute is back: what freed refunds had covered of its loss is the fund's again. Answers how much.
///
/// # Errors
/// When the database refuses.
pub async fn dispute_cover_undone<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    dispute: DisputeId,
    refunds: &[CardRefundId],
    gift: GiftId,
    sum: Sum,
) -> Result<i64> {
    let mut back_minor = 0;
    // As many as an order has refunds that were freed while it was disputed: one, almost always none.
    for refund in refunds {
        let Some(row) = standing(tx, &covered(dispute, *refund)).await? else { continue };
        let fund = books::fund_of(tx, &row).await?;
        let posting = books::open(tx, by, sum.of_fund(fund, Recipe::DisputeReinstated, Subject::Gift, gift.0)).await?;
        let (debit, credit) = (Account::DisputeLoss, Account::FundAvailable(fund));
        let undone = posting.reverse(row.id, debit, credit, row.amount_minor, &returned(&row)).await?;
        lots::restore(tx, row.id, undone).await?;
        back_minor += row.amount_minor;
    }
    Ok(back_minor)
}

fn legs(entry: &str) -> (String, String) {
    (format!("dispute:{entry}"), format!("dispute-loss:{entry}"))
}

/// What was withdrawn comes back: the same legs, reversed whole. `None` when nothing stands to be reversed.
///
/// # Errors
/// When the database refuses.
pub async fn dispute_reinstated<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    gift: GiftId,
    sum: Sum,
    withdrawn: &str,
) -> Result<Option<Disputed>> {
    let (of_fund, of_loss) = legs(withdrawn);
    let (of_fund, of_loss) = (standing(tx, &of_fund).await?, standing(tx, &of_loss).await?);
    let Some(any) = of_fund.as_ref().or(of_loss.as_ref()) else { return Ok(None) };
    let fund = books::fund_of(tx, any).await?;
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::DisputeReinstated, Subject::Gift, gift.0)).await?;
    let mut back = Disputed::default();
    if let Some(row) = of_fund {
        let (debit, credit) = (Account::StripeClearing, Account::FundAvailable(fund));
        let undone = posting.reverse(row.id, debit, credit, row.amount_minor, &returned(&row)).await?;
        lots::restore(tx, row.id, undone).await?;
        back.taken_minor = row.amount_minor;
    }
    if let Some(row) = of_loss {
        let (debit, credit) = (Account::StripeClearing, Account::DisputeLoss);
        posting.reverse(row.id, debit, credit, row.amount_minor, &returned(&row)).await?;
        back.lost_minor = row.amount_minor;
    }
    Ok(Some(back))
}

fn returned(row: &transfer::Model) -> String {
    format!("{}:reinstated", row.idempotency_key)
}

/// A leg that was booked and not reversed.
async fn standing(tx: &Tx, key: &str) -> Result<Option<transfer::Model>> {
    let Some(row) = books::made(tx, key).await? else { return Ok(None) };
    let back = books::made(tx, &returned(&row)).await?;
    Ok(back.is_none().then_some(row))
}

/// The processor's fee for a dispute, or its return (below zero). Asked again it does nothing.
///
/// # Errors
/// When the database refuses.
pub async fn dispute_fee<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    order: OrderId,
    sum: Sum,
    fee_minor: i64,
    entry: &str,
) -> Result<bool> {
    let key = format!("dispute-fee:{entry}");
    if fee_minor == 0 || books::made(tx, &key).await?.is_some() {
        return Ok(false);
    }
    let posting = books::open(tx, by, sum.entry(Recipe::DisputeFee, Subject::Order, order.0)).await?;
    let legs = (Account::DisputeFees, Account::StripeClearing);
    let (debit, credit) = if fee_minor > 0 { legs } else { (legs.1, legs.0) };
    posting.transfer(debit, credit, fee_minor.abs(), &key).await?;
    Ok(true)
}
