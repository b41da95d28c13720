//! The administrator's pages: links, policy, calendar, jobs.

use super::older;
use crate::commons::{calendar, events, policies};
use crate::core::policy::CN;
use crate::error::Error;
use crate::people::admin;
use crate::people::permission::{Administrator, As};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice, Fact};
use crate::web::sheet::{Act, Block, Cell, Sheet, history};
use entities::kinds::{JobId, PolicyStage, PolicyVersionId, Subject};
use entities::{job, policy_version};
use sea_orm::EntityTrait;

/// Rows on one page of a list.
const PAGE: u64 = 40;
/// Events shown.
const HISTORY: u64 = 20;

/// Where everything is.
///
/// # Errors
/// When the database cannot be read.
pub async fn home(by: &As<Administrator>) -> Answer {
    let rooms = ["people", "roles", "policy", "calendar", "jobs"];
    let rows = rooms.map(|room| {
        vec![
            Cell::lead(by.t(&format!("{room}-title")), format!("/admin/{room}")),
            Cell::text(by.t(&format!("{room}-sentence"))),
        ]
    });
    let done = events::history(by.edges.db.read(), Subject::Foundation, 1, HISTORY).await?;
    Sheet::new(by.t("admin-title"))
        .sentence(by.t("admin-sentence"))
        .with(Block::Table {
            title: String::new(),
            heads: vec![by.t("head-what"), by.t("people-head-about")],
            rows: rows.into(),
            empty: String::new(),
        })
        .beside(history(by, "foundation", &done))
        .answer(by, "desk")
}

fn policy_name(by: &As<Administrator>, key: &str) -> String {
    by.t(&format!("policy-{}", key.replace('_', "-")))
}

fn link(by: &As<Administrator>, href: &str, key: &str) -> Vec<ActLink> {
    vec![ActLink { href: href.into(), text: by.t(key), tone: "" }]
}

/// Versions of the figures, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn policy(by: &As<Administrator>, before: Option<i64>) -> Answer {
    let mut rows = policies::versions(by.edges.db.read(), before, PAGE + 1).await?;
    let older_href = older(&mut rows, PAGE, |row| format!("/admin/policy?before={}", row.id));
    let cells = |row: &policy_version::Model| {
        let open = row.stage == PolicyStage::Proposed;
        let href = if open { format!("/admin/policy/{}", row.id) } else { String::new() };
        vec![
            Cell::lead(policy_name(by, &row.key), href),
            Cell::number(row.value.to_string()),
            Cell::text(by.day(row.effective_on)),
            Cell::text(by.t(&format!("stage-policy-{}", row.stage))),
            Cell::text(row.source.clone()),
        ]
    };
    let number = policies::number_on(by.edges.db.read(), by.edges.today()).await?.to_string();
    let today = Fact::new(by.t("policy-today"), by.t_with("policy-number", &[("number", &number)]));
    Sheet::new(by.t("policy-title"))
        .under(&[(by.t("admin-title"), "/admin")])
        .sentence(by.t("policy-sentence"))
        .now(by.t("now-title"), "", link(by, "/admin/policy/new", "act-policy-propose-button"))
        .with(Block::Table {
            title: String::new(),
            heads: ["people-head-figure", "people-head-value", "people-head-from", "head-stage", "people-head-source"]
                .map(|key| by.t(key))
                .into(),
            rows: rows.iter().map(cells).collect(),
            empty: by.t("policy-empty"),
        })
        .beside(Block::Facts { title: by.t("facts-title"), items: vec![today] })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(by, "desk")
}

/// The page that proposes a figure.
///
/// # Errors
/// When the page cannot be written.
pub fn propose_policy(by: &As<Administrator>) -> Answer {
    let figures = CN.iter().map(|figure| Choice::new(figure.key, policy_name(by, figure.key))).collect();
    Act::new(by, "policy-propose", "/admin/policy", "/admin/policy")
        .ask_choice(by, "key", figures)
        .labelled(by.t("people-field-key"))
        .ask(by, "number", "value")
        .labelled(by.t("people-field-value"))
        .hint(by.t("policy-value-hint"))
        .ask(by, "text", "source")
        .labelled(by.t("people-field-source"))
        .ask(by, "date", "effective_on")
        .labelled(by.t("people-field-effective-on"))
        .answer(by, "desk")
}

