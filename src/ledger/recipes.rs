//! The table of postings: one function an event, called inside the transaction of its change.
//!
//! | event | debit → credit |
//! |---|---|
//! | capital | bank → operating reserve |
//! | pool funded / returned | operating reserve ↔ match pool |
//! | pledge / ended | memo pair |
//! | bank receipt | bank → suspense; when matched suspense → fund available |
//! | suspense returned | suspense → bank |
//! | refund | pending fund available → bank, then post or void (a void gives the lots back) |
//! | match / reversed | match pool ↔ fund available |
//! | item reserved / released | fund available ↔ award committed, fee included |
//! | tranche due / reduced | award committed ↔ award payable |
//! | payment sent | pending award payable → bank, then post (with the fee) or void |
//! | fee | award committed → fee recovery, with the post |
//! | payment returned | reverses post and fee; a part relates to the post, and the fee stays |
//! | award closed | award committed → fund available |
//! | grantee returned | bank → fund available |
//! | seed fund | award payable → the new fund's available |
//! | fund moved | fund available → the other fund's |
//! | in kind | memo pair |

use super::accounts::Account;
use super::books::{self, Entry};
use super::lots;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Permission};
use chrono::NaiveDate;
use entities::kinds::{
    AwardId, Currency, DecisionItemId, DocumentId, FundId, GiftId, MatchPoolId, NeedId, PaymentId, PostingId, Recipe,
    Subject, TrancheId, TransferId,
};

/// An amount on a day: what every recipe needs.
#[derive(Debug, Clone, Copy)]
pub struct Sum {
    /// Minor units, above zero.
    pub amount_minor: i64,
    /// Currency.
    pub currency: Currency,
    /// Day of the event.
    pub on: NaiveDate,
}

impl Sum {
    fn entry(self, recipe: Recipe, subject: Subject, id: i64) -> Entry {
        Entry { recipe, subject: (subject, id), occurred_on: self.on, fund: None, award: None, currency: self.currency }
    }
}

/// The founder's capital arrives. `line` is the bank's mark for the receipt.
///
/// # Errors
/// When the line was posted before.
pub async fn capital<P: Permission>(tx: &Tx, by: &As<P>, sum: Sum, line: &str) -> Result<PostingId> {
    let posting = books::open(tx, by, sum.entry(Recipe::Capital, Subject::Foundation, 1)).await?;
    posting.transfer(Account::Bank, Account::OperatingReserve, sum.amount_minor, &format!("bank:{line}")).await?;
    Ok(posting.id)
}

/// The foundation sets money aside in a pool.
///
/// # Errors
/// A refusal when the reserve is short.
pub async fn pool_funded<P: Permission>(tx: &Tx, by: &As<P>, pool: MatchPoolId, fund: FundId, sum: Sum) -> Result<()> {
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::PoolFunded, Subject::MatchPool, pool.0) })
            .await?;
    posting
        .transfer(Account::OperatingReserve, Account::MatchPool(pool), sum.amount_minor, &format!("pool:{pool}:funded"))
        .await
        .map(|_| ())
}

/// What a pool has left goes back.
///
/// # Errors
/// When it was returned before.
pub async fn pool_returned<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    pool: MatchPoolId,
    fund: FundId,
    sum: Sum,
) -> Result<()> {
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::PoolReturned, Subject::MatchPool, pool.0) })
            .await?;
    posting
        .transfer(
            Account::MatchPool(pool),
            Account::OperatingReserve,
            sum.amount_minor,
            &format!("pool:{pool}:returned"),
        )
        .await
        .map(|_| ())
}

/// A pledge is noted beside the books; it is never money.
///
/// # Errors
/// When the database refuses.
pub async fn pledge<P: Permission>(tx: &Tx, by: &As<P>, gift: GiftId, fund: FundId, sum: Sum) -> Result<()> {
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::Pledge, Subject::Gift, gift.0) }).await?;
    posting
        .transfer(Account::PledgeReceivable, Account::PledgeControl, sum.amount_minor, &format!("pledge:{gift}"))
        .await
        .map(|_| ())
}

