//! A platform's file: its rows before they are gifts, and the acts on it. Only staff see it: it names donors.

use crate::error::{Error, Result};
use crate::grants::funds;
use crate::grants::gifts::rules::IMPORT;
use crate::grants::gifts::service::imports;
use crate::grants::gifts::settlement::Row;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Act, Block, Cell, Sheet, stage_text};
use entities::kinds::{ImportStage, Role, SettlementImportId};
use entities::settlement_import;

/// Rows shown of a file: the sum and the number of all rows stand beside them.
const ROWS: usize = 200;

async fn visible(context: &Context, id: SettlementImportId) -> Result<settlement_import::Model> {
    if !(context.actor.has(Role::FinanceOfficer) || context.actor.has(Role::Approver)) {
        return Err(Error::NotFound);
    }
    imports::load_import(context.edges.db.read(), id).await
}

/// One file.
///
/// # Errors
/// [`Error::NotFound`] for all but finance and approvers.
pub async fn show(context: &Context, id: SettlementImportId) -> Answer {
    let row = visible(context, id).await?;
    let rows: Vec<Row> = serde_json::from_value(row.rows.clone())?;
    let fund = funds::service::load(context.edges.db.read(), row.fund_id).await?;
    let own = Some(row.recorded_by) == context.actor.person;
    let amount = context.money(row.total_minor, row.currency);
    let mut acts = IMPORT.offers(row.stage, &context.actor.parts(None));
    acts.retain(|act| *act != "apply" || (!own && context.actor.has(Role::Approver)));
    let link = |act: &str| ActLink {
        href: format!("/imports/{id}/{act}"),
        text: context.t_with(&format!("act-import-{act}-button"), &[("amount", &amount)]),
        tone: if act == "decline" { "stop" } else { "" },
    };
    let cells = |line: &Row| {
        vec![
            Cell::lead(line.line.to_string(), ""),
            Cell::text(line.donor.clone()),
            Cell::text(line.date.map(|day| context.day(day)).unwrap_or_default()),
            Cell::text(line.note.clone()),
            Cell::number(context.money(line.amount_minor, row.currency)),
        ]
    };
    let heads = ["head-import-line", "head-gift-donor", "head-date", "field-note", "head-amount"];
    Sheet::new(row.file_name.clone())
        .under(&[
            (context.t("funds-title"), "/funds"),
            (context.pick(&fund.name_zh, &fund.name_en), &format!("/funds/{}", row.fund_id)),
        ])
        .chip(
            stage_text(context, "import", row.stage.as_str()),
            if row.stage == ImportStage::Applied { "ok" } else { "wait" },
        )
        .now(context.t("now-title"), "", acts.iter().map(|act| link(act)).collect())
        .with(Block::Table {
            title: context.t("import-rows"),
            heads: heads.map(|head| context.t(head)).into(),
            rows: rows.iter().take(ROWS).map(cells).collect(),
            empty: String::new(),
        })
        .beside(Block::Facts {
            title: context.t("facts-title"),
            items: vec![
                Fact::new(context.t("import-count"), row.row_count.to_string()),
                Fact::new(context.t("import-total"), amount.clone()),
                Fact::new(context.t("field-bank-line"), row.bank_line.clone()),
                Fact::new(context.t("field-received-on"), context.day(row.received_on)),
                Fact::new(context.t("import-hash"), row.sha256.clone()),
            ],
        })
        .answer(context, "funds")
}

/// The page of an act on a file.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of.
pub async fn act(context: &Context, id: SettlementImportId, act: &str) -> Answer {
    let row = visible(context, id).await?;
    if !matches!(act, "apply" | "decline") {
        return Err(Error::NotFound);
    }
    let fund = funds::service::load(context.edges.db.read(), row.fund_id).await?;
    let amount = context.money(row.total_minor, row.currency);
    let count = row.row_count.to_string();
    let said =
        |part: &str| context.t_with(&format!("act-import-{act}-{part}"), &[("amount", &amount), ("count", &count)]);
    let page = Act::worded(
        said("title"),
        said("text"),
        said("button"),
        format!("/imports/{id}/{act}"),
        format!("/imports/{id}"),
    )
    .fact(context.t("head-fund"), context.pick(&fund.name_zh, &fund.name_en))
    .fact(context.t("import-total"), format!("{amount} {}", context.capitals(row.total_minor, row.currency)))
    .fact(context.t("field-bank-line"), row.bank_line.clone());
    let page = if act == "decline" { page.ask(context, "area", "reason").stop() } else { page };
    page.answer(context, "funds")
}
