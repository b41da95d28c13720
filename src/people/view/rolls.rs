//! Rolls of organisations and experts: the upload, what it would do, the acts on it; and the expert pool.

use crate::error::{Error, Result};
use crate::people::imports;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::people::rolls::{EXPERTS, ORGANISATIONS};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice, Fact};
use crate::web::sheet::{Act, Block, Cell, Sheet};
use entities::kinds::{ImportStage, Role, RollImportId, RollKind};
use entities::roll_import;

/// Rows shown of a roll: how many there are in all stands beside them.
const ROWS: usize = 200;
/// Experts on one page.
const PAGE: u64 = 40;

fn administers(context: &Context) -> Result<()> {
    if context.actor.has(Role::Administrator) { Ok(()) } else { Err(Error::NotFound) }
}

/// The rolls that came, newest first.
///
/// # Errors
/// [`Error::NotFound`] for all but administrators.
pub async fn list(context: &Context) -> Answer {
    administers(context)?;
    let rows = imports::newest(context.edges.db.read()).await?;
    let cells = |row: &roll_import::Model| {
        vec![
            Cell::lead(row.file_name.clone(), format!("/rolls/{}", row.id)),
            Cell::text(context.t(&format!("roll-kind-{}", row.kind))),
            Cell::number(row.row_count.to_string()),
            Cell::text(context.t(&format!("stage-import-{}", row.stage))),
            Cell::text(context.moment(row.recorded_at)),
        ]
    };
    let new = ActLink { href: "/rolls/new".into(), text: context.t("act-roll-new-button"), tone: "" };
    let pool = ActLink { href: "/experts".into(), text: context.t("experts-title"), tone: "quiet" };
    Sheet::new(context.t("rolls-title"))
        .under(&[(context.t("organisations-title"), "/organisations")])
        .now(context.t("now-title"), "", vec![new, pool])
        .with(Block::Table {
            title: String::new(),
            heads: ["head-roll-file", "head-kind", "head-roll-rows", "head-stage", "head-date"]
                .map(|key| context.t(key))
                .into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("rolls-empty"),
        })
        .answer(context, "")
}

