//! Lists of applications: one's own, an officer's by call; what waits.

use super::service::number;
use super::view::tone;
use crate::error::Result;
use crate::grants::calls;
use crate::grants::reviews::panel;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Task};
use crate::web::sheet::{Block, Cell, Sheet, stage_text};
use entities::kinds::{AppealStage, ApplicationStage, CallId, MemberRole, OrganisationId, Role};
use entities::{appeal, application, call};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Applications on one page.
const PAGE: u64 = 30;
/// Tasks of a kind.
const TASKS: u64 = 20;

/// One's own applications; for staff those submitted, by call and stage.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, of: Option<CallId>, stage: Option<&str>, before: Option<i64>) -> Answer {
    let mut query = application::Entity::find().order_by_desc(application::Column::Id).limit(PAGE + 1);
    let mine: Vec<OrganisationId> = context.actor.memberships.iter().map(|m| m.organisation_id).collect();
    query = if context.actor.is_staff() {
        let seen = Condition::any()
            .add(application::Column::OrganisationId.is_in(mine))
            .add(application::Column::CallId.is_not_in(panel::blind(context).await?));
        query.filter(application::Column::SubmittedAt.is_not_null()).filter(seen)
    } else {
        query.filter(application::Column::OrganisationId.is_in(mine))
    };
    if let Some(call) = of {
        query = query.filter(application::Column::CallId.eq(call));
    }
    if let Some(stage) = stage.and_then(ApplicationStage::parse) {
        query = query.filter(application::Column::Stage.eq(stage));
    }
    if let Some(before) = before {
        query = query.filter(application::Column::Id.lt(before));
    }
    let mut rows = query.all(context.edges.db.read()).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let filters = match (of, stage) {
        (Some(call), Some(stage)) => format!("call={call}&stage={stage}&"),
        (Some(call), None) => format!("call={call}&"),
        (None, Some(stage)) => format!("stage={stage}&"),
        (None, None) => String::new(),
    };
    let older = |row: &application::Model| format!("/applications?{filters}before={}", row.id);
    let older_href = rows.last().filter(|_| more).map(older).unwrap_or_default();
    let names = organisations::names(context, rows.iter().map(|row| row.organisation_id)).await?;
    let cells = |row: &application::Model| {
        vec![
            Cell::lead(row.title.clone(), format!("/applications/{}", row.id)),
            Cell::text(number(row.id)),
            Cell::text(names.get(&row.organisation_id).cloned().unwrap_or_default()),
            Cell::text(stage_text(context, "application", row.stage.as_str())),
            Cell::number(context.money(row.ask_minor, row.currency)),
        ]
    };
    let heads = ["head-title", "head-number", "head-organisation", "head-stage", "head-application-ask"];
    let calls = ActLink { href: "/calls".into(), text: context.t("applications-open-calls"), tone: "quiet" };
    let staff = context.actor.is_staff();
    let mut sheet = Sheet::new(context.t(if staff { "applications-title" } else { "applications-mine" }))
        .now(context.t("now-title"), "", vec![calls])
        .with(Block::Table {
            title: String::new(),
            heads: heads.map(|key| context.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("applications-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() });
    if staff {
        sheet = sheet.beside(stages(context, of));
    }
    sheet.answer(context, "")
}

/// Links that choose a stage; the filter stands in the address.
fn stages(context: &Context, of: Option<CallId>) -> Block {
    let call = of.map(|call| format!("call={call}&")).unwrap_or_default();
    let all = ActLink {
        href: format!("/applications?{}", call.trim_end_matches('&')),
        text: context.t("application-filter-all"),
        tone: "quiet",
    };
    let one = |stage: ApplicationStage| ActLink {
        href: format!("/applications?{call}stage={stage}"),
        text: stage_text(context, "application", stage.as_str()),
        tone: "quiet",
    };
    use ApplicationStage as S;
    let shown = [S::Submitted, S::InformationRequested, S::Eligible, S::Ineligible, S::UnderReview, S::Approved];
    Block::Acts {
        title: context.t("application-filter"),
        items: std::iter::once(all).chain(shown.into_iter().map(one)).collect(),
    }
}

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let mut tasks = own(context).await?;
    if context.actor.has(Role::ProgrammeOfficer) {
        tasks.extend(to_screen(context).await?);
    }
    if context.actor.has(Role::ProgrammeOfficer) || context.actor.has(Role::Administrator) {
        tasks.extend(to_decide(context).await?);
    }
    tasks.truncate(TASKS as usize);
    Ok(tasks)
}

async fn own(context: &Context) -> Result<Vec<Task>> {
    use ApplicationStage as S;
    let mine: Vec<OrganisationId> = context.actor.memberships.iter().map(|m| m.organisation_id).collect();
    if mine.is_empty() {
        return Ok(Vec::new());
    }
    let db = context.edges.db.read();
    let rows = application::Entity::find()
        .filter(application::Column::OrganisationId.is_in(mine))
        .filter(application::Column::Stage.is_in([S::Draft, S::AwaitingSignOff, S::InformationRequested]))
        .order_by_asc(application::Column::Id)
        .limit(TASKS)
        .all(db)
        .await?;
    let calls = calls_of(context, &rows).await?;
    let signs = |row: &application::Model| {
        let mut mine = context.actor.memberships.iter();
        mine.any(|m| m.organisation_id == row.organisation_id && m.role == MemberRole::Signatory)
    };
    let task = |row: &application::Model| {
        let (key, act) = match row.stage {
            S::Draft => ("draft", "edit"),
            S::AwaitingSignOff if signs(row) => ("sign", "submit"),
            S::InformationRequested if signs(row) => ("answer", "answer-information"),
            _ => return None,
        };
        let due = row.question_due_at.or_else(|| calls.get(&row.call_id).map(|call| call.closes_at))?;
        let days = (context.day_of(due) - context.edges.today()).num_days();
        Some(Task {
            href: format!("/applications/{}/{act}", row.id),
            title: context.t_with(&format!("task-application-{key}"), &[("title", &row.title)]),
            detail: context.moment(due),
            chip: context.t_count("application-days-left", days.max(0)),
            tone: if days <= 2 { "stop" } else { tone(row.stage) },
        })
    };
    Ok(rows.iter().filter_map(task).collect())
}

async fn calls_of(context: &Context, rows: &[application::Model]) -> Result<BTreeMap<CallId, call::Model>> {
    let calls = call::Entity::find()
        .filter(call::Column::Id.is_in(rows.iter().map(|row| row.call_id)))
        .all(context.edges.db.read())
        .await?;
    Ok(calls.into_iter().map(|call| (call.id, call)).collect())
}

/// Screening, one task a call with how many wait.
async fn to_screen(context: &Context) -> Result<Vec<Task>> {
    let sealed = calls::opening::sealed(context.edges.db.read()).await?;
    let rows = application::Entity::find()
        .filter(application::Column::Stage.eq(ApplicationStage::Submitted))
        .filter(application::Column::CallId.is_not_in(sealed))
        .order_by_asc(application::Column::SubmittedAt)
        .limit(500)
        .all(context.edges.db.read())
        .await?;
    let of = calls_of(context, &rows).await?;
    let mut counts: BTreeMap<CallId, usize> = BTreeMap::new();
    for row in &rows {
        *counts.entry(row.call_id).or_default() += 1;
    }
    let task = |(id, count): (&CallId, &usize)| {
        let call = of.get(id)?;
        let (n, title) = (count.to_string(), context.pick(&call.title_zh, &call.title_en));
        Some(Task {
            href: format!("/applications?call={id}&stage=submitted"),
            title: context.t_with("task-application-screen", &[("n", &n), ("call", &title)]),
            detail: String::new(),
            chip: n.clone(),
            tone: "wait",
        })
    };
    Ok(counts.iter().filter_map(task).collect())
}

/// Appeals of applications that the reader did not screen; the service asks for the rest.
async fn to_decide(context: &Context) -> Result<Vec<Task>> {
    let db = context.edges.db.read();
    let rows = appeal::Entity::find()
        .filter(appeal::Column::Stage.eq(AppealStage::Filed))
        .order_by_asc(appeal::Column::Id)
        .limit(TASKS)
        .all(db)
        .await?;
    let about = application::Entity::find()
        .filter(application::Column::Id.is_in(rows.iter().map(|row| row.application_id)))
        .all(db)
        .await?;
    let task = |row: &appeal::Model| {
        let application = about.iter().find(|one| one.id == row.application_id)?;
        if application.screened_by == context.actor.person {
            return None;
        }
        Some(Task {
            href: super::appeals::appeal_page(application.id, row.id),
            title: context.t_with("task-application-appeal", &[("title", &application.title)]),
            detail: context.moment(row.filed_at),
            chip: context.t("stage-appeal-filed"),
            tone: "wait",
        })
    };
    Ok(rows.iter().filter_map(task).collect())
}
