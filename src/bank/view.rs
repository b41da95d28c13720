//! The pages of the bank, for finance and its checkers alone: whom money came from is nobody else's to read.

pub mod acts;
pub mod lines;
pub mod papers;
pub mod tasks;

pub use tasks::waiting;

use crate::bank::rules::AGES;
use crate::bank::service::figures::{self, Figures, Which};
use crate::bank::service::{accounts, open_to};
use crate::error::Result;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Block, Cell, Sheet};
use entities::kinds::{Currency, TrancheId};
use entities::tranche;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Lines on one page.
const PAGE: u64 = 30;

/// Bank against books: the one number, what explains it, and what waits.
///
/// # Errors
/// [`crate::error::Error::Forbidden`] for other roles.
pub async fn overview(context: &Context) -> Answer {
    open_to(context)?;
    let db = context.edges.db.read();
    let all = figures::all(db, context.edges.today()).await?;
    let amiss = all.iter().any(|row| row.unexplained_minor() != 0);
    let mut sheet = Sheet::new(context.t("bank-title")).sentence(context.t("bank-sentence")).now(
        context.t("bank-now"),
        context.t(if amiss { "bank-now-amiss" } else { "bank-now-text" }),
        links(context),
    );
    if !all.is_empty() {
        let word = context.t(if amiss { "bank-amiss" } else { "bank-agrees" });
        sheet = sheet.chip(word, if amiss { "stop" } else { "ok" });
    }
    for row in &all {
        sheet = against(context, sheet, row);
    }
    let waiting = figures::lines(db, Which::Unplaced, None, PAGE).await?;
    let suspense = figures::lines(db, Which::Suspense, None, PAGE).await?;
    sheet = sheet
        .with(lines::table(context, "bank-lines-unplaced", &waiting).await?)
        .with(lines::table(context, "bank-lines-suspense", &suspense).await?)
        .with(in_flight(context).await?);
    for row in &all {
        sheet = amiss_in(context, sheet, row.currency).await?;
    }
    let rows = accounts::all(db).await?;
    let items =
        rows.iter().map(|row| Fact::new(row.name.clone(), format!("•••• {} · {}", row.number_tail, row.currency)));
    sheet
        .beside(Block::Facts { title: context.t("bank-accounts"), items: items.collect() })
        .beside(papers::latest(context).await?)
        .answer(context, "desk")
}

fn links(context: &Context) -> Vec<ActLink> {
    let link = |href: &str, key: &str, tone| ActLink { href: href.into(), text: context.t(key), tone };
    let mut all = Vec::new();
    if context.actor.has(entities::kinds::Role::FinanceOfficer) {
        all.push(link("/bank/import", "act-bank-import-button", ""));
        all.push(link("/bank/lines/new", "act-bank-line-button", "quiet"));
        all.push(link("/bank/accounts/new", "act-bank-account-button", "quiet"));
    }
    all.push(link("/bank/lines", "bank-lines-unplaced", "quiet"));
    all.push(link("/bank/suspense", "bank-lines-suspense", "quiet"));
    all.push(link("/bank/lines/all", "bank-lines-all", "quiet"));
    all
}

/// The figures of one currency, and the ages of what waits.
fn against(context: &Context, sheet: Sheet, row: &Figures) -> Sheet {
    let money = |minor| context.money(minor, row.currency);
    let as_of = row.as_of.map(|day| context.day(day)).unwrap_or_default();
    let items = vec![
        Fact::new(context.t("bank-unexplained"), money(row.unexplained_minor())),
        Fact::new(context.t_with("bank-statement-minor", &[("day", &as_of)]), money(row.statement_minor)),
        Fact::new(context.t("bank-books-minor"), money(row.books_minor)),
        Fact::new(context.t("bank-difference"), money(row.difference_minor())),
        Fact::new(context.t("bank-unplaced-minor"), money(row.unplaced_minor)),
        Fact::new(context.t("bank-unseen-minor"), money(row.unseen_minor)),
        Fact::new(context.t("bank-suspense-minor"), money(row.suspense_minor)),
    ];
    let age = |(place, (many, minor)): (usize, &(i64, i64))| {
        let (from, to) = (AGES.get(place.wrapping_sub(1)).copied().unwrap_or(0), AGES.get(place));
        let from = from.to_string();
        let label = match to {
            Some(days) if place == 0 => context.t_with("bank-age-first", &[("to", &days.to_string())]),
            Some(days) => context.t_with("bank-age", &[("from", &from), ("to", &days.to_string())]),
            None => context.t_with("bank-age-last", &[("from", &from)]),
        };
        vec![Cell::lead(label, ""), Cell::number(many.to_string()), Cell::number(money(*minor))]
    };
    let heads = ["bank-head-age", "bank-head-lines", "head-amount"].map(|head| context.t(head)).into();
    let title = format!("{} · {}", context.t("bank-against"), row.currency);
    sheet.with(Block::Figures { title, items }).with(Block::Table {
        title: context.t("bank-ages"),
        heads,
        rows: row.ages.iter().enumerate().map(age).collect(),
        empty: String::new(),
    })
}

