//! What is promised to grantees: reserved with the fee, due by tranche, released, sent back.

use super::{Sum, TranchePlace};
use crate::edges::db::Tx;
use crate::error::Result;
use crate::ledger::accounts::Account;
use crate::ledger::books::{self, Entry};
use crate::ledger::lines::{self, Moved};
use crate::ledger::lots;
use crate::people::permission::{As, Permission};
use entities::kinds::{AwardId, DecisionItemId, FundId, NeedId, Recipe, Subject};

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
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::Reserved, Subject::DecisionItem, item.0)).await?;
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
    lots::release(tx, item, fund, sum.amount_minor, transfer).await
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
    lines::take(tx, line, Moved::came(sum), Subject::Award, award.0).await?;
    let posting = books::open(
        tx,
        by,
        Entry { fund: Some(fund), award: Some(award), ..sum.entry(Recipe::GranteeReturned, Subject::Award, award.0) },
    )
    .await?;
    let back = posting
        .transfer(Account::Bank, Account::FundAvailable(fund), sum.amount_minor, &format!("bank:{line}"))
        .await?;
    lots::reopen(tx, item, fund, sum.amount_minor, back).await
}
