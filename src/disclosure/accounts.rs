//! Every account of the books with its balance, and the last movements of one.

use super::entries::{self, MOVED};
use crate::commons::texts::pick;
use crate::error::{Error, Result};
use crate::ledger::balances;
use crate::ledger::books::number;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::Fact;
use crate::web::sheet::{Block, Cell, Sheet};
use entities::kinds::{AccountId, AccountKind, DecisionItemId, FundId, MatchPoolId, Side, TrancheId};
use entities::{account, application, award, decision_item, fund, match_pool, posting, tranche, transfer};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Movements shown of one account.
const MOVEMENTS: u64 = 50;

/// Accounts in words: `account-<kind>`, with the fund, project or pool they belong to.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn names(context: &Context, accounts: &[account::Model]) -> Result<BTreeMap<AccountId, String>> {
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

/// Every account with its balance: the figures of the journal.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context) -> Answer {
    let all = balances::all(context.edges.db.read()).await?;
    let accounts: Vec<account::Model> = all.iter().map(|row| row.account.clone()).collect();
    let names = names(context, &accounts).await?;
    let cells = |row: &balances::Balance| {
        let account = &row.account;
        vec![
            Cell::lead(names.get(&account.id).cloned().unwrap_or_default(), format!("/ledger/accounts/{}", account.id)),
            Cell::text(context.t(side_key(account.side))),
            Cell::number(context.money(row.balance_minor, account.currency)),
        ]
    };
    Sheet::new(context.t("accounts-title"))
        .under(&[(context.t("ledger-title"), "/ledger")])
        .sentence(context.t("accounts-sentence"))
        .with(Block::Table {
            title: String::new(),
            heads: vec![context.t("head-account"), context.t("head-side"), context.t("head-balance")],
            rows: all.iter().map(cells).collect(),
            empty: context.t("ledger-empty"),
        })
        .beside(Block::Facts {
            title: context.t("accounts-check"),
            items: vec![Fact::linked(context.t("accounts-file"), "ledger.journal", "/data/ledger.journal")],
        })
        .answer(context, "ledger")
}

const fn side_key(side: Side) -> &'static str {
    match side {
        Side::Debit => "side-debit",
        Side::Credit => "side-credit",
    }
}

/// One account with its last movements.
///
/// # Errors
/// [`Error::NotFound`] for an account there is none of.
pub async fn show(context: &Context, id: AccountId) -> Answer {
    let db = context.edges.db.read();
    let all = balances::all(db).await?;
    let balance = all.iter().find(|row| row.account.id == id).ok_or(Error::NotFound)?;
    let account = &balance.account;
    let name = names(context, std::slice::from_ref(account)).await?.remove(&id).unwrap_or_default();
    let moved = transfer::Entity::find()
        .filter(transfer::Column::Phase.is_in(MOVED))
        .filter(Condition::any().add(transfer::Column::DebitId.eq(id)).add(transfer::Column::CreditId.eq(id)))
        .order_by_desc(transfer::Column::Id)
        .limit(MOVEMENTS)
        .all(db)
        .await?;
    let postings: BTreeMap<_, _> = posting::Entity::find()
        .filter(posting::Column::Id.is_in(moved.iter().map(|row| row.posting_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let others = entries::named_accounts(context, &moved).await?;
    let cells = |row: &transfer::Model| {
        let posting = postings.get(&row.posting_id);
        let other = if row.debit_id == id { row.credit_id } else { row.debit_id };
        let grows = (row.debit_id == id) == (account.side == Side::Debit);
        let text = context.money(row.amount_minor, row.currency);
        vec![
            Cell::lead(number(row.posting_id), format!("/ledger/{}", number(row.posting_id))),
            Cell::text(posting.map(|row| context.day(row.occurred_on)).unwrap_or_default()),
            Cell::text(posting.map(|row| entries::event_text(context, row.recipe)).unwrap_or_default()),
            Cell::text(others.get(&other).map(|(_, name)| name.clone()).unwrap_or_default()),
            Cell::number(format!("{}{text}", if grows { "+" } else { "−" })),
        ]
    };
    let figures = vec![Fact::new(context.t("head-balance"), context.money(balance.balance_minor, account.currency))];
    Sheet::new(name)
        .under(&[(context.t("ledger-title"), "/ledger"), (context.t("accounts-title"), "/ledger/accounts")])
        .sentence(account.code.clone())
        .with(Block::Figures { title: String::new(), items: figures })
        .with(Block::Table {
            title: context.t("accounts-movements"),
            heads: ["head-voucher", "head-date", "head-what", "head-other-account", "head-amount"]
                .map(|key| context.t(key))
                .into(),
            rows: moved.iter().map(cells).collect(),
            empty: context.t("ledger-empty"),
        })
        .answer(context, "ledger")
}
