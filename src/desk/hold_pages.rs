//! The pages of holds, for staff and supervisors.

use super::holds::Held;
use crate::commons::holds::may_lift;
use crate::commons::texts::pick;
use crate::error::{Error, Result};
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact, Task};
use crate::web::sheet::{Act, Block, Cell, Sheet};
use entities::kinds::{AwardStage, FundStage, HoldId, HoldKind, Role, Subject};
use entities::{award, fund, hold};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Holds shown on a desk.
const SHOWN: u64 = 20;
/// Funds, and awards, offered for a hold: the newest.
const OFFERED: u64 = 100;

/// A hold that the reader may see: staff and supervisors.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub(super) async fn load(context: &Context, id: HoldId) -> Result<hold::Model> {
    let row = hold::Entity::find_by_id(id).one(context.edges.db.read()).await?.ok_or(Error::NotFound)?;
    if context.actor.is_staff() { Ok(row) } else { Err(Error::NotFound) }
}

/// The holds that stand, and the funds and awards that a supervisor or officer may hold.
///
/// # Errors
/// [`Error::NotFound`] for whoever is not staff.
pub(super) async fn list(context: &Context) -> Answer {
    if !context.actor.is_staff() {
        return Err(Error::NotFound);
    }
    let db = context.edges.db.read();
    let funds = fund::Entity::find()
        .filter(fund::Column::Stage.is_in([FundStage::Approved, FundStage::Active, FundStage::Closing]))
        .order_by_desc(fund::Column::Id)
        .limit(OFFERED)
        .all(db)
        .await?;
    let awards = award::Entity::find()
        .filter(award::Column::Stage.is_in([AwardStage::Accepted, AwardStage::Active, AwardStage::Closing]))
        .order_by_desc(award::Column::Id)
        .limit(OFFERED)
        .all(db)
        .await?;
    let cells = |subject: &str, id: i64, name: String| {
        vec![
            Cell::lead(name, format!("/holds/new?subject={subject}&id={id}")),
            Cell::text(context.t(&format!("subject-{subject}"))),
        ]
    };
    let mut rows: Vec<Vec<Cell>> =
        funds.iter().map(|row| cells("fund", row.id.0, pick(context.locale, &row.name_zh, &row.name_en))).collect();
    rows.extend(awards.iter().map(|row| cells("award", row.id.0, row.title.clone())));
    let mut sheet = Sheet::new(context.t("holds-title"))
        .under(&[(context.t("base-desk"), "/desk")])
        .sentence(context.t("holds-sentence"))
        .with(Block::Tasks {
            title: context.t("desk-holds"),
            items: standing(context).await?,
            empty: context.t("holds-none"),
        });
    if context.actor.has(Role::Supervisor) || context.actor.has(Role::ProgrammeOfficer) {
        sheet = sheet.with(Block::Table {
            title: context.t("holds-put"),
            heads: vec![context.t("head-name"), context.t("head-kind")],
            rows,
            empty: context.t("holds-nothing"),
        });
    }
    sheet.answer(context, "desk")
}

/// The page that puts a hold.
///
/// # Errors
/// [`Error::Forbidden`] for whoever may put none.
pub(super) async fn new(context: &Context, on: Held) -> Answer {
    let supervisor = context.actor.has(Role::Supervisor);
    if !supervisor && !context.actor.has(Role::ProgrammeOfficer) {
        return Err(Error::Forbidden("forbidden-part"));
    }
    let (zh, en) = on.names(context.edges.db.read()).await?;
    let name = pick(context.locale, &zh, &en);
    let (subject, id) = on.subject();
    let text = if supervisor { "act-hold-put-supervisor-text" } else { "act-hold-put-text" };
    Act::worded(
        context.t_with("act-hold-put-title", &[("name", &name)]),
        context.t(text),
        context.t_with("act-hold-put-button", &[("name", &name)]),
        "/holds",
        on.href(),
    )
    .under(&[(name.clone(), &on.href())])
    .hidden("subject", subject.as_str())
    .hidden("id", id.to_string())
    .ask(context, "area", "reason")
    .stop()
    .answer(context, "desk")
}

