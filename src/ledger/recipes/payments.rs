//! What leaves the bank: held, posted with its fee, void, returned; and the seed fund that is opened without the bank.

use super::{Sum, TranchePlace};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::ledger::accounts::Account;
use crate::ledger::books;
use crate::ledger::lines::{self, Moved};
use crate::ledger::lots;
use crate::people::permission::{As, Permission};
use entities::kinds::{DocumentId, FundId, GiftId, PaymentId, Recipe, Subject, TransferId};

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

/// Money came back after it was paid. The whole reverses payment and fee; a part is payable again as a transfer that relates to
/// the payment, and the fee stays. Lots are reopened and allocated again.
///
/// # Errors
/// When the payment was never posted or was reversed before, or the bank's line was recorded before.
pub async fn payment_returned<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    place: TranchePlace,
    payment: PaymentId,
    sum: Sum,
    line: &str,
) -> Result<()> {
    let paid = books::made(tx, &format!("payment:{payment}:posted")).await?.ok_or(Error::NotFound)?;
    let whole = sum.amount_minor == paid.amount_minor;
    let recipe = if whole { Recipe::PaymentReturned } else { Recipe::PaymentPartReturned };
    let posting = books::open(tx, by, place.entry(recipe, sum)).await?;
    lines::take(tx, line, Moved::came(sum), Subject::Tranche, place.tranche.0).await?;
    let (debit, credit, key) = (Account::Bank, Account::AwardPayable(place.tranche), format!("bank:{line}"));
    let back = if whole {
        posting.reverse(paid.id, debit, credit, sum.amount_minor, &key).await?
    } else {
        posting.related(paid.id, debit, credit, sum.amount_minor, &key).await?
    };
    lots::take_back(tx, place.item, sum.amount_minor, back).await?;
    if whole && let Some(fee) = books::made(tx, &format!("payment:{payment}:fee")).await? {
        let undone = posting
            .reverse(
                fee.id,
                Account::FeeRecovery,
                Account::AwardCommitted(place.item),
                fee.amount_minor,
                &format!("payment:{payment}:fee:returned"),
            )
            .await?;
        lots::take_back(tx, place.item, fee.amount_minor, undone).await?;
    }
    Ok(())
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
