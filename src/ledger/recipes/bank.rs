//! What a line of the statement brings that belongs to nobody yet, or to the bank itself.

use super::Sum;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::ledger::accounts::Account;
use crate::ledger::books;
use crate::ledger::lines::{self, Moved};
use crate::people::permission::{As, Permission};
use entities::kinds::{Recipe, StatementLineId, Subject};

/// Money that nobody can place, or that no fund may take, stands in suspense: seen, and of nobody.
///
/// # Errors
/// A refusal when the line was recorded before.
pub async fn suspense_received<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    id: StatementLineId,
    sum: Sum,
    line: &str,
) -> Result<()> {
    lines::take(tx, line, Moved::came(sum), Subject::StatementLine, id.0).await?;
    let posting = books::open(tx, by, sum.entry(Recipe::BankReceipt, Subject::StatementLine, id.0)).await?;
    posting.transfer(Account::Bank, Account::Suspense, sum.amount_minor, &format!("bank:{line}")).await.map(|_| ())
}

/// What stood in suspense goes back to its sender. `line` is the line of the return.
///
/// # Errors
/// A refusal when that line was recorded before, or suspense is short.
pub async fn suspense_sent_back<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    id: StatementLineId,
    sum: Sum,
    line: &str,
) -> Result<()> {
    lines::take(tx, line, Moved::went(sum), Subject::StatementLine, id.0).await?;
    let posting = books::open(tx, by, sum.entry(Recipe::SuspenseReturned, Subject::StatementLine, id.0)).await?;
    posting.transfer(Account::Suspense, Account::Bank, sum.amount_minor, &format!("bank:{line}")).await.map(|_| ())
}

/// What the bank takes for itself.
///
/// # Errors
/// A refusal when the line was recorded before.
pub async fn bank_fee<P: Permission>(tx: &Tx, by: &As<P>, id: StatementLineId, sum: Sum, line: &str) -> Result<()> {
    lines::take(tx, line, Moved::went(sum), Subject::StatementLine, id.0).await?;
    let posting = books::open(tx, by, sum.entry(Recipe::BankFee, Subject::StatementLine, id.0)).await?;
    posting.transfer(Account::BankFees, Account::Bank, sum.amount_minor, &format!("bank:{line}")).await.map(|_| ())
}
