//! What a report proves its spending by, as pages: the budget beside what was spent and proven, receipts, photos.

use super::{visible, writes_for};
use crate::core::plan::SpendingLine;
use crate::error::{Error, Result};
use crate::grants::awards::changes::effective_budget;
use crate::grants::calls::words;
use crate::grants::reports::rules::is_writing;
use crate::grants::reports::service::{self, receipts};
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::Choice;
use crate::web::sheet::{Act, Block, Cell};
use entities::kinds::{ReportId, ReportReceiptId};
use entities::{award, report, report_receipt};
use std::collections::BTreeMap;

/// Acts that add a file to a report.
pub(super) const ADDING: [&str; 2] = ["add-receipt", "add-photo"];

/// Whether the reader may add files now.
pub(super) fn adds(row: &report::Model, mine: Option<entities::kinds::OrganisationId>) -> bool {
    is_writing(row.stage) && mine.is_some()
}

/// What a report tells with figures and files: budget, spending and receipts by head, then the files themselves.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn blocks(context: &Context, row: &report::Model, award: &award::Model) -> Result<Vec<Block>> {
    let db = context.edges.db.read();
    let rows = receipts::of(db, row.id).await?;
    let mine = writes_for(context, award).await?;
    let twins = if context.actor.is_staff() { receipts::seen_elsewhere(db, &rows).await? } else { Default::default() };
    let takes_out = adds(row, mine);
    let cells = rows.iter().map(|receipt| {
        let seen = if twins.contains(&receipt.id) { context.t("receipt-seen-elsewhere") } else { String::new() };
        let act = if takes_out { context.t("act-report-take-out-button") } else { String::new() };
        let href = format!("/reports/{}/receipts/{}/take-out", row.id, receipt.id);
        vec![
            Cell::lead(context.day(receipt.issued_on), format!("/documents/{}", receipt.document_id)),
            Cell::text(words::head(context, &receipt.head)),
            Cell::text(receipt.number.clone()),
            Cell::number(context.money(receipt.amount_minor, receipt.currency)),
            Cell {
                text: if takes_out { act } else { seen },
                href: if takes_out { href } else { String::new() },
                class: "",
            },
        ]
    });
    let heads = ["head-date", "head-kind", "head-receipt-number", "head-amount", "head-note"];
    let receipts_table = Block::Table {
        title: context.t("report-receipts"),
        heads: heads.map(|key| context.t(key)).into(),
        rows: cells.collect(),
        empty: context.t("report-receipts-empty"),
    };
    Ok(vec![spending(context, row, award, &rows).await?, receipts_table, photos(context, row).await?])
}

/// Head by head: what the budget allows, what this report says was spent, how much of that is proven.
async fn spending(
    context: &Context,
    row: &report::Model,
    award: &award::Model,
    proven: &[report_receipt::Model],
) -> Result<Block> {
    let mut by_head: BTreeMap<String, [i64; 3]> = BTreeMap::new();
    for (head, minor) in effective_budget(context.edges.db.read(), award).await? {
        by_head.entry(head).or_default()[0] += minor;
    }
    let told: Vec<SpendingLine> = serde_json::from_value(row.spending.clone())?;
    for line in &told {
        by_head.entry(line.head.clone()).or_default()[1] += line.amount_minor;
    }
    for receipt in proven {
        by_head.entry(receipt.head.clone()).or_default()[2] += receipt.amount_minor;
    }
    let shown = by_head.into_iter().filter(|(_, sums)| sums.iter().any(|sum| *sum != 0));
    let cells = shown.map(|(head, sums)| {
        let mut cells = vec![Cell::lead(words::head(context, &head), "")];
        cells.extend(sums.map(|sum| Cell::number(context.money(sum, award.currency))));
        cells
    });
    Ok(Block::Table {
        title: context.t("report-spending"),
        heads: ["head-kind", "head-budget", "head-spent", "head-proven"].map(|key| context.t(key)).into(),
        rows: cells.collect(),
        empty: context.t("report-spending-empty"),
    })
}

async fn photos(context: &Context, row: &report::Model) -> Result<Block> {
    let rows = receipts::photos(context.edges.db.read(), row.id).await?;
    let cells = rows.iter().map(|(photo, document)| {
        vec![
            Cell::lead(photo.caption.clone(), format!("/documents/{}", document.id)),
            Cell::text(document.name.clone()),
            Cell::text(context.day(context.day_of(photo.attached_at))),
        ]
    });
    Ok(Block::Table {
        title: context.t("report-photos"),
        heads: ["head-what", "head-file", "head-date"].map(|key| context.t(key)).into(),
        rows: cells.collect(),
        empty: context.t("report-photos-empty"),
    })
}

/// What an act that adds a file asks for.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn asks(context: &Context, award: &award::Model, act: &str, page: Act) -> Result<Act> {
    if act == "add-photo" {
        let page = page.ask(context, "file", "file").labelled(context.t("field-photo"));
        return Ok(page
            .hint(context.t("report-photo-hint"))
            .ask(context, "text", "caption")
            .hint(context.t("report-caption-hint")));
    }
    let heads = service::heads(context.edges.db.read(), award).await?;
    let choices = heads.iter().map(|head| Choice::new(head, words::head(context, head))).collect();
    Ok(page
        .ask(context, "file", "file")
        .labelled(context.t("report-receipt-file"))
        .hint(context.t("report-receipt-hint"))
        .ask_choice(context, "head", choices)
        .labelled(context.t("report-spending-head"))
        .ask_money(context, "amount", award.currency)
        .ask(context, "date", "issued_on")
        .ask(context, "text", "number")
        .labelled(context.t("head-receipt-number"))
        .optional())
}

/// The page that takes a receipt out of a report.
///
/// # Errors
/// [`Error::NotFound`] for strangers, for receipts of another report, and once it is signed.
pub async fn take_out(context: &Context, id: ReportId, receipt: ReportReceiptId) -> Answer {
    let (row, award) = visible(context, id).await?;
    if !adds(&row, writes_for(context, &award).await?) {
        return Err(Error::NotFound);
    }
    let rows = receipts::of(context.edges.db.read(), id).await?;
    let found = rows.iter().find(|row| row.id == receipt).ok_or(Error::NotFound)?;
    let base = format!("/reports/{id}");
    Act::new(context, "report-take-out", format!("{base}/receipts/{receipt}/take-out"), base.clone())
        .fact(context.t("head-date"), context.day(found.issued_on))
        .fact(context.t("head-amount"), context.money(found.amount_minor, found.currency))
        .stop()
        .answer(context, "desk")
}
