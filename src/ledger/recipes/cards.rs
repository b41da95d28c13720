//! What comes and goes through the payment processor: paid, its actual fee, paid out, refunded.

use super::Sum;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::ledger::accounts::{self, Account};
use crate::ledger::books::{self, Posting};
use crate::ledger::{lots, suspense};
use crate::people::permission::{As, Permission};
use entities::kinds::{CardRefundId, FundId, GiftId, NeedId, OrderId, PostingId, Recipe, Subject, TransferId};

/// A payment arrived at the processor: gross, as a lot with its own restriction. `payment` is the processor's mark for it.
///
/// # Errors
/// When it was booked before.
pub async fn card_paid<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    gift: GiftId,
    fund: FundId,
    restriction: Option<NeedId>,
    sum: Sum,
    payment: &str,
) -> Result<PostingId> {
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::CardPaid, Subject::Gift, gift.0)).await?;
    let paid = posting
        .transfer(Account::StripeClearing, Account::FundAvailable(fund), sum.amount_minor, &format!("card:{payment}"))
        .await?;
    lots::receive(tx, fund, gift, restriction, sum.amount_minor, paid).await?;
    Ok(posting.id)
}

/// The processor kept its fee: the actual one of its `entry`, never an estimate. The foundation pays it; where the fund bears it
/// (`borne_by`: the gift and the fund that has it) the fund makes it good, as far as the gift is not promised or spent already.
///
/// # Errors
/// When it was booked before.
pub async fn processor_fee<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    order: OrderId,
    sum: Sum,
    entry: &str,
    borne_by: Option<(GiftId, FundId)>,
) -> Result<()> {
    let mut head = sum.entry(Recipe::ProcessorFee, Subject::Order, order.0);
    head.fund = borne_by.map(|(_, fund)| fund);
    let posting = books::open(tx, by, head).await?;
    let key = format!("fee:{entry}");
    posting.transfer(Account::ProcessorFees, Account::StripeClearing, sum.amount_minor, &key).await?;
    let Some((gift, fund)) = borne_by else { return Ok(()) };
    let borne_minor = lots::free_of_gift(tx, gift, fund).await?.min(sum.amount_minor);
    if borne_minor > 0 {
        let (debit, credit) = (Account::FundAvailable(fund), Account::FeeRecovery);
        let kept = posting.transfer(debit, credit, borne_minor, &format!("{key}:borne")).await?;
        lots::keep(tx, gift, fund, borne_minor, kept).await?;
    }
    Ok(())
}

/// The processor paid out what it held. Asked again it does nothing. Where the bank's line came before its word, the money stands in
/// suspense, is in the books already, and goes on from there.
///
/// # Errors
/// When the database refuses.
pub async fn processor_payout<P: Permission>(tx: &Tx, by: &As<P>, sum: Sum, payout: &str) -> Result<bool> {
    let key = format!("payout:{payout}");
    if books::made(tx, &key).await?.is_some() {
        return Ok(false);
    }
    let (from, subject) = match suspense::of_amount(tx, sum).await? {
        Some(line) => (Account::Suspense, (Subject::StatementLine, line.0)),
        None => (Account::Bank, (Subject::Payout, 0)),
    };
    let posting = books::open(tx, by, sum.entry(Recipe::ProcessorPayout, subject.0, subject.1)).await?;
    posting.transfer(from, Account::StripeClearing, sum.amount_minor, &key).await?;
    Ok(true)
}

/// The bank rejected a payout that was booked: it is back at the processor, and a line that brought it stands in suspense again, to
/// be sent back by people. Asked again it does nothing.
///
/// # Errors
/// When the database refuses.
pub async fn payout_failed<P: Permission>(tx: &Tx, by: &As<P>, sum: Sum, payout: &str) -> Result<bool> {
    let Some(booked) = books::made(tx, &format!("payout:{payout}")).await? else { return Ok(false) };
    let key = format!("payout:{payout}:failed");
    if books::made(tx, &key).await?.is_some() {
        return Ok(false);
    }
    let posting = books::open(tx, by, sum.entry(Recipe::PayoutFailed, Subject::Payout, 0)).await?;
    let in_suspense = booked.debit_id == accounts::key(tx, Account::Suspense, booked.currency).await?;
    let to = if in_suspense { Account::Suspense } else { Account::Bank };
    posting.reverse(booked.id, Account::StripeClearing, to, booked.amount_minor, &key).await?;
    Ok(true)
}

/// Where a refund through the processor stands in the books.
fn key(refund: CardRefundId) -> String {
    format!("card-refund:{refund}")
}