/// A pledge was paid, cancelled or lapsed: its note is undone.
///
/// # Errors
/// When it was undone before.
pub async fn pledge_ended<P: Permission>(tx: &Tx, by: &As<P>, gift: GiftId, fund: FundId, sum: Sum) -> Result<()> {
    let noted = books::made(tx, &format!("pledge:{gift}")).await?.ok_or(Error::NotFound)?;
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::PledgeEnded, Subject::Gift, gift.0) })
            .await?;
    posting
        .reverse(
            noted.id,
            Account::PledgeControl,
            Account::PledgeReceivable,
            sum.amount_minor,
            &format!("pledge:{gift}:ended"),
        )
        .await
        .map(|_| ())
}

/// A statement line arrives and waits in suspense. `subject` is the gift or the platform's file it was recorded for.
///
/// # Errors
/// A refusal when the line was recorded before.
pub async fn bank_receipt<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    subject: (Subject, i64),
    fund: FundId,
    sum: Sum,
    line: &str,
    voucher: Option<DocumentId>,
) -> Result<PostingId> {
    if books::made(tx, &format!("bank:{line}")).await?.is_some() {
        return Err(Error::field("bank_line", "refused-bank-line-used"));
    }
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::BankReceipt, subject.0, subject.1) }).await?;
    posting.transfer(Account::Bank, Account::Suspense, sum.amount_minor, &format!("bank:{line}")).await?;
    if let Some(document) = voucher {
        posting.voucher(document).await?;
    }
    Ok(posting.id)
}

/// A gift that arrived in suspense becomes the fund's, as a lot with its own restriction.
///
/// # Errors
/// When suspense is short or the gift was matched before.
pub async fn suspense_matched<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    gift: GiftId,
    fund: FundId,
    restriction: Option<NeedId>,
    sum: Sum,
) -> Result<PostingId> {
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::SuspenseMatched, Subject::Gift, gift.0) })
            .await?;
    let transfer = posting
        .transfer(Account::Suspense, Account::FundAvailable(fund), sum.amount_minor, &format!("gift:{gift}"))
        .await?;
    lots::receive(tx, fund, gift, restriction, sum.amount_minor, transfer).await?;
    Ok(posting.id)
}

/// A receipt that nobody can place goes back to its sender.
///
/// # Errors
/// When suspense is short.
pub async fn suspense_returned<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    gift: GiftId,
    fund: FundId,
    sum: Sum,
    line: &str,
) -> Result<()> {
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::SuspenseReturned, Subject::Gift, gift.0) })
            .await?;
    posting.transfer(Account::Suspense, Account::Bank, sum.amount_minor, &format!("bank:{line}")).await.map(|_| ())
}

/// A refund of a bank gift is held until the bank confirms it; only the lot's free part can be refunded.
///
/// # Errors
/// A refusal when the lot has less free.
pub async fn refund_held<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    gift: GiftId,
    fund: FundId,
    sum: Sum,
    key: &str,
) -> Result<TransferId> {
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::GiftRefundHeld, Subject::Gift, gift.0) })
            .await?;
    let transfer = posting
        .hold(None, Account::FundAvailable(fund), Account::Bank, sum.amount_minor, &format!("refund:{key}"))
        .await?;
    lots::refund(tx, gift, fund, sum.amount_minor, transfer).await?;
    Ok(transfer)
}

/// The bank confirmed the refund.
///
/// # Errors
/// When it was settled before.
pub async fn refund_posted<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    gift: GiftId,
    fund: FundId,
    sum: Sum,
    held: TransferId,
    key: &str,
) -> Result<()> {
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::GiftRefundPosted, Subject::Gift, gift.0) })
            .await?;
    posting
        .post(held, Account::FundAvailable(fund), Account::Bank, sum.amount_minor, &format!("refund:{key}:posted"))
        .await
        .map(|_| ())
}

/// The bank rejected the refund: the hold is freed, and what it took of the gift's lots is free again.
///
/// # Errors
/// When it was settled before.
pub async fn refund_void<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    gift: GiftId,
    fund: FundId,
    sum: Sum,
    held: TransferId,
    key: &str,
) -> Result<()> {
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::GiftRefundVoid, Subject::Gift, gift.0) })
            .await?;
    let void = posting
        .void(held, Account::FundAvailable(fund), Account::Bank, sum.amount_minor, &format!("refund:{key}:void"))
        .await?;
    lots::refund_void(tx, held, void).await
}