/// The upload, with the columns that are read.
///
/// # Errors
/// [`Error::NotFound`] for all but administrators.
pub fn new(context: &Context) -> Answer {
    administers(context)?;
    let names = |columns: &[crate::core::rolls::Column]| {
        let name = |(name, heads): &(&str, &[&str])| format!("{name} ({})", heads.first().copied().unwrap_or_default());
        columns.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    Act::new(context, "roll-new", "/rolls", "/rolls")
        .fact(context.t("roll-kind-organisations"), names(ORGANISATIONS))
        .fact(context.t("roll-kind-experts"), names(EXPERTS))
        .ask_choice(
            context,
            "kind",
            Choice::words(context, "roll-kind", RollKind::ALL.iter().map(|kind| kind.as_str())),
        )
        .ask(context, "file", "file")
        .hint(context.t("roll-file-hint"))
        .answer(context, "")
}

/// A roll: what it would do, or what it did.
///
/// # Errors
/// [`Error::NotFound`] for all but administrators.
pub async fn show(context: &Context, id: RollImportId) -> Answer {
    administers(context)?;
    let db = context.edges.db.read();
    let row = imports::load(db, id).await?;
    let outlook = imports::outlook(db, &row).await?;
    let waits = row.stage == ImportStage::Proposed;
    let new = usize::try_from(row.row_count).unwrap_or(0).saturating_sub(outlook.known.len());
    let mut facts = vec![
        Fact::new(context.t("head-kind"), context.t(&format!("roll-kind-{}", row.kind))),
        Fact::new(context.t("head-roll-rows"), row.row_count.to_string()),
    ];
    if waits {
        facts.push(Fact::new(context.t("roll-new"), new.to_string()));
        facts.push(Fact::new(context.t("roll-known"), outlook.known.len().to_string()));
        facts.push(Fact::new(context.t("roll-entries"), outlook.entries.to_string()));
    }
    let blocked = !outlook.strangers.is_empty();
    if blocked {
        let lines: Vec<String> = outlook.strangers.iter().take(20).map(u64::to_string).collect();
        facts.push(Fact::new(context.t("roll-strangers"), lines.join(", ")));
    }
    let link = |act: &str, tone| ActLink {
        href: format!("/rolls/{id}/{act}"),
        text: context.t(&format!("act-roll-{act}-button")),
        tone,
    };
    let acts = match (waits, blocked) {
        (true, false) => vec![link("apply", ""), link("decline", "stop")],
        (true, true) => vec![link("decline", "stop")],
        _ => Vec::new(),
    };
    let tone = if waits { "wait" } else { "ok" };
    Sheet::new(row.file_name.clone())
        .under(&[(context.t("rolls-title"), "/rolls")])
        .chip(context.t(&format!("stage-import-{}", row.stage)), tone)
        .now(context.t("now-title"), "", acts)
        .with(Block::Facts { title: context.t("facts-title"), items: facts })
        .with(rows(context, &row, &outlook)?)
        .answer(context, "")
}

fn rows(context: &Context, row: &roll_import::Model, outlook: &imports::Outlook) -> Result<Block> {
    let said = |key: &str| context.t(if outlook.known.contains(key) { "roll-is-known" } else { "roll-is-new" });
    let cells: Vec<Vec<Cell>> = match row.kind {
        RollKind::Organisations => imports::organisations_of(row)?
            .iter()
            .take(ROWS)
            .map(|told| {
                vec![
                    Cell::lead(context.pick(&told.name_zh, &told.name_en), ""),
                    Cell::text(told.line.to_string()),
                    Cell::text(told.uscc.clone()),
                    Cell::number(told.history.len().to_string()),
                    Cell::text(said(&told.key())),
                ]
            })
            .collect(),
        RollKind::Experts => imports::experts_of(row)?
            .iter()
            .take(ROWS)
            .map(|told| {
                vec![
                    Cell::lead(told.name.clone(), ""),
                    Cell::text(told.line.to_string()),
                    Cell::text(told.email.clone()),
                    Cell::number(told.load_limit.to_string()),
                    Cell::text(said(&told.email)),
                ]
            })
            .collect(),
    };
    let heads = match row.kind {
        RollKind::Organisations => {
            ["head-name", "head-roll-line", "people-field-uscc", "roll-entries", "head-roll-state"]
        }
        RollKind::Experts => ["head-name", "head-roll-line", "field-email", "head-expert-load", "head-roll-state"],
    };
    Ok(Block::Table {
        title: context.t("roll-rows"),
        heads: heads.map(|key| context.t(key)).into(),
        rows: cells,
        empty: String::new(),
    })
}

/// The page of an act on a roll.
///
/// # Errors
/// [`Error::NotFound`] for all but administrators and for other acts.
pub async fn act(context: &Context, id: RollImportId, act: &str) -> Answer {
    administers(context)?;
    let row = imports::load(context.edges.db.read(), id).await?;
    let page = Act::new(context, &format!("roll-{act}"), format!("/rolls/{id}/{act}"), format!("/rolls/{id}"))
        .under(&[(context.t("rolls-title"), "/rolls")])
        .fact(context.t("head-roll-file"), row.file_name.clone())
        .fact(context.t("head-roll-rows"), row.row_count.to_string());
    match act {
        "apply" => page.answer(context, ""),
        "decline" => page.stop().answer(context, ""),
        _ => Err(Error::NotFound),
    }
}

/// The expert pool, for staff.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub async fn experts(context: &Context, before: Option<i64>) -> Answer {
    if !context.actor.is_staff() {
        return Err(Error::NotFound);
    }
    let mut rows = imports::experts(context.edges.db.read(), before, PAGE + 1).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older_href = rows.last().filter(|_| more).map(|row| format!("/experts?before={}", row.id)).unwrap_or_default();
    let names = organisations::names(context, rows.iter().filter_map(|row| row.employer_id)).await?;
    let cells = |row: &entities::expert::Model| {
        vec![
            Cell::lead(row.name.clone(), ""),
            Cell::text(row.employer_id.and_then(|id| names.get(&id).cloned()).unwrap_or_else(|| "—".into())),
            Cell::text(row.fields.clone()),
            Cell::text(row.areas.clone()),
            Cell::text(row.languages.clone()),
            Cell::number(row.load_limit.to_string()),
        ]
    };
    let heads = [
        "head-name",
        "head-expert-employer",
        "head-expert-fields",
        "head-expert-areas",
        "head-expert-languages",
        "head-expert-load",
    ];
    Sheet::new(context.t("experts-title"))
        .with(Block::Table {
            title: String::new(),
            heads: heads.map(|key| context.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("experts-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(context, "")
}
