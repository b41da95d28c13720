//! The pages of calls: the list here, the call as everybody reads it in [`page`], acts in [`acts`], tasks in [`tasks`], questions in
//! [`asking`], what a formula gives in [`allocations`], concept notes to invite from in [`notes`], calendars in [`feeds`].

pub mod acts;
pub mod allocations;
pub mod asking;
pub mod feeds;
pub mod notes;
pub mod page;
pub mod programmes;
pub mod tasks;

use super::{service, words};
use crate::error::{Error, Result};
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::ActLink;
use crate::web::sheet::{Block, Cell, Sheet, stage_text};
use entities::call;
use entities::kinds::{CallId, CallStage, Role};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

pub use acts::{act, apply, local, programme};
pub use page::{CallPage, checked, show};
pub use tasks::waiting;

/// Calls on one page of the list.
const PAGE: u64 = 30;
/// The list: open calls first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, before: Option<i64>) -> Answer {
    let officer = context.actor.has(Role::ProgrammeOfficer);
    let mut query = call::Entity::find().order_by_desc(call::Column::Id).limit(PAGE + 1);
    query = match before {
        Some(before) => query.filter(call::Column::Id.lt(before)),
        None => query,
    };
    query = query.filter(call::Column::Stage.ne(CallStage::Open));
    if !officer {
        // What was never announced is not public, cancelled or not.
        query = query.filter(call::Column::CheckedBy.is_not_null());
    }
    let db = context.edges.db.read();
    let mut rows = query.all(db).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older_href = rows.last().filter(|_| more).map(|row| format!("/calls?before={}", row.id)).unwrap_or_default();
    if before.is_none() {
        let open = call::Entity::find()
            .filter(call::Column::Stage.eq(CallStage::Open))
            .order_by_asc(call::Column::ClosesAt)
            .limit(PAGE)
            .all(db)
            .await?;
        rows.splice(0..0, open);
    }
    let cells = |row: &call::Model| {
        vec![
            Cell::lead(context.pick(&row.title_zh, &row.title_en), format!("/calls/{}", row.id)),
            Cell::text(stage_text(context, "call", row.stage.as_str())),
            Cell::text(format!("{} · {}", context.moment(row.closes_at), left(context, row))),
            Cell::number(context.money(row.cap_minor, row.currency)),
            Cell::text(row.area.clone()),
            Cell { text: words::who(context, row), href: String::new(), class: "wide" },
        ]
    };
    let acts = if officer {
        vec![
            ActLink { href: "/calls/new".into(), text: context.t("calls-new"), tone: "" },
            ActLink { href: "/calls/programmes".into(), text: context.t("programmes-title"), tone: "quiet" },
            ActLink { href: "/forms".into(), text: context.t("forms-title"), tone: "quiet" },
        ]
    } else {
        Vec::new()
    };
    let heads = ["head-call", "head-stage", "head-call-deadline", "head-call-cap", "call-area", "head-call-who"];
    Sheet::new(context.t("calls-title"))
        .sentence(context.t("calls-sentence"))
        .now(context.t("now-title"), "", acts)
        .with(Block::Table {
            title: String::new(),
            heads: heads.map(|key| context.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("calls-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .beside(Block::Acts {
            title: context.t("calls-feeds"),
            items: vec![
                ActLink { href: "/calls.ics".into(), text: context.t("calls-feed-calendar"), tone: "quiet" },
                ActLink { href: "/calls.atom".into(), text: context.t("calls-feed-atom"), tone: "quiet" },
            ],
        })
        .answer(context, "calls")
}

/// How long is left, derived from the deadline.
pub fn left(context: &Context, row: &call::Model) -> String {
    if row.closes_at <= context.edges.clock.now() || !matches!(row.stage, CallStage::Open | CallStage::Scheduled) {
        return context.t("call-over");
    }
    let days = (context.day_of(row.closes_at) - context.edges.today()).num_days();
    if days == 0 { context.t("call-last-day") } else { context.t_count("call-days-left", days) }
}

/// A call the reader may see: a draft is for officers.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn visible(context: &Context, id: CallId) -> Result<call::Model> {
    let row = service::load(context.edges.db.read(), id).await?;
    let never_announced = row.checked_by.is_none();
    if never_announced && !context.actor.has(Role::ProgrammeOfficer) { Err(Error::NotFound) } else { Ok(row) }
}

/// Colour of a stage.
fn tone(stage: CallStage) -> &'static str {
    match stage {
        CallStage::Open | CallStage::Decided => "ok",
        CallStage::Cancelled => "stop",
        CallStage::Archived => "quiet",
        _ => "wait",
    }
}