/// A refund is held before the processor is asked; only the lot's free part can be refunded.
///
/// # Errors
/// A refusal when the lot has less free.
pub async fn card_refund_held<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    refund: CardRefundId,
    gift: GiftId,
    fund: FundId,
    sum: Sum,
) -> Result<()> {
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::CardRefundHeld, Subject::Gift, gift.0)).await?;
    let held = posting
        .hold(None, Account::FundAvailable(fund), Account::StripeClearing, sum.amount_minor, &key(refund))
        .await?;
    lots::refund(tx, gift, fund, sum.amount_minor, held).await
}

/// A posting that goes on with a refund that is held: the transfer that holds it, the fund it leaves, and how much.
struct Going<'a> {
    posting: Posting<'a>,
    pending: TransferId,
    fund: FundId,
    amount_minor: i64,
}

async fn going_on<'a, P: Permission>(
    tx: &'a Tx,
    by: &As<P>,
    refund: CardRefundId,
    gift: GiftId,
    recipe: Recipe,
    sum: Sum,
) -> Result<Going<'a>> {
    let held = books::made(tx, &key(refund)).await?.ok_or(Error::NotFound)?;
    let fund = books::fund_of(tx, &held).await?;
    let posting = books::open(tx, by, sum.of_fund(fund, recipe, Subject::Gift, gift.0)).await?;
    Ok(Going { posting, pending: held.id, fund, amount_minor: held.amount_minor })
}

/// The processor made the refund.
///
/// # Errors
/// [`Error::NotFound`] when nothing is held; when it was settled before.
pub async fn card_refund_posted<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    refund: CardRefundId,
    gift: GiftId,
    sum: Sum,
) -> Result<()> {
    let held = going_on(tx, by, refund, gift, Recipe::CardRefundPosted, sum).await?;
    let (debit, credit) = (Account::FundAvailable(held.fund), Account::StripeClearing);
    let key = format!("{}:posted", key(refund));
    held.posting.post(held.pending, debit, credit, held.amount_minor, &key).await.map(|_| ())
}

/// The processor did not make the refund: the hold is freed and the lots are whole again. Answers the fund that has it.
///
/// # Errors
/// [`Error::NotFound`] when nothing is held; when it was settled before.
pub async fn card_refund_void<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    refund: CardRefundId,
    gift: GiftId,
    sum: Sum,
) -> Result<FundId> {
    let held = going_on(tx, by, refund, gift, Recipe::CardRefundVoid, sum).await?;
    let (debit, credit) = (Account::FundAvailable(held.fund), Account::StripeClearing);
    let void =
        held.posting.void(held.pending, debit, credit, held.amount_minor, &format!("{}:void", key(refund))).await?;
    lots::refund_void(tx, held.pending, void).await?;
    Ok(held.fund)
}

/// The fund that a held refund leaves.
///
/// # Errors
/// [`Error::NotFound`] when nothing is held.
pub async fn card_refund_fund(tx: &Tx, refund: CardRefundId) -> Result<FundId> {
    let held = books::made(tx, &key(refund)).await?.ok_or(Error::NotFound)?;
    books::fund_of(tx, &held).await
}

/// A refund that was made did not reach the donor and came back to the processor: the fund has it again. Where that fund is
/// over, `into` names its successor, which has it as a new lot with the old restriction; without one it is of nobody and
/// stands in suspense.
///
/// # Errors
/// [`Error::NotFound`] when it was not posted; when it was reversed before.
pub async fn card_refund_returned<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    refund: CardRefundId,
    gift: GiftId,
    sum: Sum,
    into: Option<FundId>,
) -> Result<()> {
    let posted = books::made(tx, &format!("{}:posted", key(refund))).await?.ok_or(Error::NotFound)?;
    let held = going_on(tx, by, refund, gift, Recipe::CardRefundReturned, sum).await?;
    let (debit, key) = (Account::StripeClearing, format!("{}:returned", key(refund)));
    match into {
        Some(fund) if fund == held.fund => {
            let credit = Account::FundAvailable(fund);
            let back = held.posting.reverse(posted.id, debit, credit, held.amount_minor, &key).await?;
            lots::restore(tx, held.pending, back).await
        }
        Some(fund) => {
            let credit = Account::FundAvailable(fund);
            let back = held.posting.related(posted.id, debit, credit, held.amount_minor, &key).await?;
            let restriction = lots::restriction(tx, gift).await?;
            lots::receive(tx, fund, gift, restriction, held.amount_minor, back).await
        }
        None => held.posting.related(posted.id, debit, Account::Suspense, held.amount_minor, &key).await.map(|_| ()),
    }
}
