//! Money that the foundation sets aside, matches and moves between funds.

use super::Sum;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::ledger::accounts::Account;
use crate::ledger::books;
use crate::ledger::lines::{self, Moved};
use crate::ledger::lots;
use crate::people::permission::{As, Permission};
use entities::kinds::{FundId, GiftId, MatchPoolId, PostingId, Recipe, Subject};
use entities::{posting, transfer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

/// The founder's capital arrives. `line` is the bank's mark for the receipt.
///
/// # Errors
/// When the line was posted before.
pub async fn capital<P: Permission>(tx: &Tx, by: &As<P>, sum: Sum, line: &str) -> Result<PostingId> {
    lines::take(tx, line, Moved::came(sum), Subject::Foundation, 1).await?;
    let posting = books::open(tx, by, sum.entry(Recipe::Capital, Subject::Foundation, 1)).await?;
    posting.transfer(Account::Bank, Account::OperatingReserve, sum.amount_minor, &format!("bank:{line}")).await?;
    Ok(posting.id)
}

/// The foundation sets money aside in a pool.
///
/// # Errors
/// A refusal when the reserve is short.
pub async fn pool_funded<P: Permission>(tx: &Tx, by: &As<P>, pool: MatchPoolId, fund: FundId, sum: Sum) -> Result<()> {
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::PoolFunded, Subject::MatchPool, pool.0)).await?;
    posting
        .transfer(Account::OperatingReserve, Account::MatchPool(pool), sum.amount_minor, &format!("pool:{pool}:funded"))
        .await
        .map(|_| ())
}

/// What a pool has left goes back; after that, what refunded gifts bring it, each with its `turn`.
///
/// # Errors
/// When it was returned before.
pub async fn pool_returned<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    pool: MatchPoolId,
    fund: FundId,
    sum: Sum,
    turn: &str,
) -> Result<()> {
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::PoolReturned, Subject::MatchPool, pool.0)).await?;
    posting
        .transfer(
            Account::MatchPool(pool),
            Account::OperatingReserve,
            sum.amount_minor,
            &format!("pool:{pool}:returned{turn}"),
        )
        .await
        .map(|_| ())
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
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::Match, Subject::Gift, gift.0)).await?;
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
    let posting = books::open(tx, by, sum.of_fund(fund, Recipe::MatchReversed, Subject::Gift, gift.0)).await?;
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

/// What went back of a match so far, by the books, in minor units.
///
/// # Errors
/// When the database cannot be read.
pub async fn match_reversed_so_far(tx: &Tx, gift: GiftId) -> Result<i64> {
    let postings = posting::Entity::find()
        .select_only()
        .column(posting::Column::Id)
        .filter(posting::Column::Subject.eq(Subject::Gift))
        .filter(posting::Column::SubjectId.eq(gift.0))
        .filter(posting::Column::Recipe.eq(Recipe::MatchReversed))
        .into_query();
    let moved = transfer::Entity::find().filter(transfer::Column::PostingId.in_subquery(postings)).all(tx).await?;
    Ok(moved.iter().map(|row| row.amount_minor).sum())
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
    let posting = books::open(tx, by, sum.of_fund(from, Recipe::FundMoved, Subject::Fund, into.0)).await?;
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
