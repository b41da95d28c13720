//! Lists of applications: one's own, an officer's by call; what waits.

use super::service::number;
use super::sides::side_page;
use super::view::tone;
use crate::error::Result;
use crate::grants::reviews::panel;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Task};
use crate::web::sheet::{Block, Cell, Sheet, stage_text};
use chrono::{DateTime, Utc};
use entities::kinds::{AppealStage, ApplicationStage, CallId, MemberRole, OrganisationId, Role, SideStage};
use entities::{appeal, application, application_side, call};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::collections::BTreeMap;

/// Applications on one page.
const PAGE: u64 = 30;
/// Tasks of a kind.
const TASKS: u64 = 20;

/// By what a list is sorted; the newest and the largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Newest,
    Asked,
    Submitted,
}

impl Sort {
    const ALL: [Self; 3] = [Self::Newest, Self::Asked, Self::Submitted];

    const fn word(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Asked => "asked",
            Self::Submitted => "submitted",
        }
    }
}

/// What a reader wants to see of a list; all of it stands in the address.
#[derive(Debug, Clone)]
pub struct Wanted {
    call: Option<CallId>,
    stage: Option<ApplicationStage>,
    sort: Sort,
    /// The last row of the page before: what it is sorted by, and its key.
    before: Option<(i64, i64)>,
}

impl Wanted {
    /// What an address asks for; what it cannot mean is left out.
    pub fn read(call: Option<CallId>, stage: Option<&str>, sort: Option<&str>, before: Option<&str>) -> Self {
        let sort = Sort::ALL.into_iter().find(|one| Some(one.word()) == sort).unwrap_or(Sort::Newest);
        let before = before.and_then(|text| {
            let (value, id) = text.split_once('.').unwrap_or((text, text));
            Some((value.parse().ok()?, id.parse().ok()?))
        });
        Self { call, stage: stage.and_then(ApplicationStage::parse), sort, before }
    }

    /// The address of a list with another stage, order or page.
    fn href(&self, stage: Option<ApplicationStage>, sort: Sort, before: Option<(i64, i64)>) -> String {
        let mut parts = Vec::new();
        parts.extend(self.call.map(|call| format!("call={call}")));
        parts.extend(stage.map(|stage| format!("stage={stage}")));
        parts.extend(Some(format!("sort={}", sort.word())).filter(|_| sort != Sort::Newest));
        parts.extend(before.map(|(value, id)| format!("before={value}.{id}")));
        format!("/applications?{}", parts.join("&")).trim_end_matches('?').to_owned()
    }

    /// The rows after the last page, in this order. A tie is broken by the key, so that no row is left out or comes twice.
    fn ordered(&self, query: Select<application::Entity>) -> Select<application::Entity> {
        use application::Column as C;
        let query = match self.sort {
            Sort::Newest => query,
            Sort::Asked => query.order_by_desc(C::AskMinor),
            Sort::Submitted => query.order_by_desc(C::SubmittedAt),
        };
        let query = query.order_by_desc(C::Id);
        let Some((value, id)) = self.before else { return query };
        let then = |less: SimpleExpr, same: SimpleExpr| {
            Condition::any().add(less).add(Condition::all().add(same).add(C::Id.lt(id)))
        };
        match self.sort {
            Sort::Newest => query.filter(C::Id.lt(id)),
            Sort::Asked => query.filter(then(C::AskMinor.lt(value), C::AskMinor.eq(value))),
            Sort::Submitted => {
                let at = DateTime::<Utc>::from_timestamp_nanos(value);
                query.filter(then(C::SubmittedAt.lt(at), C::SubmittedAt.eq(at)))
            }
        }
    }

    fn mark(&self, row: &application::Model) -> (i64, i64) {
        let value = match self.sort {
            Sort::Newest => row.id.0,
            Sort::Asked => row.ask_minor,
            Sort::Submitted => row.submitted_at.and_then(|at| at.timestamp_nanos_opt()).unwrap_or(0),
        };
        (value, row.id.0)
    }
}

/// One's own applications; for staff those submitted, by call and stage, in the order that was asked for.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, wanted: &Wanted) -> Answer {
    let staff = context.actor.is_staff();
    let (rows, older) = rows(context, wanted).await?;
    let names = organisations::names(context, rows.iter().map(|row| row.organisation_id)).await?;
    let cells = |row: &application::Model| {
        let when = row.submitted_at.map(|at| context.moment(at)).unwrap_or_default();
        vec![
            Cell::lead(row.title.clone(), format!("/applications/{}", row.id)),
            Cell::text(number(row.id)),
            Cell::text(names.get(&row.organisation_id).cloned().unwrap_or_default()),
            Cell::text(stage_text(context, "application", row.stage.as_str())),
            Cell::text(when),
            Cell::number(context.money(row.ask_minor, row.currency)),
        ]
    };
    let heads = [
        "head-title",
        "head-number",
        "head-organisation",
        "head-stage",
        "application-submitted",
        "head-application-ask",
    ];
    let calls = ActLink { href: "/calls".into(), text: context.t("applications-open-calls"), tone: "quiet" };
    let mut acts = vec![calls];
    if let Some(call) = wanted.call.filter(|_| context.actor.has(Role::ProgrammeOfficer)) {
        let href = format!("/applications/similar?call={call}");
        acts.push(ActLink { href, text: context.t("application-similar-title"), tone: "quiet" });
    }
    let mut sheet = Sheet::new(context.t(if staff { "applications-title" } else { "applications-mine" }))
        .now(context.t("now-title"), "", acts)
        .with(Block::Table {
            title: String::new(),
            heads: heads.map(|key| context.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("applications-empty"),
        })
        .with(Block::Pager { older_href: older, newer_href: String::new() });
    if staff {
        sheet = sheet.beside(stages(context, wanted)).beside(sorts(context, wanted));
    }
    sheet.answer(context, "")
}

