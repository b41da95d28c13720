//! The accounts of the books with their balances, and the last movements of one.

use super::entries::{self, MOVED};
use super::names;
use crate::error::{Error, Result};
use crate::ledger::balances;
use crate::ledger::books::number;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::Fact;
use crate::web::sheet::{Block, Cell, Sheet};
use entities::kinds::{AccountId, Side};
use entities::{account, posting, transfer};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Movements shown of one account.
const MOVEMENTS: u64 = 50;

/// Accounts on a page.
const PAGE: u64 = 100;

/// The accounts with their balances, by code and from behind one: the figures of the journal.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, after: Option<&str>) -> Answer {
    let db = context.edges.db.read();
    let mut query = account::Entity::find().order_by_asc(account::Column::Code).limit(PAGE + 1);
    if let Some(after) = after {
        query = query.filter(account::Column::Code.gt(after));
    }
    let mut rows = query.all(db).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let next = rows.last().filter(|_| more).map(|row| format!("/ledger/accounts?after={}", row.code));
    let all = balances::of(db, rows).await?;
    let accounts: Vec<account::Model> = all.iter().map(|row| row.account.clone()).collect();
    let names = names::of(context, &accounts).await?;
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
            items: next
                .map(|href| Fact::linked(context.t("accounts-title"), context.t("accounts-more"), &href))
                .into_iter()
                .chain([
                    Fact::linked(context.t("accounts-file"), "ledger.journal", "/data/ledger.journal"),
                    Fact::linked(context.t("trial-title"), context.t("place-trial"), "/ledger/trial-balance"),
                ])
                .collect(),
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
    let row = account::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let balance = balances::of(db, vec![row]).await?.pop().ok_or(Error::NotFound)?;
    let account = &balance.account;
    let name = names::of(context, std::slice::from_ref(account)).await?.remove(&id).unwrap_or_default();
    let moved = last_moved(db, id).await?;
    let postings: BTreeMap<_, _> = posting::Entity::find()
        .filter(posting::Column::Id.is_in(moved.iter().map(|row| row.posting_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let others = names::of_transfers(context, &moved).await?;
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

/// The last transfers of an account, newest first. Either side is read from the end of its index; asked together, the account's
/// whole history would be sorted.
async fn last_moved(db: &impl ConnectionTrait, id: AccountId) -> Result<Vec<transfer::Model>> {
    let mut moved: BTreeMap<_, transfer::Model> = BTreeMap::new();
    for side in [transfer::Column::DebitId, transfer::Column::CreditId] {
        let rows = transfer::Entity::find()
            .filter(side.eq(id))
            .filter(transfer::Column::Phase.is_in(MOVED))
            .order_by_desc(transfer::Column::Id)
            .limit(MOVEMENTS)
            .all(db)
            .await?;
        moved.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(moved.into_values().rev().take(MOVEMENTS as usize).collect())
}
