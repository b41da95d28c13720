//! An application beside its score: what the reviewer may read of it, and the form of the criteria.

use super::{packet, points, queue_with, titles, told};
use crate::edges::templates;
use crate::error::{Error, Result};
use crate::grants::reviews::rules::{self, REVIEW};
use crate::grants::reviews::scores;
use crate::grants::reviews::service::{self, AssignedReviewer};
use crate::people::permission::{As, Context};
use crate::web::page::{Answer, Page};
use crate::web::parts::{ActLink, Choice, Crumb, Fact};
use crate::web::sheet::{Cell, act_links, stage_text};
use entities::kinds::{ConflictGround, ReviewStage};
use entities::{call, review, review_score};
use sea_orm::EntityTrait;
use serde::Serialize;
use std::collections::BTreeMap;

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
    files: Vec<Fact>,
    can_score: bool,
    action: String,
    version: String,
    total: String,
    criteria: Vec<CriterionView>,
    comment: String,
    written: Vec<Fact>,
    peers: Vec<Fact>,
    keep: String,
    restored: String,
    differing: Vec<Differing>,
}

/// A field that was saved meanwhile and typed otherwise.
#[derive(Debug, Clone, Serialize)]
struct Differing {
    label: String,
    href: String,
    saved: String,
    typed: String,
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
            files: vec![Fact::linked("a", "b", "/reviews/1/files/1")],
            can_score: true,
            action: "/reviews/2/scores".into(),
            version: "1".into(),
            total: "92.00".into(),
            criteria: vec![criterion("need", vec![Choice::new(0, "0")]), criterion("cost", Vec::new())],
            comment: "c".into(),
            written: Vec::new(),
            peers: Vec::new(),
            keep: "/reviews/2/keep".into(),
            restored: "r".into(),
            differing: vec![Differing { label: "l".into(), href: "#x".into(), saved: "s".into(), typed: "t".into() }],
        };
        let over = Self {
            can_score: false,
            acts: Vec::new(),
            criteria: Vec::new(),
            budget: Vec::new(),
            outcomes: Vec::new(),
            files: Vec::new(),
            previous_href: String::new(),
            next_href: String::new(),
            written: vec![Fact::new("a", "b")],
            peers: vec![Fact::new("a", "b")],
            keep: String::new(),
            restored: String::new(),
            differing: Vec::new(),
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
    drawn(by, None).await
}

/// The same after the review was saved from another page: what is saved stands beside what was typed, field by field.
///
/// # Errors
/// As [`score`].
pub async fn both(by: &As<AssignedReviewer>, typed: &Typed) -> Answer {
    drawn(by, Some(typed)).await
}

type Typed = BTreeMap<String, String>;

async fn drawn(by: &As<AssignedReviewer>, typed: Option<&Typed>) -> Answer {
    let row = by.permission().review();
    let db = by.edges.db.read();
    let rows = queue_with(by, row).await?;
    let place = rows.iter().position(|other| other.id == row.id).unwrap_or(0);
    let titles = titles(by, &rows).await?;
    let (asked, sight) = titles.get(&row.application_id).ok_or(Error::NotFound)?;
    let call = call::Entity::find_by_id(row.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let packet = packet::packet(by, &call, asked, (row.id, *sight)).await?;
    let written = service::scores_of(db, row.id).await?;
    let base = format!("/reviews/{}", row.id);
    let can_score = matches!(row.stage, ReviewStage::Accepted | ReviewStage::InProgress | ReviewStage::Reopened);
    let mut acts = REVIEW.offers(row.stage, &[crate::core::lifecycle::Part::Reviewer]);
    acts.retain(|act| !matches!(*act, "save" | "submit"));
    let near = |at: Option<usize>| {
        at.and_then(|at| rows.get(at)).map(|row| format!("/reviews/{}", row.id)).unwrap_or_default()
    };
    let asked_for = if can_score { criteria(by, &call, &written)? } else { Vec::new() };
    let kept = if can_score && typed.is_none() { service::typing::of(db, row.id).await? } else { None };
    let before: Option<Typed> = kept.as_ref().and_then(|kept| serde_json::from_value(kept.fields.clone()).ok());
    let other =
        typed.or(before.as_ref()).map(|typed| differing(by, &asked_for, &row.comment, typed)).unwrap_or_default();
    // What was kept and says nothing else than what is saved is no news.
    let restored = kept.filter(|_| !other.is_empty());
    let meanwhile = typed.is_some() || restored.as_ref().is_some_and(|kept| kept.version != row.version);
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
        acts: own_acts(by, &base, &acts, can_score),
        passages: packet.passages,
        budget_heads: ["head-application-what", "head-application-head", "head-application-source", "head-amount"]
            .map(|key| by.t(key))
            .into(),
        budget: packet.budget,
        outcomes: packet.outcomes,
        files: packet.files,
        can_score,
        action: format!("{base}/scores"),
        version: row.version.to_string(),
        total: row.total.map(|total| points(total.into())).unwrap_or_default(),
        criteria: asked_for,
        comment: row.comment.clone(),
        written: if can_score { Vec::new() } else { written_facts(by, &call, row, &written)? },
        peers: peers(by, row).await?,
        keep: if can_score { format!("{base}/keep") } else { String::new() },
        restored: restored
            .as_ref()
            .map(|kept| by.t_with("review-restored", &[("when", &by.moment(kept.at))]))
            .unwrap_or_default(),
        differing: if meanwhile { other } else { Vec::new() },
    };
    let page = Page::new(by, "reviews/score.html", "desk", &view)?;
    match before.filter(|_| restored.is_some()) {
        Some(before) => page.typed(before).answer(),
        None => page.answer(),
    }
}

/// Every field in which what was typed is not what is saved.
fn differing(context: &Context, criteria: &[CriterionView], comment: &str, typed: &Typed) -> Vec<Differing> {
    let even = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    let mut all: Vec<(&str, String, &str)> = Vec::new();
    for one in criteria {
        all.push((&one.name, one.label.clone(), &one.value));
        all.push((&one.comment_name, format!("{}: {}", one.label, one.comment_label), &one.comment));
    }
    all.push(("comment", context.t("review-comment"), comment));
    let compared = |(name, label, saved): (&str, String, &str)| {
        let mine = typed.get(name).map(|text| even(text)).unwrap_or_default();
        let saved = even(saved);
        (mine != saved).then(|| Differing { label, href: format!("#{name}"), saved, typed: mine })
    };
    all.into_iter().filter_map(compared).collect()
}

/// A conflict is said quietly: scoring is the main thing here.
fn own_acts(context: &Context, base: &str, acts: &[&'static str], can_score: bool) -> Vec<ActLink> {
    let mut links = act_links(context, "review", base, acts, &[]);
    for (link, act) in links.iter_mut().zip(acts) {
        link.tone = if *act == "accept" { "" } else { "quiet" };
    }
    // On a phone the form stands below the whole bid, and whoever listens to a pitch has no time to look for it.
    if can_score {
        links.insert(0, ActLink { href: "#writing".into(), text: context.t("review-to-score"), tone: "" });
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