/// The rows of a page, and where the next one is.
async fn rows(context: &Context, wanted: &Wanted) -> Result<(Vec<application::Model>, String)> {
    let mine: Vec<OrganisationId> = context.actor.memberships.iter().map(|m| m.organisation_id).collect();
    let mut query = wanted.ordered(application::Entity::find()).limit(PAGE + 1);
    query = if context.actor.is_staff() {
        let seen = Condition::any()
            .add(application::Column::OrganisationId.is_in(mine))
            .add(application::Column::CallId.is_not_in(panel::blind(context).await?));
        query.filter(application::Column::SubmittedAt.is_not_null()).filter(seen)
    } else {
        query.filter(application::Column::OrganisationId.is_in(mine))
    };
    if let Some(call) = wanted.call {
        query = query.filter(application::Column::CallId.eq(call));
    }
    if let Some(stage) = wanted.stage {
        query = query.filter(application::Column::Stage.eq(stage));
    }
    let mut rows = query.all(context.edges.db.read()).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let last = rows.last().filter(|_| more).map(|row| wanted.mark(row));
    let older = last.map(|mark| wanted.href(wanted.stage, wanted.sort, Some(mark))).unwrap_or_default();
    Ok((rows, older))
}

/// Links that choose a stage; the filter stands in the address.
fn stages(context: &Context, wanted: &Wanted) -> Block {
    let link = |stage: Option<ApplicationStage>| ActLink {
        href: wanted.href(stage, wanted.sort, None),
        text: stage.map_or_else(
            || context.t("application-filter-all"),
            |stage| stage_text(context, "application", stage.as_str()),
        ),
        tone: "quiet",
    };
    use ApplicationStage as S;
    let shown = [S::Submitted, S::InformationRequested, S::Eligible, S::Ineligible, S::UnderReview, S::Approved];
    Block::Acts {
        title: context.t("application-filter"),
        items: std::iter::once(None).chain(shown.into_iter().map(Some)).map(link).collect(),
    }
}

/// Links that choose an order.
fn sorts(context: &Context, wanted: &Wanted) -> Block {
    let link = |sort: Sort| ActLink {
        href: wanted.href(wanted.stage, sort, None),
        text: context.t(&format!("application-sort-{}", sort.word())),
        tone: "quiet",
    };
    Block::Acts { title: context.t("application-sort"), items: Sort::ALL.into_iter().map(link).collect() }
}

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let mut tasks = own(context).await?;
    tasks.extend(asked_sides(context).await?);
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

/// Bids that ask an organisation for which the reader signs to take part.
async fn asked_sides(context: &Context) -> Result<Vec<Task>> {
    let signs = context.actor.memberships.iter().filter(|member| member.role == MemberRole::Signatory);
    let signs: Vec<OrganisationId> = signs.map(|member| member.organisation_id).collect();
    if signs.is_empty() {
        return Ok(Vec::new());
    }
    let db = context.edges.db.read();
    let rows = application_side::Entity::find()
        .filter(application_side::Column::OrganisationId.is_in(signs))
        .filter(application_side::Column::Stage.eq(SideStage::Asked))
        .order_by_asc(application_side::Column::Id)
        .limit(TASKS)
        .all(db)
        .await?;
    let about = application::Entity::find()
        .filter(application::Column::Id.is_in(rows.iter().map(|row| row.application_id)))
        .filter(application::Column::Stage.is_in([ApplicationStage::Draft, ApplicationStage::AwaitingSignOff]))
        .all(db)
        .await?;
    let task = |row: &application_side::Model| {
        let bid = about.iter().find(|one| one.id == row.application_id)?;
        Some(Task {
            href: side_page(bid.id, row.id),
            title: context.t_with("task-application-side", &[("title", &bid.title)]),
            detail: context.moment(row.asked_at),
            chip: context.t("stage-side-asked"),
            tone: "wait",
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
    // Nobody is told how many there are of what they may not see.
    let hidden = panel::blind(context).await?;
    let rows = application::Entity::find()
        .filter(application::Column::Stage.eq(ApplicationStage::Submitted))
        .filter(application::Column::CallId.is_not_in(hidden))
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
        .filter(application::Column::CallId.is_not_in(panel::blind(context).await?))
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
