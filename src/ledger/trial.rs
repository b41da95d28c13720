//! The trial balance of a period: what every account had before, what went in and out, what it has after.

use crate::error::Result;
use chrono::NaiveDate;
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
    let within = "p.occurred_on >= $1";
    let sql = format!(
        "select account_id,
            cast(sum(case when before then debit else 0 end) as bigint) as debit_before,
            cast(sum(case when before then credit else 0 end) as bigint) as credit_before,
            cast(sum(case when before then 0 else debit end) as bigint) as debit_within,
            cast(sum(case when before then 0 else credit end) as bigint) as credit_within
        from (
            select t.debit_id as account_id, t.amount_minor as debit, 0 as credit, not ({within}) as before
              from transfer t join posting p on p.id = t.posting_id where t.phase in ('single','post') and p.occurred_on <= $2
            union all
            select t.credit_id, 0, t.amount_minor, not ({within})
              from transfer t join posting p on p.id = t.posting_id where t.phase in ('single','post') and p.occurred_on <= $2
        ) legs group by account_id"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [from.into(), until.into()]);
    let moved: BTreeMap<i64, Moved> =
        Moved::find_by_statement(statement).all(db).await?.into_iter().map(|row| (row.account_id, row)).collect();
    let accounts = account::Entity::find().order_by_asc(account::Column::Code).all(db).await?;
    Ok(accounts.into_iter().filter_map(|account| moved.get(&account.id.0).map(|row| line(account, row))).collect())
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
