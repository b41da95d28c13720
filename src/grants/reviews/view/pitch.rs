//! A pitch session on the phone of whoever is there: who speaks now and until when, who is next, and the way to one's own score.

use crate::error::{Error, Result};
use crate::grants::reviews::panel;
use crate::grants::reviews::service::{self, pitches};
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Act, Block, Cell, Sheet, stage_text};
use chrono::{DateTime, Duration, Utc};
use entities::kinds::{ApplicationId, CallId, PitchId, PitchStage, ReviewStage, Role, Scope};
use entities::{application, call, pitch, pitch_slot, review};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;

/// What the reader is to a session.
enum Reader {
    /// Runs it.
    Host,
    /// Judges: own reviews by application.
    Judge(BTreeMap<ApplicationId, review::Model>),
    /// Speaks for these.
    Speaker(Vec<ApplicationId>),
    /// Watches.
    Staff,
}

/// Whether the reader runs a call's session: an officer, or the chair of its panel.
pub fn hosts(context: &Context, id: CallId) -> bool {
    context.actor.has(Role::ProgrammeOfficer)
        || context.actor.grant(Role::PanelChair, Scope::Call, Some(id.0)).is_some()
}

/// What the reader is; others find nothing here.
async fn reader(context: &Context, id: CallId, slots: &[pitch_slot::Model]) -> Result<Reader> {
    let db = context.edges.db.read();
    let person = context.actor.person.ok_or(Error::NotFound)?;
    let own: BTreeMap<ApplicationId, review::Model> = review::Entity::find()
        .filter(review::Column::CallId.eq(id))
        .filter(review::Column::ReviewerId.eq(person))
        .filter(review::Column::Stage.is_not_in([ReviewStage::Invited, ReviewStage::Declined, ReviewStage::Recused]))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.application_id, row))
        .collect();
    if !own.is_empty() {
        return Ok(Reader::Judge(own));
    }
    if hosts(context, id) {
        return Ok(Reader::Host);
    }
    let ids = slots.iter().map(|slot| slot.application_id);
    let rows = application::Entity::find().filter(application::Column::Id.is_in(ids)).all(db).await?;
    let mine: Vec<_> =
        rows.iter().filter(|row| context.actor.belongs_to(row.organisation_id)).map(|row| row.id).collect();
    match (mine.is_empty(), context.actor.is_staff()) {
        (false, _) => Ok(Reader::Speaker(mine)),
        (true, true) => panel::judged_first(context, id).await.map(|()| Reader::Staff),
        _ => Err(Error::NotFound),
    }
}

/// The session of a call.
///
/// # Errors
/// [`Error::NotFound`] for who neither runs it, judges in it, nor speaks.
pub async fn show(context: &Context, id: CallId) -> Answer {
    let db = context.edges.db.read();
    let call = call::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let session = pitches::of_call(db, id).await?;
    let slots = match &session {
        Some(row) => pitches::slots(db, row.id).await?,
        None => Vec::new(),
    };
    let reader = reader(context, id, &slots).await?;
    let title = context.pick(&call.title_zh, &call.title_en);
    let sheet = Sheet::new(context.t("pitch-title")).under(&[(title, &format!("/calls/{id}"))]);
    let Some(row) = session else {
        let plan =
            ActLink { href: format!("/calls/{id}/pitch/plan"), text: context.t("act-pitch-plan-button"), tone: "" };
        let acts = if matches!(reader, Reader::Host) { vec![plan] } else { Vec::new() };
        return sheet.sentence(context.t("pitch-none")).now(context.t("now-title"), "", acts).answer(context, "calls");
    };
    let applications = application::Entity::find()
        .filter(application::Column::Id.is_in(slots.iter().map(|slot| slot.application_id)))
        .all(db)
        .await?;
    let names = organisations::names(context, applications.iter().map(|row| row.organisation_id)).await?;
    let called: BTreeMap<ApplicationId, (String, String)> = applications
        .iter()
        .map(|row| (row.id, (row.title.clone(), names.get(&row.organisation_id).cloned().unwrap_or_default())))
        .collect();
    let scores = matches!(&reader, Reader::Judge(_));
    let sheet = sheet
        .chip(
            stage_text(context, "pitch", row.stage.as_str()),
            if row.stage == PitchStage::Over { "ok" } else { "wait" },
        )
        .sentence(context.t_with("pitch-where", &[("place", &row.place), ("at", &context.moment(row.starts_at))]))
        .now(
            context.t("now-title"),
            speaking(context, &row, &slots, &called, &reader),
            acts(context, &row, &slots, &reader),
        )
        .with(order(context, &row, &slots, &called, &reader));
    let sheet = if scores { sheet } else { sheet.beside(facts(context, &row)) };
    sheet.answer(context, "calls")
}

