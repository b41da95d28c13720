//! What donors give: promised, received through suspense, refunded, given in kind.

use super::Sum;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::ledger::accounts::Account;
use crate::ledger::books;
use crate::ledger::lines::{self, Moved};
use crate::ledger::lots;
use crate::people::permission::{As, Permission};
use entities::kinds::{DocumentId, FundId, GiftId, NeedId, PostingId, Recipe, Subject, TransferId};

/// A pledge is noted beside the books; it is never money.
///
/// # Errors
/// When the database refuses.
pub async fn pledge<P: Permission>(tx: &Tx, by: &As<P>, gift: GiftId, fund: FundId, sum: Sum) -> Result<()> {
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::Pledge, Subject::Gift, gift.0)).await?;
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
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::PledgeEnded, Subject::Gift, gift.0)).await?;
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
    lines::take(tx, line, Moved::came(sum), subject.0, subject.1).await?;
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::BankReceipt, subject.0, subject.1)).await?;
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
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::SuspenseMatched, Subject::Gift, gift.0)).await?;
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
    lines::take(tx, line, Moved::went(sum), Subject::Gift, gift.0).await?;
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::SuspenseReturned, Subject::Gift, gift.0)).await?;
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
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::GiftRefundHeld, Subject::Gift, gift.0)).await?;
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
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::GiftRefundPosted, Subject::Gift, gift.0)).await?;
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
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::GiftRefundVoid, Subject::Gift, gift.0)).await?;
    let void = posting
        .void(held, Account::FundAvailable(fund), Account::Bank, sum.amount_minor, &format!("refund:{key}:void"))
        .await?;
    lots::refund_void(tx, held, void).await
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
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::InKind, Subject::Gift, gift.0)).await?;
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
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::InKindUsed, Subject::Gift, gift.0)).await?;
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
