//! The trial balance of a period: what every account had before, what went in and out, what it has after.

use crate::error::Result;
use chrono::{Datelike, Months, NaiveDate};
use entities::account;
use entities::kinds::{Currency, Side};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryOrder, Statement};
use std::collections::BTreeMap;

/// One account over a period, in minor units; opening and closing positive on its normal side.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The account.
    pub account: account::Model,
    /// Balance before the first day.
    pub opening_minor: i64,
    /// Debited in the period.
    pub debit_minor: i64,
    /// Credited in the period.
    pub credit_minor: i64,
    /// Balance after the last day.
    pub closing_minor: i64,
}

/// Debits and credits of a currency in the period: always equal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// Debited, in minor units.
    pub debit_minor: i64,
    /// Credited, in minor units.
    pub credit_minor: i64,
}

#[derive(Debug, FromQueryResult)]
struct Moved {
    account_id: i64,
    debit_before: i64,
    credit_before: i64,
    debit_within: i64,
    credit_within: i64,
}

/// The trial balance from a day to a day, both within it. Accounts that never moved until then are left out.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_period(db: &impl ConnectionTrait, from: NaiveDate, until: NaiveDate) -> Result<Vec<Line>> {
    let sql = format!(
        "select account_id,
            cast(sum(case when before then debit else 0 end) as bigint) as debit_before,
            cast(sum(case when before then credit else 0 end) as bigint) as credit_before,
            cast(sum(case when before then 0 else debit end) as bigint) as debit_within,
            cast(sum(case when before then 0 else credit end) as bigint) as credit_within
        from (
            select debit_id as account_id, amount_minor as debit, 0 as credit, before from ({PIECES}) pieces
            union all
            select credit_id, 0, amount_minor, before from ({PIECES}) pieces
        ) legs group by account_id"
    );
    let Cut { month, whole, rest } = Cut::of(from, until);
    let values = [from, until, month, whole, rest].map(sea_orm::Value::from);
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let moved: BTreeMap<i64, Moved> =
        Moved::find_by_statement(statement).all(db).await?.into_iter().map(|row| (row.account_id, row)).collect();
    let accounts = account::Entity::find().order_by_asc(account::Column::Code).all(db).await?;
    Ok(accounts.into_iter().filter_map(|account| moved.get(&account.id.0).map(|row| line(account, row))).collect())
}

/// What moved up to the last day: whole months by their totals, the days that are cut off at either end by theirs, and what is not
/// sealed one by one. `$1` and `$2` are the first day and the last, `$3` to `$5` as in [`Cut`].
const PIECES: &str = "select debit_id, credit_id, amount_minor, starts_on < $1 as before from turnover
      where span = 'month' and (starts_on < $3 or (starts_on >= $4 and starts_on < $5))
    union all
    select debit_id, credit_id, amount_minor, starts_on < $1 from turnover
      where span = 'day' and starts_on >= $3 and starts_on <= $2 and (starts_on < $4 or starts_on >= $5)
    union all
    select debit_id, credit_id, amount_minor, occurred_on < $1 from unsealed where occurred_on <= $2";

/// Where a period cuts through months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cut {
    /// First day of the month in which it begins.
    month: NaiveDate,
    /// First day of its first whole month.
    whole: NaiveDate,
    /// First day after its last whole month; never before `whole`.
    rest: NaiveDate,
}

impl Cut {
    fn of(from: NaiveDate, until: NaiveDate) -> Self {
        let month = from.with_day(1).unwrap_or(from);
        let next = |day: NaiveDate| day.checked_add_months(Months::new(1)).unwrap_or(day);
        let whole = if month == from { month } else { next(month) };
        let after = until.succ_opt().unwrap_or(until);
        let rest = after.with_day(1).unwrap_or(after).max(whole);
        Self { month, whole, rest }
    }
}

fn line(account: account::Model, row: &Moved) -> Line {
    let normal = |debit: i64, credit: i64| if account.side == Side::Debit { debit - credit } else { credit - debit };
    let opening_minor = normal(row.debit_before, row.credit_before);
    let closing_minor = opening_minor + normal(row.debit_within, row.credit_within);
    Line { opening_minor, debit_minor: row.debit_within, credit_minor: row.credit_within, closing_minor, account }
}

/// What was debited and credited in all, by currency.
pub fn totals(lines: &[Line]) -> Vec<(Currency, Total)> {
    let mut totals: Vec<(Currency, Total)> = Vec::new();
    for line in lines {
        let at = totals.iter().position(|(currency, _)| *currency == line.account.currency);
        let at = at.unwrap_or_else(|| {
            totals.push((line.account.currency, Total::default()));
            totals.len() - 1
        });
        if let Some((_, total)) = totals.get_mut(at) {
            total.debit_minor += line.debit_minor;
            total.credit_minor += line.credit_minor;
        }
    }
    totals
}