fn current(slots: &[pitch_slot::Model]) -> Option<&pitch_slot::Model> {
    slots.iter().find(|slot| slot.begun_at.is_some() && slot.ended_at.is_none())
}

/// When a turn that has begun ends.
fn ends(row: &pitch::Model, begun_at: DateTime<Utc>) -> DateTime<Utc> {
    begun_at + Duration::minutes(i64::from(row.minutes))
}

/// Who speaks now, until when, and how long that is. A speaker is told of the own turn alone.
fn speaking(
    context: &Context,
    row: &pitch::Model,
    slots: &[pitch_slot::Model],
    called: &BTreeMap<ApplicationId, (String, String)>,
    reader: &Reader,
) -> String {
    let Some((slot, begun_at)) = current(slots).and_then(|slot| Some((slot, slot.begun_at?))) else {
        return String::new();
    };
    if matches!(reader, Reader::Speaker(mine) if !mine.contains(&slot.application_id)) {
        return String::new();
    }
    let (_, name) = called.get(&slot.application_id).cloned().unwrap_or_default();
    let until = ends(row, begun_at);
    let left = (until - context.edges.clock.now()).num_seconds();
    let clock = format!("{}:{:02}", left.abs() / 60, left.abs() % 60);
    let at = until.with_timezone(&context.edges.config.zone).format("%H:%M:%S").to_string();
    let key = if left >= 0 { "pitch-speaks" } else { "pitch-over-time" };
    context.t_with(key, &[("name", &name), ("until", &at), ("left", &clock)])
}

fn acts(context: &Context, row: &pitch::Model, slots: &[pitch_slot::Model], reader: &Reader) -> Vec<ActLink> {
    let link = |href: String, key: &str, tone| ActLink { href, text: context.t(key), tone };
    let mut acts = Vec::new();
    match reader {
        Reader::Judge(own) => {
            if let Some(review) = current(slots).and_then(|slot| own.get(&slot.application_id)) {
                acts.push(link(format!("/reviews/{}", review.id), "pitch-score", ""));
            }
        }
        Reader::Host if matches!(row.stage, PitchStage::Planned | PitchStage::Running) => {
            acts.push(link(format!("/pitches/{}/next", row.id), "act-pitch-next-button", ""));
            if row.stage == PitchStage::Planned {
                acts.push(link(format!("/pitches/{}/cancel", row.id), "act-pitch-cancel-button", "stop"));
            }
        }
        _ => {}
    }
    if row.stage == PitchStage::Running {
        acts.push(link(format!("/calls/{}/pitch", row.call_id), "pitch-look-again", "quiet"));
    }
    acts
}

