//! Whether a file is of the account that it was uploaded for. Most say so by its number. One that does not must at least go on from
//! the balance that is known: somebody else's file would not.

use super::HAND;
use crate::error::{Error, Result};
use chrono::NaiveDate;
use entities::kinds::{BankAccountId, KnownBy, StatementFormat, StatementId, StatementStage};
use entities::{bank_statement, bank_statement_line};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

/// What a file says of the account without naming it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    /// Balance before its first line.
    pub(super) opening_minor: Option<i64>,
    /// Balance after its last.
    pub(super) closing_minor: Option<i64>,
    /// First day.
    pub(super) from: NaiveDate,
    /// Last day.
    pub(super) to: NaiveDate,
}

/// By what a file that does not name its account is known to be of this one. `own` is its row, once it has one.
///
/// # Errors
/// By the field when its balances are not those that are known of the account.
pub(super) async fn known_by(
    db: &impl ConnectionTrait,
    account: BankAccountId,
    own: Option<StatementId>,
    said: Said,
) -> Result<KnownBy> {
    let mut known_by = KnownBy::Choice;
    for (told, known) in [
        (said.opening_minor, before(db, account, own, said.from).await?),
        (said.closing_minor, after(db, account, own, said.to).await?),
    ] {
        let (Some(told), Some(known)) = (told, known) else { continue };
        if !known.contains(&told) {
            return Err(Error::field("file", "refused-statement-other-balance"));
        }
        known_by = KnownBy::Balance;
    }
    Ok(known_by)
}

fn files(account: BankAccountId, own: Option<StatementId>) -> Select<bank_statement::Entity> {
    let rows = bank_statement::Entity::find()
        .filter(bank_statement::Column::AccountId.eq(account))
        .filter(bank_statement::Column::Stage.eq(StatementStage::Imported))
        .filter(bank_statement::Column::Format.ne(StatementFormat::ByHand));
    match own {
        Some(id) => rows.filter(bank_statement::Column::Id.ne(id)),
        None => rows,
    }
}

/// What stood there before a day, with what hands wrote since the last file and without.
async fn before(
    db: &impl ConnectionTrait,
    account: BankAccountId,
    own: Option<StatementId>,
    day: NaiveDate,
) -> Result<Option<[i64; 2]>> {
    let (from, to) = (bank_statement::Column::FromDay, bank_statement::Column::ToDay);
    let of = bank_statement_line::Column::Day;
    let closed = files(account, own).filter(to.lt(day)).filter(bank_statement::Column::ClosingMinor.is_not_null());
    let closed = closed.order_by_desc(to).order_by_desc(bank_statement::Column::Id).one(db).await?;
    if let Some(row) = closed {
        let moved = moved(db, account, Condition::all().add(of.gt(row.to_day)).add(of.lt(day))).await?;
        return Ok(row.closing_minor.map(|minor| moved.map(|sum| minor + sum)));
    }
    let open = files(account, own).filter(from.lte(day)).filter(to.gte(day));
    let open = open.filter(bank_statement::Column::OpeningMinor.is_not_null());
    let open = open.order_by_desc(from).order_by_desc(bank_statement::Column::Id).one(db).await?;
    let Some(row) = open else { return Ok(None) };
    let moved = moved(db, account, Condition::all().add(of.gte(row.from_day)).add(of.lt(day))).await?;
    Ok(row.opening_minor.map(|minor| moved.map(|sum| minor + sum)))
}

/// What stood there after a day, as a later file tells it.
async fn after(
    db: &impl ConnectionTrait,
    account: BankAccountId,
    own: Option<StatementId>,
    day: NaiveDate,
) -> Result<Option<[i64; 2]>> {
    let from = bank_statement::Column::FromDay;
    let later = files(account, own).filter(from.gt(day)).filter(bank_statement::Column::OpeningMinor.is_not_null());
    let Some(row) = later.order_by_asc(from).order_by_asc(bank_statement::Column::Id).one(db).await? else {
        return Ok(None);
    };
    let of = bank_statement_line::Column::Day;
    let moved = moved(db, account, Condition::all().add(of.gt(day)).add(of.lt(row.from_day))).await?;
    Ok(row.opening_minor.map(|minor| moved.map(|sum| minor - sum)))
}

/// The sum of some lines, with those that only a hand wrote and without.
async fn moved(db: &impl ConnectionTrait, account: BankAccountId, which: Condition) -> Result<[i64; 2]> {
    let lines = || bank_statement_line::Entity::find().filter(bank_statement_line::Column::AccountId.eq(account));
    let sum = Expr::col(bank_statement_line::Column::AmountMinor).sum().cast_as("bigint");
    let total = async |rows: Select<bank_statement_line::Entity>| -> Result<i64> {
        let found: Option<Option<i64>> = rows.select_only().expr_as(sum.clone(), "total").into_tuple().one(db).await?;
        Ok(found.flatten().unwrap_or(0))
    };
    let all = total(lines().filter(which.clone())).await?;
    let by_hand = total(lines().filter(which).filter(Expr::cust(HAND))).await?;
    Ok([all, all - by_hand])
}
