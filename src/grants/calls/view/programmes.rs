//! The pages of programmes: the lines of funding whose rounds are calls.

use super::super::rules::PROGRAMME;
use crate::error::{Error, Result};
use crate::people::permission::{As, Officer};
use crate::web::page::Answer;
use crate::web::parts::ActLink;
use crate::web::sheet::{Act, Block, Cell, Sheet, stage_text};
use entities::kinds::ProgrammeId;
use entities::{call, programme};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Programmes shown, newest first: more than a foundation runs in its lifetime.
const SHOWN: u64 = 200;

/// All programmes with the number of their calls.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(by: &As<Officer>) -> Answer {
    let db = by.edges.db.read();
    let rows = programme::Entity::find().order_by_desc(programme::Column::Id).limit(SHOWN).all(db).await?;
    let counts: Vec<(ProgrammeId, i64)> = call::Entity::find()
        .select_only()
        .column(call::Column::ProgrammeId)
        .column_as(call::Column::Id.count(), "calls")
        .filter(call::Column::ProgrammeId.is_in(rows.iter().map(|row| row.id)))
        .group_by(call::Column::ProgrammeId)
        .into_tuple()
        .all(db)
        .await?;
    let counts: BTreeMap<ProgrammeId, i64> = counts.into_iter().collect();
    let parts = by.actor.parts(None);
    let cells = |row: &programme::Model| {
        let end = PROGRAMME.offers(row.stage, &parts).contains(&"end");
        let act = if end {
            Cell::lead(by.t("act-call-programme-end-button"), format!("/calls/programmes/{}/end", row.id))
        } else {
            Cell::text(String::new())
        };
        vec![
            Cell::lead(by.pick(&row.name_zh, &row.name_en), String::new()),
            Cell::text(stage_text(by, "programme", row.stage.as_str())),
            Cell::number(counts.get(&row.id).copied().unwrap_or(0).to_string()),
            act,
        ]
    };
    let new = ActLink { href: "/calls/programme".into(), text: by.t("call-new-programme"), tone: "" };
    Sheet::new(by.t("programmes-title"))
        .under(&[(by.t("calls-title"), "/calls")])
        .sentence(by.t("programmes-sentence"))
        .now(by.t("now-title"), "", vec![new])
        .with(Block::Table {
            title: String::new(),
            heads: ["head-name", "head-stage", "head-programme-calls", "head-act"].map(|key| by.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: by.t("programmes-empty"),
        })
        .answer(by, "calls")
}

/// The page that ends a running programme.
///
/// # Errors
/// [`Error::NotFound`] for one that does not run.
pub async fn end(by: &As<Officer>, id: ProgrammeId) -> Answer {
    let row = load(by, id).await?;
    Act::new(by, "call-programme-end", format!("/calls/programmes/{id}/end"), "/calls/programmes")
        .under(&[(by.t("calls-title"), "/calls"), (by.t("programmes-title"), "/calls/programmes")])
        .fact(by.t("head-name"), by.pick(&row.name_zh, &row.name_en))
        .stop()
        .answer(by, "calls")
}

async fn load(by: &As<Officer>, id: ProgrammeId) -> Result<programme::Model> {
    let row = programme::Entity::find_by_id(id).one(by.edges.db.read()).await?;
    row.filter(|row| PROGRAMME.offers(row.stage, &by.actor.parts(None)).contains(&"end")).ok_or(Error::NotFound)
}
