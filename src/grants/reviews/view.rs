//! The pages of a reviewer: what was assigned, and an application beside its score.

use super::rules::REVIEW;
use super::service::{self, AssignedReviewer};
use super::{conflicts, scores};
use crate::edges::templates;
use crate::error::{Error, Result};
use crate::grants::calls::words::head;
use crate::people::permission::{As, Context};
use crate::web::page::{Answer, Page};
use crate::web::parts::{ActLink, Choice, Crumb, Fact, Task};
use crate::web::sheet::{Act, Block, Cell, Sheet, act_links, stage_text};
use entities::kinds::{ApplicationId, CallId, CallStage, ConflictGround, ReviewId, ReviewStage, Role};
use entities::{application, budget_line, call, indicator, organisation, review, review_score};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use std::collections::BTreeMap;

/// Assignments shown to one reviewer.
const QUEUE: u64 = 200;
/// Tasks shown on the desk.
const TASKS: u64 = 20;
/// Largest value that is chosen on a scale; above it a number is typed.
const SCALE: i64 = 10;

/// What a reviewer sees of one assignment.
#[derive(Debug, Clone, Serialize)]
pub struct ScoreView {
    crumbs: Vec<Crumb>,
    title: String,
    state: String,
    tone: &'static str,
    sentence: String,
    previous_href: String,
    next_href: String,
    now_text: String,
    acts: Vec<ActLink>,
    passages: Vec<Fact>,
    budget_heads: Vec<String>,
    budget: Vec<Vec<Cell>>,
    outcomes: Vec<Fact>,
    can_score: bool,
    action: String,
    version: String,
    total: String,
    criteria: Vec<CriterionView>,
    comment: String,
    written: Vec<Fact>,
    peers: Vec<Fact>,
}

/// One criterion on the form.
#[derive(Debug, Clone, Serialize)]
pub struct CriterionView {
    name: String,
    label: String,
    hint: String,
    weight: String,
    options: Vec<Choice>,
    value: String,
    comment_name: String,
    comment_label: String,
    comment: String,
    comment_required: bool,
}

impl ScoreView {
    /// Samples for the test that renders every view: to be scored, and over.
    pub fn samples() -> Vec<Self> {
        let criterion = |id: &str, options: Vec<Choice>| CriterionView {
            name: format!("score.{id}"),
            label: "l".into(),
            hint: "h".into(),
            weight: "20 %".into(),
            options,
            value: "3".into(),
            comment_name: format!("comment.{id}"),
            comment_label: "l".into(),
            comment: "c".into(),
            comment_required: true,
        };
        let open = Self {
            crumbs: vec![Crumb { label: "c".into(), href: "/reviews".into() }],
            title: "t".into(),
            state: "s".into(),
            tone: "wait",
            sentence: "s".into(),
            previous_href: "/reviews/1".into(),
            next_href: "/reviews/3".into(),
            now_text: "n".into(),
            acts: vec![ActLink { href: "/x".into(), text: "x".into(), tone: "" }],
            passages: vec![Fact::new("a", "b")],
            budget_heads: vec!["h".into()],
            budget: vec![vec![Cell::text("a")]],
            outcomes: vec![Fact::new("a", "b")],
            can_score: true,
            action: "/reviews/2/scores".into(),
            version: "1".into(),
            total: "92.00".into(),
            criteria: vec![criterion("need", vec![Choice::new(0, "0")]), criterion("cost", Vec::new())],
            comment: "c".into(),
            written: Vec::new(),
            peers: Vec::new(),
        };
        let over = Self {
            can_score: false,
            acts: Vec::new(),
            criteria: Vec::new(),
            budget: Vec::new(),
            outcomes: Vec::new(),
            previous_href: String::new(),
            next_href: String::new(),
            written: vec![Fact::new("a", "b")],
            peers: vec![Fact::new("a", "b")],
            ..open.clone()
        };
        vec![open, over]
    }
}

