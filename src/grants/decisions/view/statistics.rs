//! The statistics of a round, for everybody: by category and together, without what few could be named by.

use crate::error::{Error, Result};
use crate::grants::calls;
use crate::grants::decisions::service::statistics::{self, FEW, Told};
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::sheet::{Block, Cell, Sheet};
use entities::call;
use entities::kinds::{CallId, CallStage, Currency};

/// The page.
///
/// # Errors
/// [`Error::NotFound`] before the call is decided.
pub async fn show(context: &Context, id: CallId) -> Answer {
    let row = calls::view::visible(context, id).await?;
    if !matches!(row.stage, CallStage::Decided | CallStage::Archived) {
        return Err(Error::NotFound);
    }
    let title = context.pick(&row.title_zh, &row.title_en);
    Sheet::new(context.t("statistics-title"))
        .under(&[(context.t("calls-title"), "/calls"), (title, &format!("/calls/{id}"))])
        .sentence(context.t("statistics-sentence"))
        .with(table(context, &row).await?)
        .with(Block::Prose {
            title: String::new(),
            text: context.t_with("statistics-note", &[("few", &FEW.to_string())]),
        })
        .answer(context, "calls")
}

async fn table(context: &Context, row: &call::Model) -> Result<Block> {
    let found = statistics::of_round(context.edges.db.read(), row).await?;
    let figures: Vec<_> = found.iter().map(|(_, figures)| *figures).collect();
    let (rows, whole) = statistics::together(&figures);
    let name = |of: &call::Model| {
        let title = context.pick(&of.title_zh, &of.title_en);
        if of.category.is_empty() { title } else { of.category.clone() }
    };
    let mut cells: Vec<Vec<Cell>> = found
        .iter()
        .zip(&rows)
        .map(|((of, _), told)| line(context, Cell::lead(name(of), format!("/calls/{}", of.id)), told, row.currency))
        .collect();
    if rows.len() > 1 {
        cells.push(line(context, Cell::lead(context.t("statistics-together"), ""), &whole, row.currency));
    }
    let heads = [
        "statistics-category",
        "statistics-received",
        "statistics-eligible",
        "statistics-reviewed",
        "statistics-awarded",
        "statistics-asked-sum",
        "statistics-awarded-sum",
    ];
    Ok(Block::Table {
        title: row.round.clone(),
        heads: heads.map(|key| context.t(key)).into(),
        rows: cells,
        empty: String::new(),
    })
}

fn line(context: &Context, name: Cell, told: &Told, currency: Currency) -> Vec<Cell> {
    let hidden = || context.t("statistics-hidden");
    let count = |value: Option<u64>| Cell::number(value.map_or_else(hidden, |value| value.to_string()));
    vec![
        name,
        count(told.received),
        count(told.eligible),
        count(told.reviewed),
        count(Some(told.awarded)),
        Cell::number(told.asked_minor.map_or_else(hidden, |minor| context.money(minor, currency))),
        Cell::number(context.money(told.awarded_minor, currency)),
    ]
}
