//! Accounts in words, for every page on which an account stands: the kind, and whose it is.

use crate::commons::texts::pick;
use crate::error::Result;
use crate::people::permission::Context;
use entities::kinds::{AccountId, AccountKind, DecisionItemId, FundId, MatchPoolId, TrancheId};
use entities::{account, application, award, decision_item, fund, match_pool, tranche, transfer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Accounts in words: `account-<kind>`, with the fund, project or pool they belong to.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(context: &Context, accounts: &[account::Model]) -> Result<BTreeMap<AccountId, String>> {
    let owners = Owners::load(context, accounts).await?;
    let name = |row: &account::Model| {
        let kind = context.t(&format!("account-{}", row.kind));
        match row.subject_id.and_then(|subject| owners.of(row.kind, subject)) {
            Some(owner) => format!("{kind} · {owner}"),
            None => kind,
        }
    };
    Ok(accounts.iter().map(|row| (row.id, name(row))).collect())
}

/// Accounts of some transfers with their names in words.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn of_transfers(
    context: &Context,
    transfers: &[transfer::Model],
) -> Result<BTreeMap<AccountId, (account::Model, String)>> {
    let ids: BTreeSet<AccountId> = transfers.iter().flat_map(|row| [row.debit_id, row.credit_id]).collect();
    let rows = account::Entity::find().filter(account::Column::Id.is_in(ids)).all(context.edges.db.read()).await?;
    let names = of(context, &rows).await?;
    Ok(rows.into_iter().filter_map(|row| names.get(&row.id).cloned().map(|name| (row.id, (row, name)))).collect())
}

/// Names of what accounts belong to, loaded at once.
#[derive(Debug, Default)]
struct Owners {
    funds: BTreeMap<i64, String>,
    pools: BTreeMap<i64, String>,
    items: BTreeMap<i64, String>,
    tranches: BTreeMap<i64, String>,
}

impl Owners {
    async fn load(context: &Context, accounts: &[account::Model]) -> Result<Self> {
        let db = context.edges.db.read();
        let subjects = |kind: AccountKind| {
            accounts.iter().filter(|row| row.kind == kind).filter_map(|row| row.subject_id).collect::<Vec<i64>>()
        };
        let funds = subjects(AccountKind::FundAvailable).into_iter().map(FundId);
        let funds = fund::Entity::find().filter(fund::Column::Id.is_in(funds)).all(db).await?;
        let pools = subjects(AccountKind::MatchPool).into_iter().map(MatchPoolId);
        let pools = match_pool::Entity::find().filter(match_pool::Column::Id.is_in(pools)).all(db).await?;
        Ok(Self {
            funds: funds.iter().map(|row| (row.id.0, pick(context.locale, &row.name_zh, &row.name_en))).collect(),
            pools: pools.iter().map(|row| (row.id.0, pick(context.locale, &row.name_zh, &row.name_en))).collect(),
            items: items(context, subjects(AccountKind::AwardCommitted)).await?,
            tranches: tranches(context, subjects(AccountKind::AwardPayable)).await?,
        })
    }

    fn of(&self, kind: AccountKind, subject: i64) -> Option<&str> {
        let owners = match kind {
            AccountKind::FundAvailable => &self.funds,
            AccountKind::MatchPool => &self.pools,
            AccountKind::AwardCommitted => &self.items,
            AccountKind::AwardPayable => &self.tranches,
            _ => return None,
        };
        owners.get(&subject).map(String::as_str)
    }
}

async fn items(context: &Context, ids: Vec<i64>) -> Result<BTreeMap<i64, String>> {
    let rows: Vec<(i64, String)> = decision_item::Entity::find()
        .select_only()
        .column(decision_item::Column::Id)
        .column(application::Column::Title)
        .join(
            sea_orm::JoinType::InnerJoin,
            decision_item::Entity::belongs_to(application::Entity)
                .from(decision_item::Column::ApplicationId)
                .to(application::Column::Id)
                .into(),
        )
        .filter(decision_item::Column::Id.is_in(ids.into_iter().map(DecisionItemId)))
        .into_tuple()
        .all(context.edges.db.read())
        .await?;
    Ok(rows.into_iter().collect())
}

async fn tranches(context: &Context, ids: Vec<i64>) -> Result<BTreeMap<i64, String>> {
    let rows: Vec<(i64, i32, String)> = tranche::Entity::find()
        .select_only()
        .column(tranche::Column::Id)
        .column(tranche::Column::Ordinal)
        .column(award::Column::Title)
        .join(
            sea_orm::JoinType::InnerJoin,
            tranche::Entity::belongs_to(award::Entity).from(tranche::Column::AwardId).to(award::Column::Id).into(),
        )
        .filter(tranche::Column::Id.is_in(ids.into_iter().map(TrancheId)))
        .into_tuple()
        .all(context.edges.db.read())
        .await?;
    let name = |ordinal: i32, title: &str| {
        context.t_with("project-tranche", &[("ordinal", &ordinal.to_string()), ("title", title)])
    };
    Ok(rows.iter().map(|(id, ordinal, title)| (*id, name(*ordinal, title))).collect())
}
