//! Balances: one query each, so that the same figure stands on every page. Sums read the view `moved`: what is sealed stands there in
//! totals (see [`super::seal`]), what came after it one by one, so that no page grows slower with the books.

use super::accounts::Account;
use crate::error::Result;
use entities::account;
use entities::kinds::{AccountId, AccountKind, AwardId, Currency, FundId, Recipe, Side};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement, Value};
use std::collections::BTreeMap;

/// Where a fund's money is, in minor units: received = paid + fee + committed + available.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flow {
    /// Cash received, matches included, refunds taken off.
    pub received_minor: i64,
    /// Paid to grantees, returns taken off.
    pub paid_minor: i64,
    /// Management fee.
    pub fee_minor: i64,
    /// Promised to awards and not yet paid.
    pub committed_minor: i64,
    /// What may still be committed.
    pub available_minor: i64,
}

/// One account with its balance, positive on its normal side.
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    /// The account.
    pub account: account::Model,
    /// Posted balance, positive on the normal side, in minor units.
    pub balance_minor: i64,
}

#[derive(Debug, FromQueryResult)]
struct Turnover {
    account_id: i64,
    debit: i64,
    credit: i64,
}

/// Every account with its posted balance, by code.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Balance>> {
    of(db, account::Entity::find().order_by_asc(account::Column::Code).all(db).await?).await
}

/// Some accounts with their posted balances, in the order given.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, accounts: Vec<account::Model>) -> Result<Vec<Balance>> {
    let summed: Vec<AccountId> = accounts.iter().filter(|account| !account.floored).map(|account| account.id).collect();
    let turnovers = turnovers(db, &summed).await?;
    let balance = |account: account::Model| {
        // Floored accounts carry their figures.
        let (debit, credit) = if account.floored {
            (account.posted_debit_minor, account.posted_credit_minor)
        } else {
            turnovers.get(&account.id).copied().unwrap_or_default()
        };
        let balance_minor = if account.side == Side::Debit { debit - credit } else { credit - debit };
        Balance { account, balance_minor }
    };
    Ok(accounts.into_iter().map(balance).collect())
}

/// Debits and credits of some accounts, from the sums of what is sealed and what came after it.
async fn turnovers(db: &impl ConnectionTrait, accounts: &[AccountId]) -> Result<BTreeMap<AccountId, (i64, i64)>> {
    if accounts.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids = listed(accounts.iter().map(|id| id.0));
    let sql = format!(
        "select account_id, cast(sum(debit) as bigint) as debit, cast(sum(credit) as bigint) as credit from (
           select debit_id as account_id, amount_minor as debit, 0 as credit from moved where debit_id in ({ids})
           union all
           select credit_id, 0, amount_minor from moved where credit_id in ({ids})
         ) legs group by account_id"
    );
    let rows = Turnover::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).all(db).await?;
    Ok(rows.into_iter().map(|row| (AccountId(row.account_id), (row.debit, row.credit))).collect())
}

/// Keys as a list of SQL. They are numbers: there is nothing to escape.
pub(super) fn listed(ids: impl Iterator<Item = i64>) -> String {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(",")
}

/// What may be taken from an account now: its balance less what is held. 0 for an account never used.
///
/// # Errors
/// When the database cannot be read.
pub async fn available(db: &impl ConnectionTrait, of: Account, currency: Currency) -> Result<i64> {
    let row = account::Entity::find().filter(account::Column::Code.eq(of.code(currency))).one(db).await?;
    Ok(row.map_or(0, |row| free(&row)))
}

fn free(row: &account::Model) -> i64 {
    match row.side {
        Side::Debit => row.posted_debit_minor - row.posted_credit_minor - row.held_credit_minor,
        Side::Credit => row.posted_credit_minor - row.posted_debit_minor - row.held_debit_minor,
    }
}

/// The posted balance of a floored account. 0 for an account never used.
///
/// # Errors
/// When the database cannot be read.
pub async fn posted(db: &impl ConnectionTrait, of: Account, currency: Currency) -> Result<i64> {
    let row = account::Entity::find().filter(account::Column::Code.eq(of.code(currency))).one(db).await?;
    Ok(row.map_or(0, |row| match row.side {
        Side::Debit => row.posted_debit_minor - row.posted_credit_minor,
        Side::Credit => row.posted_credit_minor - row.posted_debit_minor,
    }))
}