/// A pool matches a gift: the match is a lot of its own.
///
/// # Errors
/// When the pool is short or the gift was matched before.
pub async fn matched<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    pool: MatchPoolId,
    fund: FundId,
    gift: GiftId,
    sum: Sum,
) -> Result<()> {
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::Match, Subject::Gift, gift.0) }).await?;
    let transfer = posting
        .transfer(Account::MatchPool(pool), Account::FundAvailable(fund), sum.amount_minor, &format!("match:{gift}"))
        .await?;
    lots::receive(tx, fund, gift, None, sum.amount_minor, transfer).await
}

/// A refunded gift takes its match back, pro rata.
///
/// # Errors
/// A refusal when the match's lot has less free.
pub async fn match_reversed<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    pool: MatchPoolId,
    fund: FundId,
    gift: GiftId,
    sum: Sum,
    key: &str,
) -> Result<()> {
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::MatchReversed, Subject::Gift, gift.0) })
            .await?;
    let transfer = posting
        .transfer(
            Account::FundAvailable(fund),
            Account::MatchPool(pool),
            sum.amount_minor,
            &format!("match:{gift}:{key}"),
        )
        .await?;
    lots::refund(tx, gift, fund, sum.amount_minor, transfer).await
}

/// A decision reserves its money, fee included, and allocates lots; refused above what is available.
///
/// # Errors
/// A refusal when the fund, or its lots for this purpose, hold too little.
pub async fn reserved<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    item: DecisionItemId,
    fund: FundId,
    purpose: Option<NeedId>,
    sum: Sum,
    turn: &str,
) -> Result<()> {
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::Reserved, Subject::DecisionItem, item.0) })
            .await?;
    let transfer = posting
        .transfer(
            Account::FundAvailable(fund),
            Account::AwardCommitted(item),
            sum.amount_minor,
            &format!("item:{item}:reserved:{turn}"),
        )
        .await?;
    lots::allocate(tx, fund, purpose, item, sum.amount_minor, transfer).await
}

/// A decision, or part of it, is released: the money is the fund's again.
///
/// # Errors
/// When less is committed.
pub async fn released<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    item: DecisionItemId,
    fund: FundId,
    award: Option<AwardId>,
    sum: Sum,
    turn: &str,
) -> Result<()> {
    let recipe = if award.is_some() { Recipe::AwardClosed } else { Recipe::Released };
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), award, ..sum.entry(recipe, Subject::DecisionItem, item.0) })
            .await?;
    let transfer = posting
        .transfer(
            Account::AwardCommitted(item),
            Account::FundAvailable(fund),
            sum.amount_minor,
            &format!("item:{item}:released:{turn}"),
        )
        .await?;
    lots::release(tx, item, sum.amount_minor, transfer).await
}

/// Where a tranche's money is: fund, award, decision and tranche.
#[derive(Debug, Clone, Copy)]
pub struct TranchePlace {
    /// Fund that pays.
    pub fund: FundId,
    /// Award.
    pub award: AwardId,
    /// Decision that committed it.
    pub item: DecisionItemId,
    /// Tranche.
    pub tranche: TrancheId,
}

impl TranchePlace {
    fn entry(self, recipe: Recipe, sum: Sum) -> Entry {
        Entry { fund: Some(self.fund), award: Some(self.award), ..sum.entry(recipe, Subject::Tranche, self.tranche.0) }
    }
}

/// A tranche's gate is met: its money becomes payable. `turn` tells a second time from the first.
///
/// # Errors
/// When less is committed.
pub async fn tranche_due<P: Permission>(tx: &Tx, by: &As<P>, place: TranchePlace, sum: Sum, turn: &str) -> Result<()> {
    let posting = books::open(tx, by, place.entry(Recipe::TrancheDue, sum)).await?;
    posting
        .transfer(
            Account::AwardCommitted(place.item),
            Account::AwardPayable(place.tranche),
            sum.amount_minor,
            &format!("tranche:{}:due:{turn}", place.tranche),
        )
        .await
        .map(|_| ())
}

/// A due tranche is reduced or cancelled: the money is committed again.
///
/// # Errors
/// When less is payable.
pub async fn tranche_reduced<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    place: TranchePlace,
    sum: Sum,
    turn: &str,
) -> Result<()> {
    let posting = books::open(tx, by, place.entry(Recipe::TrancheReduced, sum)).await?;
    posting
        .transfer(
            Account::AwardPayable(place.tranche),
            Account::AwardCommitted(place.item),
            sum.amount_minor,
            &format!("tranche:{}:reduced:{turn}", place.tranche),
        )
        .await
        .map(|_| ())
}

