//! The pages of privacy: the notice for everybody, one's own data, what people ask.

use super::service::{self, DESK, OWN};
use crate::commons::policies;
use crate::core::policy::Policy;
use crate::error::{Error, Result};
use crate::people::accounts;
use crate::people::permission::{Administrator, As, Context, Level, SignedIn};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice, Fact, Task};
use crate::web::sheet::{Act, Block, Cell, Sheet, stage_text};
use entities::kinds::{PrivacyKind, PrivacyRequestId, PrivacyStage, Role};
use entities::privacy_request;

/// What is deleted in time, with its figure of policy.
fn kept(policy: &Policy) -> [(&'static str, i64); 5] {
    [
        ("privacy-kept-sessions", policy.retain_sessions_days),
        ("privacy-kept-invitations", policy.retain_invitations_days),
        ("privacy-kept-mail", policy.retain_mail_days),
        ("privacy-kept-forms", policy.retain_forms_days),
        ("privacy-kept-typed", policy.retain_typed_days),
    ]
}

/// What stays, and by which rule.
const STAYS: [(&str, &str); 4] = [
    ("privacy-kept-books", "privacy-why-books"),
    ("privacy-kept-gifts", "privacy-why-gifts"),
    ("privacy-kept-decisions", "privacy-why-decisions"),
    ("privacy-kept-account", "privacy-why-account"),
];

/// The notice, with how long each kind of record is kept.
///
/// # Errors
/// When the database cannot be read.
pub async fn notice(context: &Context) -> Answer {
    let policy = policies::on(context.edges.db.read(), context.edges.today()).await?;
    let days = |days: i64| context.t_with("privacy-days", &[("days", &days.to_string())]);
    let mut rows: Vec<Vec<Cell>> = kept(&policy)
        .iter()
        .map(|(key, figure)| vec![Cell::lead(context.t(key), ""), Cell::text(days(*figure))])
        .collect();
    rows.extend(STAYS.iter().map(|(what, why)| vec![Cell::lead(context.t(what), ""), Cell::text(context.t(why))]));
    let prose = |name: &str| Block::Prose {
        title: context.t(&format!("privacy-{name}-title")),
        text: context.t(&format!("privacy-{name}-text")),
    };
    let own = ActLink { href: OWN.into(), text: context.t("privacy-own-title"), tone: "" };
    Sheet::new(context.t("privacy-title"))
        .sentence(context.t("privacy-sentence"))
        .now(context.t("now-title"), context.t("privacy-now"), vec![own])
        .with(prose("what"))
        .with(prose("why"))
        .with(prose("who"))
        .with(prose("rights"))
        .with(Block::Table {
            title: context.t("privacy-kept-title"),
            heads: vec![context.t("privacy-head-record"), context.t("privacy-head-kept")],
            rows,
            empty: String::new(),
        })
        .answer(context, "")
}

/// One's own data: the copy, what may be changed at once, what is asked for.
///
/// # Errors
/// When the database cannot be read.
pub async fn own(by: &As<SignedIn>) -> Answer {
    let rows = service::of(by.edges.db.read(), by.permission().person()).await?;
    let link = |href: String, key: &str, tone| ActLink { href, text: by.t(key), tone };
    let acts = vec![
        link(format!("{OWN}/copy"), "privacy-copy", ""),
        link("/account/change".into(), "act-account-change-button", "quiet"),
        link(format!("{OWN}/ask"), "act-privacy-ask-button", "quiet"),
    ];
    Sheet::new(by.t("privacy-own-title"))
        .under(&[(by.t("account-own-title"), "/account"), (by.t("privacy-title"), "/privacy")])
        .sentence(by.t("privacy-own-sentence"))
        .now(by.t("now-title"), by.t("privacy-own-now"), acts)
        .with(requests(by, &rows, OWN, &[]))
        .answer(by, "")
}

fn requests(context: &Context, rows: &[privacy_request::Model], base: &str, names: &[String]) -> Block {
    let cells = |(place, row): (usize, &privacy_request::Model)| {
        let mut cells = vec![
            Cell::lead(context.t(&format!("privacy-kind-{}", row.kind)), format!("{base}/{}", row.id)),
            Cell::text(context.moment(row.asked_at)),
            Cell::text(stage_text(context, "privacy", row.stage.as_str())),
        ];
        cells.extend(names.get(place).map(Cell::text));
        cells
    };
    let heads = ["privacy-head-kind", "privacy-head-asked", "head-stage"].iter().map(|key| context.t(key));
    Block::Table {
        title: context.t("privacy-requests"),
        heads: heads.chain((!names.is_empty()).then(|| context.t("head-person"))).collect(),
        rows: rows.iter().enumerate().map(cells).collect(),
        empty: context.t("privacy-requests-empty"),
    }
}

/// The page that asks.
///
/// # Errors
/// When the page cannot be written.
pub fn ask(by: &As<SignedIn>) -> Answer {
    let kinds = Choice::words(by, "privacy-kind", PrivacyKind::ALL.iter().map(|kind| kind.as_str()));
    Act::new(by, "privacy-ask", OWN, OWN)
        .under(&[(by.t("privacy-own-title"), OWN)])
        .ask_choice(by, "kind", kinds)
        .labelled(by.t("privacy-head-kind"))
        .ask(by, "area", "told")
        .labelled(by.t("privacy-field-told"))
        .hint(by.t("privacy-told-hint"))
        .answer(by, "")
}

fn facts(context: &Context, row: &privacy_request::Model) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(context.t("privacy-head-kind"), context.t(&format!("privacy-kind-{}", row.kind))),
        Fact::new(context.t("privacy-head-asked"), context.moment(row.asked_at)),
        Fact::new(context.t("privacy-field-told"), row.told.clone()),
    ];
    facts.extend(row.answered_at.map(|at| Fact::new(context.t("privacy-answered"), context.moment(at))));
    if !row.answer.is_empty() {
        facts.push(Fact::new(context.t("field-reason"), row.answer.clone()));
    }
    facts
}