/// The page that decides on a proposed figure.
///
/// # Errors
/// [`Error::NotFound`] when it is not open.
pub async fn decide_policy(by: &As<Administrator>, id: PolicyVersionId) -> Answer {
    let db = by.edges.db.read();
    let row = policy_version::Entity::find_by_id(id)
        .one(db)
        .await?
        .filter(|row| row.stage == PolicyStage::Proposed)
        .ok_or(Error::NotFound)?;
    let now = policies::version_on(db, &row.key, by.edges.today()).await?;
    let mut page = Act::new(by, "policy-decide", format!("/admin/policy/{id}"), "/admin/policy")
        .fact(by.t("people-head-figure"), policy_name(by, &row.key));
    if let Some(now) = now {
        page = page.fact(by.t("policy-now"), now.value.to_string());
    }
    page.fact(by.t("policy-new"), row.value.to_string())
        .fact(by.t("people-head-from"), by.day(row.effective_on))
        .fact(by.t("people-head-source"), row.source.clone())
        .ask_choice(by, "answer", Choice::words(by, "policy-answer", ["confirm", "decline"]))
        .answer(by, "desk")
}

/// The calendar's years, and the form that imports one.
///
/// # Errors
/// When the database cannot be read.
pub async fn calendar_years(by: &As<Administrator>) -> Answer {
    let known = calendar::load(by.edges.db.read()).await?;
    let rows = known
        .years()
        .map(|year| {
            let days = known.special_days(year).map_or(0, |days| days.len());
            vec![Cell::lead(year.to_string(), ""), Cell::number(days.to_string())]
        })
        .collect();
    Sheet::new(by.t("calendar-title"))
        .under(&[(by.t("admin-title"), "/admin")])
        .sentence(by.t("calendar-sentence"))
        .now(by.t("now-title"), "", link(by, "/admin/calendar/import", "act-calendar-import-button"))
        .with(Block::Table {
            title: String::new(),
            heads: vec![by.t("people-head-year"), by.t("people-head-special-days")],
            rows,
            empty: by.t("calendar-empty"),
        })
        .answer(by, "desk")
}

/// The page that imports a year.
///
/// # Errors
/// When the page cannot be written.
pub fn import_calendar(by: &As<Administrator>) -> Answer {
    Act::new(by, "calendar-import", "/admin/calendar/import", "/admin/calendar")
        .ask(by, "area", "calendar")
        .labelled(by.t("people-field-calendar"))
        .hint(by.t("calendar-hint"))
        .ask(by, "text", "source")
        .labelled(by.t("people-field-source"))
        .answer(by, "desk")
}

/// Jobs that wait or have failed.
///
/// # Errors
/// When the database cannot be read.
pub async fn jobs(by: &As<Administrator>, before: Option<i64>) -> Answer {
    let mut rows = admin::open_jobs(by.edges.db.read(), before, PAGE + 1).await?;
    let older_href = older(&mut rows, PAGE, |row| format!("/admin/jobs?before={}", row.id));
    let cells = |row: &job::Model| {
        let href = if row.failed_at.is_some() { format!("/admin/jobs/{}/retry", row.id) } else { String::new() };
        vec![
            Cell::lead(format!("{} {}", row.kind, row.id), href),
            Cell::text(by.t(job_stage(row))),
            Cell::number(row.attempts.to_string()),
            Cell::text(by.moment(row.run_at)),
            Cell { text: row.last_error.clone(), href: String::new(), class: "wide" },
        ]
    };
    Sheet::new(by.t("jobs-title"))
        .under(&[(by.t("admin-title"), "/admin")])
        .sentence(by.t("jobs-sentence"))
        .with(Block::Table {
            title: String::new(),
            heads: ["people-head-job", "head-stage", "people-head-tries", "people-head-run-at", "people-head-error"]
                .map(|key| by.t(key))
                .into(),
            rows: rows.iter().map(cells).collect(),
            empty: by.t("jobs-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(by, "desk")
}

fn job_stage(row: &job::Model) -> &'static str {
    if row.failed_at.is_some() { "job-failed" } else { "job-waits" }
}

/// The page that lets a job be tried again.
///
/// # Errors
/// [`Error::NotFound`] when it is done.
pub async fn retry(by: &As<Administrator>, id: JobId) -> Answer {
    let row = admin::open_job(by.edges.db.read(), id).await?;
    retry_page(by, &row)
}

fn retry_page(by: &As<Administrator>, row: &job::Model) -> Answer {
    Act::new(by, "job-retry", format!("/admin/jobs/{}/retry", row.id), "/admin/jobs")
        .fact(by.t("people-head-job"), format!("{} {}", row.kind, row.id))
        .fact(by.t("people-head-tries"), row.attempts.to_string())
        .fact(by.t("people-head-error"), row.last_error.clone())
        .answer(by, "desk")
}