/// Where the money of some funds is; the flow bar of each. Funds without money are all zero.
///
/// # Errors
/// When the database cannot be read.
pub async fn flows(db: &impl ConnectionTrait, funds: &[FundId]) -> Result<Vec<(FundId, Flow)>> {
    let mut flows: BTreeMap<FundId, Flow> = BTreeMap::new();
    for row in standing(db, funds).await? {
        let flow = flows.entry(FundId(row.owner)).or_default();
        flow.available_minor = row.available;
        flow.committed_minor = row.committed;
    }
    for (fund, paid, fee) in spent(db, "fund_id", funds.iter().map(|fund| fund.0)).await? {
        let flow = flows.entry(FundId(fund)).or_default();
        flow.paid_minor = paid;
        flow.fee_minor = fee;
    }
    for flow in flows.values_mut() {
        flow.received_minor = flow.paid_minor + flow.fee_minor + flow.committed_minor + flow.available_minor;
    }
    Ok(funds.iter().map(|fund| (*fund, flows.get(fund).copied().unwrap_or_default())).collect())
}

#[derive(Debug, FromQueryResult)]
struct Standing {
    owner: i64,
    available: i64,
    committed: i64,
}

/// What the accounts of some funds carry: their own, those of their decisions and of their tranches.
async fn standing(db: &impl ConnectionTrait, funds: &[FundId]) -> Result<Vec<Standing>> {
    if funds.is_empty() {
        return Ok(Vec::new());
    }
    let ids = listed(funds.iter().map(|fund| fund.0));
    let sql = format!(
        "select owner, cast(sum(available) as bigint) as available, cast(sum(committed) as bigint) as committed from (
           select a.subject_id as owner, a.posted_credit_minor - a.posted_debit_minor as available, 0 as committed
             from account a where a.kind = $1 and a.subject_id in ({ids})
           union all
           select c.fund_id, 0, a.posted_credit_minor - a.posted_debit_minor
             from call c join decision_batch b on b.call_id = c.id join decision_item i on i.batch_id = b.id
             join account a on a.kind = $2 and a.subject_id = i.id where c.fund_id in ({ids})
           union all
           select w.fund_id, 0, a.posted_credit_minor - a.posted_debit_minor
             from award w join tranche n on n.award_id = w.id
             join account a on a.kind = $3 and a.subject_id = n.id where w.fund_id in ({ids})
         ) legs group by owner"
    );
    let kinds = [AccountKind::FundAvailable, AccountKind::AwardCommitted, AccountKind::AwardPayable].map(Value::from);
    let asked = Statement::from_sql_and_values(db.get_database_backend(), sql, kinds);
    Ok(Standing::find_by_statement(asked).all(db).await?)
}

/// Where one fund's money is.
///
/// # Errors
/// When the database cannot be read.
pub async fn flow(db: &impl ConnectionTrait, fund: FundId) -> Result<Flow> {
    Ok(flows(db, &[fund]).await?.first().map_or(Flow::default(), |(_, flow)| *flow))
}

/// What was paid on awards, and the fees on it: (award, paid, fee), in minor units.
///
/// # Errors
/// When the database cannot be read.
pub async fn paid_on_awards(db: &impl ConnectionTrait, awards: &[AwardId]) -> Result<Vec<(AwardId, i64, i64)>> {
    let rows = spent(db, "award_id", awards.iter().map(|award| award.0)).await?;
    Ok(rows.into_iter().map(|(award, paid, fee)| (AwardId(award), paid, fee)).collect())
}

#[derive(Debug, FromQueryResult)]
struct Spent {
    owner: i64,
    paid: i64,
    fee: i64,
}

/// Paid and fee by owner: postings of payments less those that came back, and what the processor kept of gifts to a fund that bears it.
async fn spent(db: &impl ConnectionTrait, owner: &str, ids: impl Iterator<Item = i64>) -> Result<Vec<(i64, i64, i64)>> {
    let list = listed(ids);
    if list.is_empty() {
        return Ok(Vec::new());
    }
    // Out of a payable into anything but its award's commitment is paid; back into it is returned.
    let sql = format!(
        "select m.{owner} as owner,
           cast(sum(case when d.kind = 'award_payable' and c.kind <> 'award_committed' then m.amount_minor when c.kind = 'award_payable' and d.kind <> 'award_committed' then -m.amount_minor
             when d.kind = 'bank' and m.recipe = $1 then -m.amount_minor else 0 end) as bigint) as paid,
           cast(sum(case when c.kind = 'fee_recovery' then m.amount_minor when d.kind = 'fee_recovery' then -m.amount_minor else 0 end) as bigint) as fee
         from moved m join account d on d.id = m.debit_id join account c on c.id = m.credit_id
         where (m.award_id > 0 or m.recipe = $2) and m.{owner} in ({list}) group by m.{owner}"
    );
    let values = [Recipe::GranteeReturned, Recipe::ProcessorFee].map(Value::from);
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(Spent::find_by_statement(statement)
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.owner, row.paid, row.fee))
        .collect())
}
