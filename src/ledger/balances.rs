//! Balances: one query each, so that the same figure stands on every page.

use super::accounts::Account;
use crate::error::Result;
use entities::kinds::{AccountKind, AwardId, Currency, FundId, Recipe, Side};
use entities::{account, award, call, decision_batch, decision_item, tranche};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Statement, Value};

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
    let accounts = account::Entity::find().all(db).await?;
    // Floored accounts carry their figures; the others are summed here, all in one query.
    let sql = "select account_id, cast(sum(debit) as bigint) as debit, cast(sum(credit) as bigint) as credit from (
        select t.debit_id as account_id, t.amount_minor as debit, 0 as credit from transfer t join account a on a.id = t.debit_id where t.phase in ('single','post') and not a.floored
        union all
        select t.credit_id, 0, t.amount_minor from transfer t join account a on a.id = t.credit_id where t.phase in ('single','post') and not a.floored
    ) legs group by account_id";
    let turnovers = Turnover::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).all(db).await?;
    let mut balances: Vec<Balance> = accounts
        .into_iter()
        .map(|account| {
            let (debit, credit) = if account.floored {
                (account.posted_debit_minor, account.posted_credit_minor)
            } else {
                turnovers.iter().find(|t| t.account_id == account.id.0).map_or((0, 0), |t| (t.debit, t.credit))
            };
            let balance_minor = if account.side == Side::Debit { debit - credit } else { credit - debit };
            Balance { account, balance_minor }
        })
        .collect();
    balances.sort_by(|a, b| a.account.code.cmp(&b.account.code));
    Ok(balances)
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
    let mut flows: Vec<(FundId, Flow)> = funds.iter().map(|fund| (*fund, Flow::default())).collect();
    if funds.is_empty() {
        return Ok(flows);
    }
    let items: Vec<(i64, FundId)> = decision_item::Entity::find()
        .select_only()
        .column(decision_item::Column::Id)
        .column(call::Column::FundId)
        .join(sea_orm::JoinType::InnerJoin, item_batch())
        .join(sea_orm::JoinType::InnerJoin, batch_call())
        .filter(call::Column::FundId.is_in(funds.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let tranches: Vec<(i64, FundId)> = tranche::Entity::find()
        .select_only()
        .column(tranche::Column::Id)
        .column(award::Column::FundId)
        .join(sea_orm::JoinType::InnerJoin, tranche_award())
        .filter(award::Column::FundId.is_in(funds.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let accounts = account::Entity::find()
        .filter(account::Column::Kind.is_in([
            AccountKind::FundAvailable,
            AccountKind::AwardCommitted,
            AccountKind::AwardPayable,
        ]))
        .all(db)
        .await?;
    for account in accounts {
        let Some(subject) = account.subject_id else { continue };
        let owner = match account.kind {
            AccountKind::FundAvailable => Some(FundId(subject)),
            AccountKind::AwardCommitted => items.iter().find(|(id, _)| *id == subject).map(|(_, fund)| *fund),
            _ => tranches.iter().find(|(id, _)| *id == subject).map(|(_, fund)| *fund),
        };
        let Some((_, flow)) = flows.iter_mut().find(|(fund, _)| Some(*fund) == owner) else { continue };
        match account.kind {
            AccountKind::FundAvailable => {
                flow.available_minor += account.posted_credit_minor - account.posted_debit_minor
            }
            _ => flow.committed_minor += account.posted_credit_minor - account.posted_debit_minor,
        }
    }
    for (fund, paid, fee) in spent(db, "p.fund_id", funds.iter().map(|fund| fund.0)).await? {
        if let Some((_, flow)) = flows.iter_mut().find(|(id, _)| id.0 == fund) {
            flow.paid_minor = paid;
            flow.fee_minor = fee;
        }
    }
    for (_, flow) in &mut flows {
        flow.received_minor = flow.paid_minor + flow.fee_minor + flow.committed_minor + flow.available_minor;
    }
    Ok(flows)
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
    let rows = spent(db, "p.award_id", awards.iter().map(|award| award.0)).await?;
    Ok(rows.into_iter().map(|(award, paid, fee)| (AwardId(award), paid, fee)).collect())
}

#[derive(Debug, FromQueryResult)]
struct Spent {
    owner: i64,
    paid: i64,
    fee: i64,
}

/// Paid and fee by owner: postings of payments less those that came back.
async fn spent(db: &impl ConnectionTrait, owner: &str, ids: impl Iterator<Item = i64>) -> Result<Vec<(i64, i64, i64)>> {
    let list: Vec<String> = ids.map(|id| id.to_string()).collect();
    if list.is_empty() {
        return Ok(Vec::new());
    }
    // Out of a payable into anything but its award's commitment is paid; back into it is returned. Ids are numbers: nothing to escape.
    let sql = format!(
        "select {owner} as owner,
           cast(sum(case when d.kind = 'award_payable' and c.kind <> 'award_committed' then t.amount_minor when c.kind = 'award_payable' and d.kind <> 'award_committed' then -t.amount_minor
             when d.kind = 'bank' and p.recipe = $1 then -t.amount_minor else 0 end) as bigint) as paid,
           cast(sum(case when c.kind = 'fee_recovery' then t.amount_minor when d.kind = 'fee_recovery' then -t.amount_minor else 0 end) as bigint) as fee
         from transfer t join posting p on p.id = t.posting_id join account d on d.id = t.debit_id join account c on c.id = t.credit_id
         where t.phase in ('single','post') and p.award_id is not null and {owner} in ({}) group by {owner}",
        list.join(",")
    );
    let statement =
        Statement::from_sql_and_values(db.get_database_backend(), sql, [Value::from(Recipe::GranteeReturned)]);
    Ok(Spent::find_by_statement(statement)
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.owner, row.paid, row.fee))
        .collect())
}

fn item_batch() -> sea_orm::RelationDef {
    decision_item::Entity::belongs_to(decision_batch::Entity)
        .from(decision_item::Column::BatchId)
        .to(decision_batch::Column::Id)
        .into()
}

fn batch_call() -> sea_orm::RelationDef {
    decision_batch::Entity::belongs_to(call::Entity).from(decision_batch::Column::CallId).to(call::Column::Id).into()
}

fn tranche_award() -> sea_orm::RelationDef {
    tranche::Entity::belongs_to(award::Entity).from(tranche::Column::AwardId).to(award::Column::Id).into()
}
