//! An application beside its score: what the reviewer may read of it, and the form of the criteria.

use super::{points, queue, titles, told};
use crate::edges::templates;
use crate::error::{Error, Result};
use crate::grants::calls::words::head;
use crate::grants::reviews::rules::{self, REVIEW};
use crate::grants::reviews::scores;
use crate::grants::reviews::service::{self, AssignedReviewer};
use crate::people::permission::{As, Context};
use crate::web::page::{Answer, Page};
use crate::web::parts::{ActLink, Choice, Crumb, Fact};
use crate::web::sheet::{Cell, act_links, stage_text};
use entities::kinds::{ConflictGround, ReviewStage};
use entities::{application, budget_line, call, indicator, organisation, review, review_score};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;

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
            Some(ground) => context.t(&format!("conflict-{}", rules::told(ground))),
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