/// Hundredths as people read them.
pub fn points(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// One's own assignments, those that wait first.
///
/// # Errors
/// [`Error::Forbidden`] for a visitor.
pub async fn mine(context: &Context) -> Answer {
    let rows = queue(context).await?;
    let titles = titles(context, &rows).await?;
    let cells = |(place, row): (usize, &review::Model)| {
        vec![
            Cell::lead(told(context, &titles, row, place), format!("/reviews/{}", row.id)),
            Cell::text(stage_text(context, "review", row.stage.as_str())),
            Cell::number(row.total.map(|total| points(total.into())).unwrap_or_default()),
        ]
    };
    Sheet::new(context.t("reviews-title"))
        .sentence(context.t("reviews-sentence"))
        .with(Block::Table {
            title: String::new(),
            heads: vec![context.t("head-review"), context.t("head-stage"), context.t("head-score")],
            rows: rows.iter().enumerate().map(cells).collect(),
            empty: context.t("reviews-empty"),
        })
        .answer(context, "desk")
}

async fn queue(context: &Context) -> Result<Vec<review::Model>> {
    let mut rows = review::Entity::find()
        .filter(review::Column::ReviewerId.eq(context.person()?))
        .order_by_desc(review::Column::Id)
        .limit(QUEUE)
        .all(context.edges.db.read())
        .await?;
    rows.reverse();
    Ok(rows)
}

/// The reviewer's next application that is still to be scored.
///
/// # Errors
/// When the database cannot be read.
pub async fn next_to_score(by: &As<AssignedReviewer>) -> Result<Option<ReviewId>> {
    let of_call = by.permission().review().call_id;
    let open = |row: &review::Model| {
        row.call_id == of_call
            && matches!(row.stage, ReviewStage::Accepted | ReviewStage::InProgress | ReviewStage::Reopened)
    };
    Ok(queue(by).await?.iter().find(|row| open(row)).map(|row| row.id))
}

type Titles = BTreeMap<ApplicationId, (application::Model, bool)>;

/// Applications of some reviews, each with whether its call is blind.
async fn titles(context: &Context, rows: &[review::Model]) -> Result<Titles> {
    let db = context.edges.db.read();
    let calls = call::Entity::find().filter(call::Column::Id.is_in(rows.iter().map(|row| row.call_id))).all(db).await?;
    let found = application::Entity::find()
        .filter(application::Column::Id.is_in(rows.iter().map(|row| row.application_id)))
        .all(db)
        .await?;
    let blind = |id: CallId| calls.iter().any(|call| call.id == id && call.blind);
    Ok(found.into_iter().map(|row| (row.id, (row.clone(), blind(row.call_id)))).collect())
}

fn told(context: &Context, titles: &Titles, row: &review::Model, place: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(place % 26).unwrap_or(0)).to_string();
    match titles.get(&row.application_id) {
        Some((application, false)) => application.title.clone(),
        _ => context.t_with("review-application", &[("letter", &letter)]),
    }
}