/// The order with the planned and the actual times. A speaker reads the own turn alone.
fn order(
    context: &Context,
    row: &pitch::Model,
    slots: &[pitch_slot::Model],
    called: &BTreeMap<ApplicationId, (String, String)>,
    reader: &Reader,
) -> Block {
    let shown = |slot: &&pitch_slot::Model| match reader {
        Reader::Speaker(mine) => mine.contains(&slot.application_id),
        _ => true,
    };
    let time = |at: DateTime<Utc>| at.with_timezone(&context.edges.config.zone).format("%H:%M").to_string();
    let cells = |slot: &pitch_slot::Model| {
        let (title, name) = called.get(&slot.application_id).cloned().unwrap_or_default();
        let at = row.starts_at + Duration::minutes(i64::from(row.minutes) * i64::from(slot.ordinal - 1));
        let state = match (slot.begun_at, slot.ended_at) {
            (Some(_), None) => context.t("pitch-now"),
            (Some(begun), Some(_)) => context.t_with("pitch-done", &[("at", &time(begun))]),
            _ => context.t("pitch-waits"),
        };
        let href = match reader {
            Reader::Judge(own) => own.get(&slot.application_id).map(|row| format!("/reviews/{}", row.id)),
            _ => None,
        };
        vec![
            Cell::lead(format!("{} · {name}", slot.ordinal), href.unwrap_or_default()),
            Cell::text(title),
            Cell::text(time(at)),
            Cell::text(state),
        ]
    };
    let heads = ["head-organisation", "head-title", "pitch-at", "head-stage"];
    Block::Table {
        title: context.t("pitch-order"),
        heads: heads.map(|key| context.t(key)).into(),
        rows: slots.iter().filter(shown).map(cells).collect(),
        empty: String::new(),
    }
}

fn facts(context: &Context, row: &pitch::Model) -> Block {
    let items = vec![
        Fact::new(context.t("pitch-minutes"), row.minutes.to_string()),
        Fact::new(context.t("plan-seed"), row.seed.clone()),
        Fact::new(context.t("pitch-lot"), context.t("pitch-lot-text")),
    ];
    Block::Facts { title: context.t("facts-title"), items }
}

/// The page that plans a session.
///
/// # Errors
/// [`Error::NotFound`] for who does not run it.
pub fn plan(context: &Context, id: CallId) -> Answer {
    if !hosts(context, id) {
        return Err(Error::NotFound);
    }
    let back = format!("/calls/{id}/pitch");
    Act::new(context, "pitch-plan", format!("{back}/plan"), back.clone())
        .under(&[(context.t("pitch-title"), &back)])
        .ask(context, "text", "place")
        .ask(context, "moment", "starts_at")
        .ask(context, "number", "minutes")
        .labelled(context.t("pitch-minutes"))
        .value("8")
        .ask(context, "text", "seed")
        .hint(context.t("plan-seed-hint"))
        .answer(context, "calls")
}

/// The page of a step: who is next, or that it is called off.
///
/// # Errors
/// [`Error::NotFound`] for who does not run it, and for a step there is none of.
pub async fn act(context: &Context, id: PitchId, act: &str) -> Answer {
    let db = context.edges.db.read();
    let row = pitch::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    if !hosts(context, row.call_id) {
        return Err(Error::NotFound);
    }
    let back = format!("/calls/{}/pitch", row.call_id);
    let page = |name: &str| {
        Act::new(context, name, format!("/pitches/{id}/{act}"), back.clone())
            .under(&[(context.t("pitch-title"), &back)])
    };
    match act {
        "next" => {
            let slots = service::pitches::slots(db, id).await?;
            let next = slots.iter().find(|slot| slot.begun_at.is_none());
            let name = match next {
                Some(slot) => {
                    let asked =
                        application::Entity::find_by_id(slot.application_id).one(db).await?.ok_or(Error::NotFound)?;
                    let names = organisations::names(context, std::iter::once(asked.organisation_id)).await?;
                    names.get(&asked.organisation_id).cloned().unwrap_or_default()
                }
                None => context.t("pitch-nobody-left"),
            };
            page("pitch-next").shows(row.version).fact(context.t("pitch-next"), name).answer(context, "calls")
        }
        "cancel" => page("pitch-cancel").ask(context, "area", "reason").stop().answer(context, "calls"),
        _ => Err(Error::NotFound),
    }
}