/// One hold.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub(super) async fn show(context: &Context, id: HoldId) -> Answer {
    let row = load(context, id).await?;
    let (name, href) = thing(context, &row).await?;
    let stands = row.lifted_at.is_none();
    let mut facts = vec![
        Fact::linked(context.t("hold-on"), name, href),
        Fact::new(context.t("hold-kind"), context.t(&format!("hold-kind-{}", row.kind))),
        Fact::new(context.t("hold-since"), context.moment(row.entered_at)),
    ];
    if let Some(day) = row.answer_due_on {
        facts.push(Fact::new(context.t("hold-answer-due"), context.day(day)));
    }
    if let Some(at) = row.lifted_at {
        facts.push(Fact::new(context.t("hold-lifted"), context.moment(at)));
    }
    let (text, tone) = if stands { ("hold-stands", "stop") } else { ("hold-lifted", "quiet") };
    let wait = if stands && row.lift_proposed_by.is_some() { context.t("hold-second-person") } else { String::new() };
    let mut sheet = Sheet::new(context.t("hold-title"))
        .under(&[(context.t("base-desk"), "/desk")])
        .chip(context.t(text), tone)
        .now(context.t("now-title"), wait, offers(context, &row))
        .with(Block::Prose { title: context.t("head-reason"), text: row.reason.clone() })
        .beside(Block::Facts { title: context.t("facts-title"), items: facts });
    if !row.answer.is_empty() {
        sheet = sheet.with(Block::Prose { title: context.t("hold-answer"), text: row.answer.clone() });
    }
    sheet.answer(context, "desk")
}

fn offers(context: &Context, row: &hold::Model) -> Vec<ActLink> {
    if row.lifted_at.is_some() || row.entered_by.is_none() {
        return Vec::new();
    }
    let me = context.actor.person;
    let parts = context.actor.parts(None);
    let answers = context.actor.has(Role::Administrator) || context.actor.has(Role::ProgrammeOfficer);
    let mut acts = Vec::new();
    if answers && row.answer.is_empty() && row.entered_by != me {
        acts.push(ActLink {
            href: format!("/holds/{}/answer", row.id),
            text: context.t("act-hold-answer-button"),
            tone: "",
        });
    }
    let own_supervision =
        row.kind != HoldKind::Supervisor || row.entered_by == me || context.actor.has(Role::Administrator);
    if parts.iter().any(|part| may_lift(row.kind, *part)) && own_supervision && row.lift_proposed_by != me {
        acts.push(ActLink {
            href: format!("/holds/{}/lift", row.id),
            text: context.t("act-hold-lift-button"),
            tone: "quiet",
        });
    }
    acts
}

/// The page that answers a hold.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub(super) async fn answer(context: &Context, id: HoldId) -> Answer {
    let row = load(context, id).await?;
    Act::new(context, "hold-answer", format!("/holds/{id}/answer"), format!("/holds/{id}"))
        .fact(context.t("head-reason"), row.reason)
        .ask(context, "area", "answer")
        .answer(context, "desk")
}

/// The page that takes one of the two steps of lifting.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub(super) async fn lift(context: &Context, id: HoldId) -> Answer {
    let row = load(context, id).await?;
    let (name, _) = thing(context, &row).await?;
    let text = if row.lift_proposed_by.is_some() { "act-hold-lift-second-text" } else { "act-hold-lift-text" };
    Act::worded(
        context.t("act-hold-lift-title"),
        context.t(text),
        context.t("act-hold-lift-button"),
        format!("/holds/{id}/lift"),
        format!("/holds/{id}"),
    )
    .fact(context.t("hold-on"), name)
    .fact(context.t("head-reason"), row.reason)
    .answer(context, "desk")
}

/// What a hold stands on, in words, with its page where it has one.
async fn thing(context: &Context, row: &hold::Model) -> Result<(String, String)> {
    match Held::named(row.subject.as_str(), row.subject_id) {
        Ok(on) => {
            let (zh, en) = on.names(context.edges.db.read()).await?;
            Ok((pick(context.locale, &zh, &en), on.href()))
        }
        Err(_) => Ok((context.t(&format!("subject-{}", row.subject)), String::new())),
    }
}

/// The holds that people put and that stand, those with the earliest answer first.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn standing(context: &Context) -> Result<Vec<Task>> {
    if !context.actor.is_staff() {
        return Ok(Vec::new());
    }
    let rows = hold::Entity::find()
        .filter(hold::Column::LiftedAt.is_null())
        .filter(hold::Column::EnteredBy.is_not_null())
        .order_by_asc(hold::Column::Id)
        .limit(SHOWN)
        .all(context.edges.db.read())
        .await?;
    let today = context.edges.today();
    let task = |row: &hold::Model| {
        let (chip, tone) = match row.answer_due_on.filter(|_| row.answer.is_empty()) {
            Some(due) if due < today => (context.t_count("desk-days-late", (today - due).num_days()), "stop"),
            Some(due) => (context.t_with("hold-answer-by", &[("day", &context.day(due))]), "wait"),
            None => (context.t(&format!("hold-kind-{}", row.kind)), "quiet"),
        };
        Task {
            href: format!("/holds/{}", row.id),
            title: context.t_with("hold-task", &[("thing", &context.t(&format!("subject-{}", row.subject)))]),
            detail: row.reason.clone(),
            chip,
            tone,
        }
    };
    Ok(rows.iter().filter(|row| matches!(row.subject, Subject::Fund | Subject::Award)).map(task).collect())
}