/// An approved payment is sent: its money is held before the bank is asked.
///
/// # Errors
/// A refusal when the payment is not approved, or was held before.
pub async fn payment_sent<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    place: TranchePlace,
    payment: PaymentId,
    sum: Sum,
) -> Result<TransferId> {
    let posting = books::open(tx, by, place.entry(Recipe::PaymentSent, sum)).await?;
    posting
        .hold(
            Some(payment),
            Account::AwardPayable(place.tranche),
            Account::Bank,
            sum.amount_minor,
            &format!("payment:{payment}"),
        )
        .await
}

/// The bank paid: the hold is posted, with its fee, and lots are consumed.
///
/// # Errors
/// When nothing is held.
#[allow(clippy::too_many_arguments, reason = "each is a different fact of one event")]
pub async fn payment_posted<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    place: TranchePlace,
    payment: PaymentId,
    held: TransferId,
    sum: Sum,
    fee_minor: i64,
    voucher: DocumentId,
) -> Result<()> {
    let posting = books::open(tx, by, place.entry(Recipe::PaymentPosted, sum)).await?;
    let paid = posting
        .post(
            held,
            Account::AwardPayable(place.tranche),
            Account::Bank,
            sum.amount_minor,
            &format!("payment:{payment}:posted"),
        )
        .await?;
    posting.voucher(voucher).await?;
    lots::consume(tx, place.item, sum.amount_minor, paid).await?;
    if fee_minor > 0 {
        let posting = books::open(tx, by, place.entry(Recipe::ManagementFee, sum)).await?;
        let fee = posting
            .transfer(
                Account::AwardCommitted(place.item),
                Account::FeeRecovery,
                fee_minor,
                &format!("payment:{payment}:fee"),
            )
            .await?;
        posting.voucher(voucher).await?;
        lots::consume(tx, place.item, fee_minor, fee).await?;
    }
    Ok(())
}

/// The bank did not pay: the hold is freed.
///
/// # Errors
/// When nothing is held.
pub async fn payment_void<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    place: TranchePlace,
    payment: PaymentId,
    held: TransferId,
    sum: Sum,
) -> Result<()> {
    let posting = books::open(tx, by, place.entry(Recipe::PaymentVoid, sum)).await?;
    posting
        .void(
            held,
            Account::AwardPayable(place.tranche),
            Account::Bank,
            sum.amount_minor,
            &format!("payment:{payment}:void"),
        )
        .await
        .map(|_| ())
}

/// The money came back whole after it was paid: payment and fee are reversed, lots reopened and allocated again.
///
/// # Errors
/// When it was reversed before, or the bank's line was recorded before.
#[allow(clippy::too_many_arguments, reason = "each is a different fact of one event")]
pub async fn payment_returned<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    place: TranchePlace,
    payment: PaymentId,
    sum: Sum,
    fee_minor: i64,
    line: &str,
) -> Result<()> {
    let paid = books::made(tx, &format!("payment:{payment}:posted")).await?.ok_or(Error::NotFound)?;
    let posting = books::open(tx, by, place.entry(Recipe::PaymentReturned, sum)).await?;
    let back = posting
        .reverse(
            paid.id,
            Account::Bank,
            Account::AwardPayable(place.tranche),
            sum.amount_minor,
            &format!("bank:{line}"),
        )
        .await?;
    lots::take_back(tx, place.item, sum.amount_minor, back).await?;
    if let Some(fee) = books::made(tx, &format!("payment:{payment}:fee")).await? {
        let undone = posting
            .reverse(
                fee.id,
                Account::FeeRecovery,
                Account::AwardCommitted(place.item),
                fee_minor,
                &format!("payment:{payment}:fee:returned"),
            )
            .await?;
        lots::take_back(tx, place.item, fee_minor, undone).await?;
    }
    Ok(())
}

/// Part of a payment came back: payable again, as a transfer that relates to the payment.
///
/// # Errors
/// When the payment was never posted.
pub async fn payment_part_returned<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    place: TranchePlace,
    payment: PaymentId,
    sum: Sum,
    line: &str,
) -> Result<()> {
    let paid = books::made(tx, &format!("payment:{payment}:posted")).await?.ok_or(Error::NotFound)?;
    let posting = books::open(tx, by, place.entry(Recipe::PaymentPartReturned, sum)).await?;
    let back = posting
        .related(
            paid.id,
            Account::Bank,
            Account::AwardPayable(place.tranche),
            sum.amount_minor,
            &format!("bank:{line}"),
        )
        .await?;
    lots::take_back(tx, place.item, sum.amount_minor, back).await
}