fn tone(stage: PrivacyStage) -> &'static str {
    match stage {
        PrivacyStage::Asked => "wait",
        PrivacyStage::Granted => "ok",
        PrivacyStage::Refused | PrivacyStage::Withdrawn => "quiet",
    }
}

/// One of one's own requests.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's.
pub async fn one(by: &As<SignedIn>, id: PrivacyRequestId) -> Answer {
    let row = mine(by, id).await?;
    let back =
        ActLink { href: format!("{OWN}/{id}/withdraw"), text: by.t("act-privacy-withdraw-button"), tone: "stop" };
    Sheet::new(by.t(&format!("privacy-kind-{}", row.kind)))
        .under(&[(by.t("privacy-own-title"), OWN)])
        .chip(stage_text(by, "privacy", row.stage.as_str()), tone(row.stage))
        .now(by.t("now-title"), "", if row.stage == PrivacyStage::Asked { vec![back] } else { Vec::new() })
        .with(Block::Facts { title: by.t("facts-title"), items: facts(by, &row) })
        .answer(by, "")
}

async fn mine(by: &As<SignedIn>, id: PrivacyRequestId) -> Result<privacy_request::Model> {
    let row = service::load(by.edges.db.read(), id).await?;
    if row.person_id == by.permission().person() { Ok(row) } else { Err(Error::NotFound) }
}

/// The page that takes one back.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's.
pub async fn withdraw(by: &As<SignedIn>, id: PrivacyRequestId) -> Answer {
    mine(by, id).await?;
    Act::new(by, "privacy-withdraw", format!("{OWN}/{id}/withdraw"), format!("{OWN}/{id}")).stop().answer(by, "")
}

/// Requests that wait for the reader.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    if !context.actor.has(Role::Administrator) {
        return Ok(Vec::new());
    }
    let rows = service::open(context.edges.db.read()).await?;
    let task = |row: &privacy_request::Model| Task {
        href: format!("{DESK}/{}", row.id),
        title: context.t("task-privacy"),
        detail: context.t(&format!("privacy-kind-{}", row.kind)),
        chip: String::new(),
        tone: "wait",
    };
    let others = rows.iter().filter(|row| Some(row.person_id) != context.actor.person);
    Ok(others.map(task).collect())
}

/// What waits for an administrator.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(by: &As<Administrator>) -> Answer {
    let db = by.edges.db.read();
    let rows = service::open(db).await?;
    let names = accounts::names(db, rows.iter().map(|row| row.person_id)).await?;
    let names: Vec<String> = rows.iter().map(|row| names.get(&row.person_id).cloned().unwrap_or_default()).collect();
    Sheet::new(by.t("privacy-desk-title"))
        .under(&[(by.t("admin-title"), "/admin")])
        .sentence(by.t("privacy-desk-sentence"))
        .with(requests(by, &rows, DESK, &names))
        .answer(by, "desk")
}

/// The page on which an administrator answers one.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn answer(by: &As<Administrator>, id: PrivacyRequestId) -> Answer {
    let db = by.edges.db.read();
    let row = service::load(db, id).await?;
    let person = accounts::load(db, row.person_id).await?;
    let name = if row.kind == PrivacyKind::Erasure { "privacy-answer-erasure" } else { "privacy-answer-correction" };
    let mut page = Act::new(by, name, format!("{DESK}/{id}"), DESK)
        .under(&[(by.t("privacy-desk-title"), DESK)])
        .fact(by.t("head-person"), format!("{} · {}", person.name, person.email));
    for fact in facts(by, &row) {
        page = page.fact(fact.label, fact.value);
    }
    if row.stage != PrivacyStage::Asked {
        return Err(Error::NotFound);
    }
    page.ask_choice(by, "act", Choice::words(by, "privacy-answer", ["grant", "refuse"]))
        .ask(by, "area", "reason")
        .proving(by, Level::Decision)
        .answer(by, "desk")
}