/// Entries that no statement has shown, and lines that the books have otherwise.
async fn amiss_in(context: &Context, sheet: Sheet, currency: Currency) -> Result<Sheet> {
    let db = context.edges.db.read();
    let unseen = figures::unseen(db, currency).await?;
    let askew = figures::askew(db, currency).await?;
    let entry = |row: &crate::ledger::movements::Movement| {
        vec![
            Cell::lead(context.t(&format!("entry-{}", row.recipe)), ""),
            Cell::text(context.day(row.occurred_on)),
            Cell::text(row.mark.clone().unwrap_or_default()),
            Cell::number(context.money(row.amount_minor, currency)),
        ]
    };
    let other = |row: &figures::Askew| {
        vec![
            Cell::lead(row.mark.clone(), format!("/bank/lines/{}", row.id)),
            Cell::text(context.day(row.day)),
            Cell::number(context.money(row.amount_minor, currency)),
            Cell::number(context.money(row.booked_minor, currency)),
        ]
    };
    let entries = ["head-what", "head-date", "field-bank-line", "head-amount"].map(|head| context.t(head));
    let lines = ["field-bank-line", "head-date", "bank-head-bank", "bank-head-books"].map(|head| context.t(head));
    Ok(sheet
        .with(Block::Table {
            title: context.t("bank-unseen"),
            heads: entries.into(),
            rows: unseen.iter().map(entry).collect(),
            empty: context.t("bank-unseen-empty"),
        })
        .with(Block::Table {
            title: context.t("bank-askew"),
            heads: lines.into(),
            rows: askew.iter().map(other).collect(),
            empty: context.t("bank-askew-empty"),
        }))
}

/// Payments that the bank was asked for and has not shown.
async fn in_flight(context: &Context) -> Result<Block> {
    let db = context.edges.db.read();
    let rows = figures::in_flight(db).await?;
    let ids = rows.iter().map(|row| row.tranche_id);
    let parts = tranche::Entity::find().filter(tranche::Column::Id.is_in(ids)).all(db).await?;
    let ordinal = |id: TrancheId| parts.iter().find(|part| part.id == id).map_or(0, |part| part.ordinal);
    let cells = |row: &entities::payment::Model| {
        let sent = row.sent_at.map(|at| context.day_of(at));
        vec![
            Cell::lead(row.instruction.clone().unwrap_or_default(), format!("/tranches/{}", row.tranche_id)),
            Cell::text(ordinal(row.tranche_id).to_string()),
            Cell::text(sent.map(|day| context.day(day)).unwrap_or_default()),
            Cell::text(sent.map(|day| aged(context, day)).unwrap_or_default()),
            Cell::number(context.money(row.amount_minor, row.currency)),
        ]
    };
    let heads = ["head-number", "bank-head-tranche", "bank-head-sent", "bank-head-age", "head-amount"];
    Ok(Block::Table {
        title: context.t("bank-in-flight"),
        heads: heads.map(|head| context.t(head)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: context.t("bank-in-flight-empty"),
    })
}

/// How old something is, in days.
fn aged(context: &Context, day: chrono::NaiveDate) -> String {
    context.t_count("bank-days", (context.edges.today() - day).num_days().max(0))
}