/// A grantee sends money back: it is the fund's again and reopens the lots consumed last.
///
/// # Errors
/// When the line was recorded before, or more comes back than was paid.
pub async fn grantee_returned<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    fund: FundId,
    award: AwardId,
    item: DecisionItemId,
    sum: Sum,
    line: &str,
) -> Result<()> {
    if books::made(tx, &format!("bank:{line}")).await?.is_some() {
        return Err(Error::field("bank_line", "refused-bank-line-used"));
    }
    let posting = books::open(
        tx,
        by,
        Entry { fund: Some(fund), award: Some(award), ..sum.entry(Recipe::GranteeReturned, Subject::Award, award.0) },
    )
    .await?;
    let back = posting
        .transfer(Account::Bank, Account::FundAvailable(fund), sum.amount_minor, &format!("bank:{line}"))
        .await?;
    lots::reopen(tx, item, sum.amount_minor, back).await
}

/// A seed-fund award opens its fund without the bank: payable becomes the new fund's money, as a lot of `gift`, without a fee.
///
/// # Errors
/// A refusal when the payment is not approved.
pub async fn seed_fund<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    place: TranchePlace,
    payment: PaymentId,
    new_fund: FundId,
    gift: GiftId,
    sum: Sum,
) -> Result<()> {
    let posting = books::open(tx, by, place.entry(Recipe::SeedFund, sum)).await?;
    let opened = posting
        .transfer_for(
            payment,
            Account::AwardPayable(place.tranche),
            Account::FundAvailable(new_fund),
            sum.amount_minor,
            &format!("payment:{payment}:seed"),
        )
        .await?;
    lots::consume(tx, place.item, sum.amount_minor, opened).await?;
    lots::receive(tx, new_fund, gift, None, sum.amount_minor, opened).await
}

/// A fund's whole free money moves to another one: lots travel with their restrictions, one transfer a lot.
///
/// # Errors
/// A refusal when the free lots are not `sum`: then something is still promised or held.
pub async fn fund_moved<P: Permission>(tx: &Tx, by: &As<P>, from: FundId, into: FundId, sum: Sum) -> Result<()> {
    let lots = lots::free_of_fund(tx, from).await?;
    if lots.iter().map(|(_, free)| *free).sum::<i64>() != sum.amount_minor {
        return Err(Error::refused("refused-insufficient"));
    }
    // The subject is the receiving fund, so that both funds' pages find the entry.
    let posting =
        books::open(tx, by, Entry { fund: Some(from), ..sum.entry(Recipe::FundMoved, Subject::Fund, into.0) }).await?;
    for (lot, free_minor) in lots {
        let moved = posting
            .transfer(
                Account::FundAvailable(from),
                Account::FundAvailable(into),
                free_minor,
                &format!("fund:{from}:moved:{}", lot.id),
            )
            .await?;
        lots::move_on(tx, &lot, into, free_minor, moved).await?;
    }
    Ok(())
}

/// Goods in kind are noted beside the books.
///
/// # Errors
/// When they were noted before.
pub async fn in_kind<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    gift: GiftId,
    fund: FundId,
    sum: Sum,
    voucher: Option<DocumentId>,
) -> Result<()> {
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::InKind, Subject::Gift, gift.0) }).await?;
    posting
        .transfer(Account::InKindReceived, Account::InKindControl, sum.amount_minor, &format!("in-kind:{gift}"))
        .await?;
    match voucher {
        Some(document) => posting.voucher(document).await,
        None => Ok(()),
    }
}

/// Goods in kind were used up: their note is undone.
///
/// # Errors
/// When it was undone before.
pub async fn in_kind_used<P: Permission>(tx: &Tx, by: &As<P>, gift: GiftId, fund: FundId, sum: Sum) -> Result<()> {
    let noted = books::made(tx, &format!("in-kind:{gift}")).await?.ok_or(Error::NotFound)?;
    let posting =
        books::open(tx, by, Entry { fund: Some(fund), ..sum.entry(Recipe::InKindUsed, Subject::Gift, gift.0) }).await?;
    posting
        .reverse(
            noted.id,
            Account::InKindControl,
            Account::InKindReceived,
            sum.amount_minor,
            &format!("in-kind:{gift}:used"),
        )
        .await
        .map(|_| ())
}