/// An application beside its score.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's.
pub async fn score(by: &As<AssignedReviewer>) -> Answer {
    let row = by.permission().review();
    let db = by.edges.db.read();
    let rows = queue(by).await?;
    let place = rows.iter().position(|other| other.id == row.id).unwrap_or(0);
    let titles = titles(by, &rows).await?;
    let (asked, blind) = titles.get(&row.application_id).ok_or(Error::NotFound)?;
    let call = call::Entity::find_by_id(row.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let written = service::scores_of(db, row.id).await?;
    let base = format!("/reviews/{}", row.id);
    let can_score = matches!(row.stage, ReviewStage::Accepted | ReviewStage::InProgress | ReviewStage::Reopened);
    let mut acts = REVIEW.offers(row.stage, &[crate::core::lifecycle::Part::Reviewer]);
    acts.retain(|act| !matches!(*act, "save" | "submit"));
    // Before one accepts, only what is needed to find a conflict is shown.
    let open = !matches!(row.stage, ReviewStage::Invited | ReviewStage::Declined | ReviewStage::Recused);
    let near = |at: Option<usize>| {
        at.and_then(|at| rows.get(at)).map(|row| format!("/reviews/{}", row.id)).unwrap_or_default()
    };
    let view = ScoreView {
        crumbs: vec![Crumb { label: by.t("reviews-title"), href: "/reviews".into() }],
        title: by.t_with(
            "review-title",
            &[
                ("place", &(place + 1).to_string()),
                ("all", &rows.len().to_string()),
                ("name", &told(by, &titles, row, place)),
            ],
        ),
        state: stage_text(by, "review", row.stage.as_str()),
        tone: if row.stage == ReviewStage::Submitted { "ok" } else { "wait" },
        sentence: by.pick(&call.title_zh, &call.title_en),
        previous_href: near(place.checked_sub(1)),
        next_href: near(place.checked_add(1)),
        now_text: now_text(by, row, can_score),
        acts: own_acts(by, &base, &acts),
        passages: passages(by, asked, *blind, open).await?,
        budget_heads: ["head-application-what", "head-application-head", "head-application-source", "head-amount"]
            .map(|key| by.t(key))
            .into(),
        budget: if open { budget(by, asked).await? } else { Vec::new() },
        outcomes: if open { outcomes(by, asked).await? } else { Vec::new() },
        can_score,
        action: format!("{base}/scores"),
        version: row.version.to_string(),
        total: row.total.map(|total| points(total.into())).unwrap_or_default(),
        criteria: if can_score { criteria(by, &call, &written)? } else { Vec::new() },
        comment: row.comment.clone(),
        written: if can_score { Vec::new() } else { written_facts(by, &call, row, &written)? },
        peers: peers(by, row).await?,
    };
    Page::new(by, "reviews/score.html", "desk", &view)?.answer()
}

/// A conflict is said quietly: scoring is the main thing here.
fn own_acts(context: &Context, base: &str, acts: &[&'static str]) -> Vec<ActLink> {
    let mut links = act_links(context, "review", base, acts, &[]);
    for (link, act) in links.iter_mut().zip(acts) {
        link.tone = if *act == "accept" { "" } else { "quiet" };
    }
    links
}

fn now_text(context: &Context, row: &review::Model, can_score: bool) -> String {
    match row.stage {
        ReviewStage::Recused => match ConflictGround::parse(&row.reason) {
            Some(ground) => context.t(&format!("conflict-{}", super::rules::told(ground))),
            None => String::new(),
        },
        _ if !row.reason.is_empty() => row.reason.clone(),
        ReviewStage::Invited => context.t("review-now-invited"),
        _ if can_score => context.t("review-now-score"),
        _ => String::new(),
    }
}

async fn passages(context: &Context, asked: &application::Model, blind: bool, open: bool) -> Result<Vec<Fact>> {
    let mut passages = Vec::new();
    if !blind {
        let row = organisation::Entity::find_by_id(asked.organisation_id).one(context.edges.db.read()).await?;
        let name = row.map(|row| context.pick(&row.name_zh, &row.name_en)).unwrap_or_default();
        passages.push(Fact::new(context.t("head-organisation"), name));
    }
    passages.push(Fact::new(context.t("review-proposal"), asked.summary.clone()));
    if open {
        passages.push(Fact::new(context.t("review-site"), asked.site.clone()));
        if !blind {
            passages.push(Fact::new(context.t("review-team"), asked.team.clone()));
            if !asked.child_name.is_empty() {
                passages.push(Fact::new(context.t("review-child"), asked.child_summary.clone()));
            }
        }
    }
    passages.retain(|fact| !fact.value.is_empty());
    Ok(passages)
}

async fn budget(context: &Context, asked: &application::Model) -> Result<Vec<Vec<Cell>>> {
    let lines = budget_line::Entity::find()
        .filter(budget_line::Column::ApplicationId.eq(asked.id))
        .order_by_asc(budget_line::Column::Position)
        .all(context.edges.db.read())
        .await?;
    let cells = |line: &budget_line::Model| {
        vec![
            Cell::lead(line.label.clone(), ""),
            Cell::text(head(context, &line.head)),
            Cell::text(context.t(&format!("application-source-{}", line.source))),
            Cell::number(context.money(i64::from(line.quantity) * line.unit_minor, asked.currency)),
        ]
    };
    Ok(lines.iter().map(cells).collect())
}

async fn outcomes(context: &Context, asked: &application::Model) -> Result<Vec<Fact>> {
    let rows = indicator::Entity::find()
        .filter(indicator::Column::ApplicationId.eq(asked.id))
        .order_by_asc(indicator::Column::Position)
        .all(context.edges.db.read())
        .await?;
    let told =
        |row: &indicator::Model| Fact::new(row.name.clone(), format!("{} → {} {}", row.baseline, row.target, row.unit));
    Ok(rows.iter().map(told).collect())
}

fn criteria(context: &Context, call: &call::Model, written: &[review_score::Model]) -> Result<Vec<CriterionView>> {
    let asked = |criterion: crate::core::plan::Criterion| {
        let score = written.iter().find(|score| score.criterion == criterion.id);
        let value = score.map(|score| score.value.map_or_else(|| "na".to_owned(), |value| value.to_string()));
        let value = value.unwrap_or_default();
        let mut options = Vec::new();
        if criterion.max <= SCALE {
            options.extend((0..=criterion.max).map(|value| Choice::new(value, value.to_string())));
            options.push(Choice::new("na", context.t("review-na")));
        }
        let most = criterion.max.to_string();
        CriterionView {
            name: format!("score.{}", criterion.id),
            label: context.pick(&criterion.label_zh, &criterion.label_en),
            hint: context.t_with("review-scale", &[("most", &most)]),
            weight: templates::percent(criterion.weight),
            options: Choice::chosen(options, &value),
            value,
            comment_name: format!("comment.{}", criterion.id),
            comment_label: context.t("review-why"),
            comment: score.map(|score| score.comment.clone()).unwrap_or_default(),
            comment_required: criterion.comment_required,
        }
    };
    Ok(scores::rubric(call)?.into_iter().map(asked).collect())
}

fn written_facts(
    context: &Context,
    call: &call::Model,
    row: &review::Model,
    written: &[review_score::Model],
) -> Result<Vec<Fact>> {
    let mut facts = Vec::new();
    for criterion in scores::rubric(call)? {
        if let Some(score) = written.iter().find(|score| score.criterion == criterion.id) {
            let value = score.value.map_or_else(|| context.t("review-na"), |v| format!("{v}/{}", criterion.max));
            facts.push(Fact::new(context.pick(&criterion.label_zh, &criterion.label_en), value));
        }
    }
    if let Some(total) = row.total {
        facts.push(Fact::new(context.t("review-total"), points(total.into())));
    }
    Ok(facts)
}

/// Other totals, without names, once one's own is in.
async fn peers(context: &Context, row: &review::Model) -> Result<Vec<Fact>> {
    let totals = service::peers(context.edges.db.read(), row).await?;
    let told = |(place, total): (usize, &i32)| {
        let number = (place + 1).to_string();
        Fact::new(context.t_with("review-peer", &[("number", &number)]), points((*total).into()))
    };
    Ok(totals.iter().enumerate().map(told).collect())
}

/// The page of a reviewer's own act.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of.
pub fn act(by: &As<AssignedReviewer>, act: &str) -> Answer {
    let base = format!("/reviews/{}", by.permission().review().id);
    let page = Act::new(by, &format!("review-{act}"), format!("{base}/{act}"), base.clone())
        .under(&[(by.t("reviews-title"), "/reviews")]);
    match act {
        "accept" => page.ask(by, "check", "no_interest"),
        "decline" => page.ask(by, "area", "reason").stop(),
        "recuse" => page.ask(by, "area", "evidence").stop(),
        _ => return Err(Error::NotFound),
    }
    .answer(by, "desk")
}

/// What waits for the reader: reviews to answer and to write, applications that need reviewers.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let Some(person) = context.actor.person else { return Ok(Vec::new()) };
    let db = context.edges.db.read();
    let open = [ReviewStage::Invited, ReviewStage::Accepted, ReviewStage::InProgress, ReviewStage::Reopened];
    let mine = review::Entity::find()
        .filter(review::Column::ReviewerId.eq(person))
        .filter(review::Column::Stage.is_in(open))
        .order_by_asc(review::Column::Id)
        .limit(TASKS)
        .all(db)
        .await?;
    let titles = if mine.is_empty() { Titles::new() } else { titles(context, &mine).await? };
    let queue = if mine.is_empty() { Vec::new() } else { queue(context).await? };
    let asked = call::Entity::find().filter(call::Column::Id.is_in(mine.iter().map(|row| row.call_id))).all(db).await?;
    let own = |row: &review::Model| {
        let place = queue.iter().position(|other| other.id == row.id).unwrap_or(0);
        let call = asked.iter().find(|call| call.id == row.call_id);
        let call = call.map(|call| context.pick(&call.title_zh, &call.title_en)).unwrap_or_default();
        own_task(context, row, &told(context, &titles, row, place), call)
    };
    let mut tasks: Vec<Task> = mine.iter().map(own).collect();
    if context.actor.has(Role::ProgrammeOfficer) || context.actor.has(Role::PanelChair) {
        let calls = call::Entity::find()
            .filter(call::Column::Stage.eq(CallStage::InReview))
            .order_by_asc(call::Column::Id)
            .limit(TASKS)
            .all(db)
            .await?;
        // A chair looks after the panels of the calls they chair.
        for call in &calls {
            if super::sheets::panel(context, call.id).await.is_ok() {
                tasks.push(Task {
                    href: format!("/calls/{}/reviews", call.id),
                    title: context.t("task-review-panel"),
                    detail: context.pick(&call.title_zh, &call.title_en),
                    chip: String::new(),
                    tone: "quiet",
                });
            }
        }
    }
    tasks.truncate(TASKS as usize);
    Ok(tasks)
}

fn own_task(context: &Context, row: &review::Model, name: &str, call: String) -> Task {
    let invited = row.stage == ReviewStage::Invited;
    Task {
        href: format!("/reviews/{}", row.id),
        title: context.t_with(if invited { "task-review-answer" } else { "task-review-write" }, &[("name", name)]),
        detail: call,
        chip: stage_text(context, "review", row.stage.as_str()),
        tone: "wait",
    }
}

/// Conflicts of the people one may ask, for one application: shown to staff, and those with one are not offered.
///
/// # Errors
/// When the database cannot be read.
pub async fn conflicted(
    context: &Context,
    asked: &application::Model,
    call: &call::Model,
    people: &[entities::kinds::PersonId],
) -> Result<BTreeMap<entities::kinds::PersonId, Vec<conflicts::Found>>> {
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
