//! Pages of the panel: who judges what, totals once all are in, spread for discussion; assign, reopen, recuse.

use super::conflicts::{self, Found};
use super::rules::{REVIEW, told};
use super::view::points;
use super::{panel, recusals, scores, service};
use crate::error::{Error, Result};
use crate::grants::applications::rules::JUDGED;
use crate::people::organisations;
use crate::people::permission::{As, Context, Officer};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice};
use crate::web::sheet::{Act, Block, Cell, Sheet, stage_text};
use entities::kinds::{ApplicationId, CallId, ConflictGround, PersonId, ReviewId, ReviewStage, Role};
use entities::{application, call, person, review};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeMap, BTreeSet};

/// The assignment table of a call.
///
/// # Errors
/// [`Error::NotFound`] for who does not work on it.
pub async fn of_call(context: &Context, id: CallId) -> Answer {
    panel::visible(context, id).await?;
    let db = context.edges.db.read();
    let call = call::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let reviews = service::of_call(db, id).await?;
    let applications = application::Entity::find()
        .filter(application::Column::CallId.eq(id))
        .filter(application::Column::Stage.is_in(JUDGED))
        .order_by_asc(application::Column::Id)
        .all(db)
        .await?;
    let names = organisations::names(context, applications.iter().map(|row| row.organisation_id)).await?;
    let people = people(context, reviews.values().flatten().map(|row| row.reviewer_id)).await?;
    let blocks = applications.iter().map(|asked| {
        let name = names.get(&asked.organisation_id).cloned().unwrap_or_default();
        let own = reviews.get(&asked.id).map_or(&[][..], Vec::as_slice);
        panel_of(context, &call, asked, &name, own, &people)
    });
    let blocks: Vec<Vec<Block>> = blocks.collect();
    let link = |href: String, key: &str| ActLink { href, text: context.t(key), tone: "quiet" };
    let links = vec![
        link(format!("/calls/{id}/decision"), "review-to-decision"),
        link(format!("/calls/{id}/pitch"), "pitch-title"),
        link(format!("/calls/{id}/polls"), "polls-title"),
        link(format!("/calls/{id}/reviews/matrix"), "review-matrix"),
        link(format!("/calls/{id}/discussion"), "discussion-title"),
    ];
    let links = match context.actor.has(Role::ProgrammeOfficer) {
        true => [vec![link(format!("/calls/{id}/reviews/plan"), "review-plan")], links].concat(),
        false => links,
    };
    let title = context.pick(&call.title_zh, &call.title_en);
    let mut sheet = Sheet::new(context.t("review-panel"))
        .under(&[(title, &format!("/calls/{id}"))])
        .sentence(context.t("review-panel-sentence"))
        .now(context.t("now-title"), "", links);
    if blocks.is_empty() {
        let (title, empty) = (context.t("review-assignments"), context.t("review-panel-empty"));
        sheet = sheet.with(Block::Table { title, heads: Vec::new(), rows: Vec::new(), empty });
    }
    sheet.main.extend(blocks.into_iter().flatten());
    match spread(context, id, &applications, &names, &reviews).await? {
        Some(block) => sheet.with(block).answer(context, "calls"),
        None => sheet.answer(context, "calls"),
    }
}

/// One application with its reviewers, and the link that asks another.
fn panel_of(
    context: &Context,
    call: &call::Model,
    asked: &application::Model,
    name: &str,
    own: &[review::Model],
    people: &BTreeMap<PersonId, String>,
) -> Vec<Block> {
    let (have, want) = (counted(own).to_string(), call.reviews_required.to_string());
    let args = [("title", asked.title.as_str()), ("name", name), ("have", have.as_str()), ("want", want.as_str())];
    let table = Block::Table {
        title: context.t_with("review-of", &args),
        heads: ["head-review-person", "head-stage", "head-score", "head-act"].map(|key| context.t(key)).into(),
        rows: own.iter().map(|row| line(context, row, people)).collect(),
        empty: context.t("review-nobody-asked"),
    };
    let link = |href: String, key: &str| ActLink { href, text: context.t(key), tone: "quiet" };
    let mut items = vec![link(format!("/applications/{}", asked.id), "review-read")];
    if context.actor.has(Role::ProgrammeOfficer) {
        items.insert(0, link(format!("/calls/{}/reviews/{}/assign", call.id, asked.id), "review-ask-another"));
    }
    vec![table, Block::Acts { title: String::new(), items }]
}

