//! The pages of programmes: the lines of funding whose rounds are calls.

use super::super::rules::PROGRAMME;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, Officer};
use crate::web::page::Answer;
use crate::web::parts::ActLink;
use crate::web::sheet::{Act, Block, Cell, Sheet, stage_text};
use entities::kinds::{ProgrammeId, ProgrammeStage, Role};
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
            Cell::lead(by.pick(&row.name_zh, &row.name_en), format!("/calls/programmes/{}", row.id)),
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

/// Calls of one programme that are shown, newest first.
const CALLS: u64 = 300;

/// A programme with its rounds and their calls, for everybody: what was never announced is not told.
///
/// # Errors
/// [`Error::NotFound`] for a programme that never began.
pub async fn show(context: &Context, id: ProgrammeId) -> Answer {
    let db = context.edges.db.read();
    let row = programme::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let officer = context.actor.has(Role::ProgrammeOfficer);
    if row.stage == ProgrammeStage::Draft && !officer {
        return Err(Error::NotFound);
    }
    let mut query =
        call::Entity::find().filter(call::Column::ProgrammeId.eq(id)).order_by_desc(call::Column::Id).limit(CALLS);
    if !officer {
        query = query.filter(call::Column::CheckedBy.is_not_null());
    }
    let calls = query.all(db).await?;
    let mut rounds: Vec<(&str, Vec<&call::Model>)> = Vec::new();
    for one in &calls {
        match rounds.iter_mut().find(|(round, _)| *round == one.round) {
            Some((_, those)) => those.push(one),
            None => rounds.push((&one.round, vec![one])),
        }
    }
    let cells = |one: &&call::Model| {
        vec![
            Cell::lead(context.pick(&one.title_zh, &one.title_en), format!("/calls/{}", one.id)),
            Cell::text(one.category.clone()),
            Cell::text(stage_text(context, "call", one.stage.as_str())),
            Cell::text(context.moment(one.closes_at)),
            Cell::number(context.money(one.envelope_minor, one.currency)),
        ]
    };
    let heads = ["head-call", "call-category", "head-stage", "head-call-deadline", "call-envelope"];
    let mut sheet = Sheet::new(context.pick(&row.name_zh, &row.name_en))
        .under(&[(context.t("calls-title"), "/calls")])
        .sentence(stage_text(context, "programme", row.stage.as_str()));
    if rounds.is_empty() {
        sheet = sheet.with(Block::Prose { title: String::new(), text: context.t("programme-no-calls") });
    }
    for (round, those) in rounds {
        sheet = sheet.with(Block::Table {
            title: if round.is_empty() { context.t("programme-no-round") } else { round.to_owned() },
            heads: heads.map(|key| context.t(key)).into(),
            rows: those.iter().map(cells).collect(),
            empty: String::new(),
        });
    }
    sheet.answer(context, "calls")
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
