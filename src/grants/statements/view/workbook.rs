//! A statement as a workbook: its sums, its gifts, what they paid, what was given in kind; every row of them.

use super::{GIFTS, GOODS, Names, SPENT, bill, name};
use crate::edges::workbook::{Cell, Sheet, write};
use crate::error::Result;
use crate::grants::gifts::service::pledges::reference;
use crate::grants::statements::service::{Part, Statement};
use crate::ledger::books;
use crate::people::permission::Context;
use entities::kinds::Currency;

/// The workbook's bytes.
///
/// # Errors
/// When it cannot be written.
pub async fn of(context: &Context, statement: &Statement) -> Result<Vec<u8>> {
    let names = Names::load(context, statement).await?;
    let donor = name(context, statement.who).await?;
    let year = statement.year.to_string();
    let title = context.t_with("statement-title", &[("year", &year)]);
    let mut sheets = vec![sums(context, statement, &donor)];
    let several = statement.parts.len() > 1;
    for part in &statement.parts {
        let named = |key: &str| {
            let name = context.t(key);
            if several { format!("{name} {}", part.currency.code()) } else { name }
        };
        sheets.push(Sheet {
            name: named("statement-gifts"),
            widths: vec![14, 34, 12, 16, 16, 16, 16, 16, 16, 24],
            rows: gifts(context, part, &names),
        });
        sheets.push(Sheet {
            name: named("statement-spent"),
            widths: vec![12, 34, 34, 20, 14, 12, 16],
            rows: spent(context, part, &names),
        });
        if !part.goods.is_empty() {
            sheets.push(Sheet {
                name: named("statement-goods"),
                widths: vec![14, 34, 12, 40, 24, 16],
                rows: goods(context, part, &names),
            });
        }
    }
    // Packing takes a processor, so it is done beside the house's other work.
    let now = context.edges.clock.now();
    let written = tokio::task::spawn_blocking(move || write(&title, now, &sheets)).await;
    written.map_err(|broken| crate::error::Error::Internal(broken.to_string()))?
}

fn heads(context: &Context, keys: &[&str]) -> Vec<Cell> {
    keys.iter().map(|key| Cell::Head(context.t(key))).collect()
}

fn sums(context: &Context, statement: &Statement, donor: &str) -> Sheet {
    let year = statement.year.to_string();
    let pair = |key: &str, cell: Cell| vec![Cell::text(context.t(key)), cell];
    let mut rows = vec![
        vec![Cell::Head(context.t_with("statement-title", &[("year", &year)]))],
        pair("head-gift-donor", Cell::text(donor)),
        pair("statement-made", Cell::Day(context.edges.today())),
    ];
    if statement.without_anonymous {
        rows.push(pair("statement-left-out", Cell::text(context.t("statement-without-anonymous"))));
    }
    for part in &statement.parts {
        let (sums, currency) = (&part.sums, part.currency);
        let goods: i64 = part.goods.iter().map(|row| row.amount_minor).sum();
        rows.push(vec![Cell::Head(currency.code().to_owned())]);
        for (key, minor) in [
            ("statement-opening", sums.opening_minor),
            ("statement-received", sums.received_minor),
            ("statement-refunded", sums.refunded_minor),
            ("statement-paid", sums.paid_minor),
            ("statement-fee", sums.fee_minor),
            ("statement-closing", sums.closing_minor()),
            ("statement-committed", part.committed_minor),
            ("statement-matched", part.matched_minor),
            ("statement-goods", goods),
        ] {
            rows.push(pair(key, Cell::Money(minor, currency)));
        }
    }
    rows.push(vec![Cell::text(context.t("statement-how-text"))]);
    Sheet { name: context.t("statement-sums"), widths: vec![44, 24], rows }
}

fn gifts(context: &Context, part: &Part, names: &Names) -> Vec<Vec<Cell>> {
    let money = |minor: i64| Cell::Money(minor, part.currency);
    let mut rows = vec![heads(context, &GIFTS)];
    rows.extend(part.gifts.iter().map(|row| {
        vec![
            Cell::text(reference(row.id)),
            Cell::text(names.fund(row.fund)),
            row.received_on.map_or(Cell::text(""), Cell::Day),
            money(row.sums.opening_minor),
            money(row.sums.received_minor),
            money(row.sums.refunded_minor),
            money(row.sums.paid_minor),
            money(row.sums.fee_minor),
            money(row.sums.closing_minor()),
            Cell::text(bill(context, row)),
        ]
    }));
    let sums = &part.sums;
    rows.push(vec![
        Cell::Head(context.t("import-total")),
        Cell::text(""),
        Cell::text(""),
        money(sums.opening_minor),
        money(sums.received_minor),
        money(sums.refunded_minor),
        money(sums.paid_minor),
        money(sums.fee_minor),
        money(sums.closing_minor()),
    ]);
    rows
}

fn spent(context: &Context, part: &Part, names: &Names) -> Vec<Vec<Cell>> {
    let mut rows = vec![heads(context, &SPENT)];
    rows.extend(part.spent.iter().map(|row| {
        vec![
            Cell::Day(row.on),
            Cell::text(names.what(context, row)),
            Cell::text(names.project(row)),
            Cell::text(names.outcome(context, row)),
            Cell::text(reference(row.gift)),
            Cell::text(books::number(row.posting)),
            Cell::Money(row.amount_minor, part.currency),
        ]
    }));
    let whole = part.spent.iter().map(|row| row.amount_minor).sum();
    rows.push(total(context, SPENT.len(), whole, part.currency));
    rows
}

fn goods(context: &Context, part: &Part, names: &Names) -> Vec<Vec<Cell>> {
    let mut rows = vec![heads(context, &GOODS)];
    rows.extend(part.goods.iter().map(|row| {
        vec![
            Cell::text(reference(row.id)),
            Cell::text(names.fund(row.fund)),
            Cell::Day(row.on),
            Cell::text(&row.what),
            Cell::text(&row.bill),
            Cell::Money(row.amount_minor, part.currency),
        ]
    }));
    let whole = part.goods.iter().map(|row| row.amount_minor).sum();
    rows.push(total(context, GOODS.len(), whole, part.currency));
    rows
}

/// The last row of a table: the sum under its last column.
fn total(context: &Context, columns: usize, minor: i64, currency: Currency) -> Vec<Cell> {
    let mut row = vec![Cell::Head(context.t("import-total"))];
    row.resize_with(columns - 1, || Cell::text(""));
    row.push(Cell::Money(minor, currency));
    row
}