fn counted(own: &[review::Model]) -> usize {
    own.iter().filter(|row| !matches!(row.stage, ReviewStage::Declined | ReviewStage::Recused)).count()
}

fn line(context: &Context, row: &review::Model, people: &BTreeMap<PersonId, String>) -> Vec<Cell> {
    let act = |act: &str| Cell {
        text: context.t(&format!("act-review-{act}-button")),
        href: format!("/reviews/{}/{act}", row.id),
        class: "",
    };
    let officer = context.actor.has(Role::ProgrammeOfficer);
    let offered = match row.stage {
        ReviewStage::Invited if officer => act("unassign"),
        stage if officer && recusals::removable(stage) => act("remove"),
        ReviewStage::Submitted => act("reopen"),
        _ => Cell::text(""),
    };
    vec![
        Cell::lead(people.get(&row.reviewer_id).cloned().unwrap_or_default(), ""),
        Cell::text(stage_text(context, "review", row.stage.as_str())),
        Cell::number(row.total.map(|total| points(total.into())).unwrap_or_default()),
        offered,
    ]
}

async fn people(context: &Context, ids: impl Iterator<Item = PersonId>) -> Result<BTreeMap<PersonId, String>> {
    let rows = person::Entity::find().filter(person::Column::Id.is_in(ids)).all(context.edges.db.read()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Totals and the spread list, once every review is in.
async fn spread(
    context: &Context,
    id: CallId,
    applications: &[application::Model],
    names: &BTreeMap<entities::kinds::OrganisationId, String>,
    reviews: &BTreeMap<ApplicationId, Vec<review::Model>>,
) -> Result<Option<Block>> {
    let writing = reviews
        .values()
        .flatten()
        .any(|row| matches!(row.stage, ReviewStage::Accepted | ReviewStage::InProgress | ReviewStage::Reopened));
    if writing || reviews.is_empty() {
        return Ok(None);
    }
    let answer = scores::aggregate(context.edges.db.read(), id).await?;
    let name = |key: &str| {
        let row = applications.iter().find(|row| row.id.to_string() == key);
        row.and_then(|row| names.get(&row.organisation_id).cloned()).unwrap_or_default()
    };
    let figure = |value: Option<i64>| Cell::number(value.map(points).unwrap_or_default());
    let cells = |row: &crate::core::scoring::ApplicationScore| {
        vec![
            Cell::lead(name(&row.application), ""),
            figure(row.score),
            figure(row.mean),
            Cell::number(row.rank.map(|rank| rank.to_string()).unwrap_or_default()),
            figure(row.spread),
            Cell::text(if row.discuss { context.t("review-discuss") } else { String::new() }),
        ]
    };
    Ok(Some(Block::Table {
        title: context.t("review-spread"),
        heads: [
            "head-organisation",
            "head-score",
            "head-review-mean",
            "head-review-rank",
            "head-review-spread",
            "head-what",
        ]
        .map(|key| context.t(key))
        .into(),
        rows: answer.applications.iter().map(cells).collect(),
        empty: String::new(),
    }))
}

/// The page that assigns a reviewer: those in a conflict are shown with its ground and not offered.
///
/// # Errors
/// [`Error::NotFound`] for an application of another call, and for an officer who judges in this one or bids there.
pub async fn assign(by: &As<Officer>, id: CallId, of: ApplicationId) -> Answer {
    panel::visible(by, id).await?;
    let db = by.edges.db.read();
    let call = call::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let asked = application::Entity::find_by_id(of)
        .one(db)
        .await?
        .filter(|row| row.call_id == id && JUDGED.contains(&row.stage))
        .ok_or(Error::NotFound)?;
    let able: Vec<PersonId> = service::reviewers(db, id, by.edges.today()).await?.into_iter().collect();
    let found = conflicted(by, &asked, &call, &able).await?;
    let names = people(by, able.iter().copied()).await?;
    let mut choices = vec![Choice::new("", "")];
    let base = format!("/calls/{id}/reviews");
    let mut page = Act::new(by, "review-assign", format!("{base}/{of}/assign"), base.clone())
        .under(&[(by.pick(&call.title_zh, &call.title_en), &base)])
        .fact(by.t("head-title"), asked.title.clone());
    for (person, name) in &names {
        let grounds = found.get(person).map_or(&[][..], Vec::as_slice);
        if grounds.is_empty() && Some(*person) != by.actor.person {
            choices.push(Choice::new(person, name));
        }
        let words: BTreeSet<String> = grounds.iter().map(|found| reason(by, found)).collect();
        for why in words {
            page = page.fact(name.clone(), why);
        }
    }
    page.ask_choice(by, "reviewer", choices).answer(by, "calls")
}

/// A conflict in words; a tie is told without where it shows.
fn reason(context: &Context, (ground, evidence): &Found) -> String {
    let word = told(*ground);
    let why = context.t(&format!("conflict-{word}"));
    if word == told(ConflictGround::Donor) { why } else { format!("{why} · {evidence}") }
}

/// The page of staff's act on a review: `unassign`, `reopen` or `remove`.
///
/// # Errors
/// [`Error::NotFound`] for who does not work on the call, or an act that is not offered.
pub async fn act(context: &Context, id: ReviewId, act: &str) -> Answer {
    let db = context.edges.db.read();
    let row = service::load(db, id).await?;
    panel::visible(context, row.call_id).await?;
    let name = people(context, std::iter::once(row.reviewer_id)).await?.remove(&row.reviewer_id).unwrap_or_default();
    let page = Act::new(context, &format!("review-{act}"), format!("/reviews/{id}/{act}"), panel_href(&row))
        .under(&[(context.t("review-panel"), &panel_href(&row))])
        .fact(context.t("head-person"), name)
        .fact(context.t("head-stage"), stage_text(context, "review", row.stage.as_str()));
    let lifecycle_act = if act == "remove" { "recuse" } else { act };
    if !REVIEW.offers(row.stage, &context.actor.parts(None)).contains(&lifecycle_act) {
        return Err(Error::refused("refused-stage"));
    }
    match act {
        "unassign" => page.stop(),
        "reopen" => page.ask(context, "area", "reason"),
        "remove" => page.ask_choice(context, "ground", grounds(context)).ask(context, "area", "evidence").stop(),
        _ => return Err(Error::NotFound),
    }
    .answer(context, "calls")
}

fn grounds(context: &Context) -> Vec<Choice> {
    let told = |ground: &ConflictGround| {
        let word = ground.as_str();
        Choice::new(word, context.t(&format!("conflict-{}", word.replace('_', "-"))))
    };
    ConflictGround::ALL.iter().map(told).collect()
}

/// Conflicts of the people one may ask, for one application: shown to staff, and those with one are not offered.
///
/// # Errors
/// When the database cannot be read.
async fn conflicted(
    context: &Context,
    asked: &application::Model,
    call: &call::Model,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, Vec<conflicts::Found>>> {
    let db = context.edges.db.read();
    let found = conflicts::derive_all(db, call, std::slice::from_ref(asked), people, context.edges.today()).await?;
    let mut by_person: BTreeMap<_, Vec<conflicts::Found>> =
        found.into_iter().map(|((_, person), found)| (person, found)).collect();
    for row in conflicts::recorded(db, &[asked.id], people).await? {
        let known = by_person.entry(row.person_id).or_default();
        if row.recorded_by.is_some() && !known.iter().any(|(ground, _)| *ground == row.ground) {
            known.push((row.ground, row.evidence));
        }
    }
    Ok(by_person)
}

/// Where a review is looked at by staff.
pub fn panel_href(row: &review::Model) -> String {
    format!("/calls/{}/reviews", row.call_id)
}
