//! A fund's years: what came in, what was promised, what was paid, by the day of each entry. One query for all years.

use crate::error::Result;
use entities::account;
use entities::kinds::{AccountId, AccountKind, FundId, Recipe};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Statement, Value};

/// One calendar year of a fund, in minor units; what came back in the year is taken off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Year {
    /// Calendar year.
    pub year: i32,
    /// Gifts, and what came from other funds, refunds taken off.
    pub gifts_minor: i64,
    /// Matches.
    pub matching_minor: i64,
    /// Promised to awards, fee included, less what was released.
    pub committed_minor: i64,
    /// Paid to grantees.
    pub grants_minor: i64,
    /// Given to new funds.
    pub seed_funds_minor: i64,
    /// Management fee.
    pub fee_minor: i64,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    year: String,
    gifts: i64,
    matching: i64,
    committed: i64,
    grants: i64,
    seeds: i64,
    fee: i64,
}

/// Every year in which a fund's books moved, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_fund(db: &impl ConnectionTrait, fund: FundId) -> Result<Vec<Year>> {
    // Read from the totals of the months: a page of full books asks for no more rows than one of small ones.
    // An entry is in or out of this fund by its own account. Out of a payable into anything but its award's commitment is paid, as
    // in the balances.
    let own: Vec<AccountId> = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::Kind.eq(AccountKind::FundAvailable))
        .filter(account::Column::SubjectId.eq(fund.0))
        .into_tuple()
        .all(db)
        .await?;
    let own = super::balances::listed(own.into_iter().map(|id| id.0));
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("select substr(cast(moved_on as text), 1, 4) as year,
        cast(sum(case when own_in and not other_promise and not other_pool and not other_fee and recipe <> $2 then amount_minor when own_out and not other_promise and not other_pool and not other_fee then -amount_minor else 0 end) as bigint) as gifts,
        cast(sum(case when own_in and other_pool then amount_minor when own_out and other_pool then -amount_minor else 0 end) as bigint) as matching,
        cast(sum(case when own_out and other_promise then amount_minor when own_in and other_promise then -amount_minor else 0 end) as bigint) as committed,
        cast(sum(case when award_id = 0 or recipe = $3 then 0 when debit_kind = 'award_payable' and credit_kind <> 'award_committed' then amount_minor when credit_kind = 'award_payable' and debit_kind <> 'award_committed' then -amount_minor when debit_kind = 'bank' and recipe = $2 then -amount_minor else 0 end) as bigint) as grants,
        cast(sum(case when recipe = $3 and debit_kind = 'award_payable' and fund_id = $1 then amount_minor else 0 end) as bigint) as seeds,
        cast(sum(case when fund_id <> $1 then 0 when credit_kind = 'fee_recovery' then amount_minor when debit_kind = 'fee_recovery' then -amount_minor else 0 end) as bigint) as fee
      from (
        select m.moved_on, m.fund_id, m.award_id, m.recipe, m.amount_minor, d.kind as debit_kind, c.kind as credit_kind,
          (c.kind = 'fund_available' and c.subject_id = $1) as own_in,
          (d.kind = 'fund_available' and d.subject_id = $1) as own_out,
          (d.kind = 'award_committed' or c.kind = 'award_committed') as other_promise,
          (d.kind = 'match_pool' or c.kind = 'match_pool') as other_pool,
          (d.kind = 'fee_recovery' or c.kind = 'fee_recovery') as other_fee
        from (
          select * from moved_on where fund_id = $1
          union all
          select * from moved_on where fund_id <> $1 and credit_id in ({own})
        ) m join account d on d.id = m.debit_id join account c on c.id = m.credit_id
      ) legs group by 1 order by 1");
    let values = [Value::from(fund.0), Value::from(Recipe::GranteeReturned), Value::from(Recipe::SeedFund)];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let year = |row: Row| Year {
        year: row.year.parse().unwrap_or_default(),
        gifts_minor: row.gifts,
        matching_minor: row.matching,
        committed_minor: row.committed,
        grants_minor: row.grants,
        seed_funds_minor: row.seeds,
        fee_minor: row.fee,
    };
    Ok(Row::find_by_statement(statement).all(db).await?.into_iter().map(year).collect())
}
