//! The minutes of a panel: what was ranked by which method, raw beside adjusted; who was left out and why; which lots were drawn; what
//! the tools were asked and what they answered, by check values that anybody reckons again. On the page and on paper.

use super::{best, ranking};
use crate::core::scoring::ReviewerBias;
use crate::edges::dice::fingerprint;
use crate::edges::press::Form;
use crate::error::{Error, Result};
use crate::grants::decisions::service;
use crate::grants::polls::service as polls;
use crate::grants::reviews::service::plans;
use crate::grants::reviews::view::matrix::signed;
use crate::grants::reviews::view::{notes, points};
use crate::grants::reviews::{conflicts, panel};
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::papers::{self, Head, Paper, Table};
use crate::web::parts::Fact;
use crate::web::sheet::{Block, Cell, Sheet};
use entities::kinds::{ApplicationId, BatchStage, DecisionBatchId, PersonId, PollStage, ReviewStage};
use entities::{application, call, decision_batch, poll, review};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use std::collections::BTreeMap;

/// What the template `minutes.typ` reads.
#[derive(Debug, Clone, Serialize)]
pub struct PanelMinutes {
    head: Head,
    /// Labels with values.
    facts: Vec<(String, String)>,
    tables: Vec<Table>,
    note_title: String,
    /// What the panel wrote.
    note: String,
}

impl Paper for PanelMinutes {
    const FORM: Form = Form::Minutes;

    fn head(&self) -> &Head {
        &self.head
    }
}

/// A batch whose minutes are the reader's to see: for who works on the call, and for all staff once the notice is public; never for who
/// still judges in it.
async fn visible(context: &Context, id: DecisionBatchId) -> Result<(decision_batch::Model, call::Model)> {
    let db = context.edges.db.read();
    let batch = service::load(db, id).await?;
    let public = matches!(batch.stage, BatchStage::Approved | BatchStage::Decided);
    if public && context.actor.is_staff() {
        panel::judged_first(context, batch.call_id).await?;
    } else {
        panel::visible(context, batch.call_id).await?;
    }
    let call = call::Entity::find_by_id(batch.call_id).one(db).await?.ok_or(Error::NotFound)?;
    Ok((batch, call))
}

/// The page.
///
/// # Errors
/// [`Error::NotFound`] for others.
pub async fn show(context: &Context, id: DecisionBatchId) -> Answer {
    let (batch, call) = visible(context, id).await?;
    let tables = tables(context, &batch, &call).await?;
    let facts = facts(context, &batch, &call).await?;
    let sheet = Sheet::new(context.t("decision-minutes"))
        .under(&[(context.t("notices-title"), &format!("/notices/{id}"))])
        .sentence(context.pick(&call.title_zh, &call.title_en));
    tables
        .into_iter()
        .fold(sheet, Sheet::with)
        .with(Block::Prose { title: context.t("decision-minutes"), text: batch.note.clone() })
        .with(Block::Facts { title: context.t("facts-title"), items: facts })
        .with(papers::offered(context, &format!("/notices/{id}/minutes.pdf")).await?)
        .answer(context, "desk")
}

/// The same as PDF.
///
/// # Errors
/// [`Error::NotFound`] for others.
pub async fn paper(context: &Context, id: DecisionBatchId, locale: Option<&str>) -> Answer {
    let context = &papers::reading_in(context, locale);
    let (batch, call) = visible(context, id).await?;
    let day = batch.submitted_at.unwrap_or(batch.drafted_at);
    let title = context.t("decision-minutes");
    let mut facts = vec![(context.t("head-call"), context.pick(&call.title_zh, &call.title_en))];
    facts.extend(self::facts(context, &batch, &call).await?.into_iter().map(|fact| (fact.label, fact.value)));
    let paper = PanelMinutes {
        head: Head::new(context, title, format!("M{:06}", id.0), Some(context.day_of(day))),
        facts,
        tables: tables(context, &batch, &call).await?.into_iter().filter_map(Table::of).collect(),
        note_title: context.t("minutes-note"),
        note: batch.note.clone(),
    };
    papers::answer(context, &paper, "minutes", format!("/notices/{id}/minutes")).await
}

async fn tables(context: &Context, batch: &decision_batch::Model, call: &call::Model) -> Result<Vec<Block>> {
    let rows = service::items_of(context.edges.db.read(), batch.id).await?;
    let mut blocks = vec![ranking(context, batch, &rows, false).await?];
    blocks.extend(adjusted(context, batch)?);
    blocks.extend(best::table(context, batch, &rows).await?);
    blocks.push(exclusions(context, call).await?);
    blocks.push(lots(context, call).await?);
    blocks.push(notes::table(context, call).await?);
    Ok(blocks)
}

/// Titles of a call's applications by their keys in the files of the tools.
async fn titles(context: &Context, call: &call::Model) -> Result<BTreeMap<ApplicationId, String>> {
    let rows = application::Entity::find()
        .filter(application::Column::CallId.eq(call.id))
        .all(context.edges.db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.title)).collect())
}

/// What every reviewer was corrected by, where the call adjusts for leniency. Reviewers are numbered: their names are staff's.
fn adjusted(context: &Context, batch: &decision_batch::Model) -> Result<Option<Block>> {
    let reviewers = batch.scores.pointer("/answer/reviewers").cloned().unwrap_or_else(|| serde_json::json!([]));
    let reviewers: Vec<ReviewerBias> = serde_json::from_value(reviewers)?;
    let cells = |(place, row): (usize, &ReviewerBias)| {
        let bias = row.hundredths()?;
        Some(vec![
            Cell::lead(context.t_with("minutes-reviewer", &[("n", &(place + 1).to_string())]), ""),
            Cell::number(row.reviews.to_string()),
            Cell::number(signed(bias)),
        ])
    };
    let rows: Vec<Vec<Cell>> = reviewers.iter().enumerate().filter_map(cells).collect();
    let heads = ["head-review-person", "head-reviews", "head-bias"].map(|key| context.t(key)).into();
    let title = context.t("review-leniency");
    Ok((!rows.is_empty()).then_some(Block::Table { title, heads, rows, empty: String::new() }))
}

/// Every review that does not count, with its ground: tied, recused, declined.
async fn exclusions(context: &Context, call: &call::Model) -> Result<Block> {
    let db = context.edges.db.read();
    let titles = titles(context, call).await?;
    let left = review::Entity::find()
        .filter(review::Column::CallId.eq(call.id))
        .filter(review::Column::Stage.is_in([ReviewStage::Recused, ReviewStage::Declined]))
        .order_by_asc(review::Column::ApplicationId)
        .order_by_asc(review::Column::Id)
        .all(db)
        .await?;
    let ids: Vec<ApplicationId> = titles.keys().copied().collect();
    let people: Vec<PersonId> = left.iter().map(|row| row.reviewer_id).collect();
    let grounds = conflicts::recorded(db, &ids, &people).await?;
    let cells = |row: &review::Model| {
        let ground =
            grounds.iter().find(|of| of.application_id == row.application_id && of.person_id == row.reviewer_id);
        let why = match (row.stage, ground) {
            (ReviewStage::Recused, Some(ground)) => {
                context.t(&format!("conflict-{}", crate::grants::reviews::rules::told(ground.ground)))
            }
            (stage, _) => context.t(&format!("stage-review-{stage}")),
        };
        let total = row.total.map(|total| points(total.into())).unwrap_or_default();
        vec![
            Cell::lead(titles.get(&row.application_id).cloned().unwrap_or_default(), ""),
            Cell::text(context.t(&format!("stage-review-{}", row.stage))),
            Cell::number(total),
            Cell { text: why, href: String::new(), class: "wide" },
        ]
    };
    let heads = ["head-title", "head-stage", "minutes-total-lost", "head-why"].map(|key| context.t(key)).into();
    Ok(Block::Table {
        title: context.t("minutes-exclusions"),
        heads,
        rows: left.iter().map(cells).collect(),
        empty: context.t("minutes-none-left-out"),
    })
}

/// What was drawn and voted for the call: plans of the reviews with their seeds, votes of a council with their files.
async fn lots(context: &Context, call: &call::Model) -> Result<Block> {
    let db = context.edges.db.read();
    let mut rows = Vec::new();
    for plan in plans::of_call(db, call.id).await? {
        rows.push(vec![
            Cell::lead(context.t("review-plan"), ""),
            Cell::text(plan.seed.clone()),
            Cell::text(context.moment(plan.made_at)),
            Cell { text: fingerprint(&plan.question), href: String::new(), class: "wide" },
            Cell { text: fingerprint(&plan.answer), href: String::new(), class: "wide" },
        ]);
    }
    let votes = poll::Entity::find()
        .filter(poll::Column::CallId.eq(call.id))
        .filter(poll::Column::Stage.eq(PollStage::Counted))
        .order_by_asc(poll::Column::Id)
        .all(db)
        .await?;
    for vote in votes {
        let Some(result) = polls::counting::result_of(db, vote.id).await? else { continue };
        rows.push(vec![
            Cell::lead(vote.title.clone(), format!("/polls/{}", vote.id)),
            Cell::text(vote.community.clone()),
            Cell::text(context.moment(result.at)),
            Cell { text: fingerprint(&result.pabulib), href: String::new(), class: "wide" },
            Cell { text: fingerprint(result.shares.to_string()), href: String::new(), class: "wide" },
        ]);
    }
    let heads = ["head-what", "plan-seed", "head-date", "minutes-asked", "minutes-answered"];
    Ok(Block::Table {
        title: context.t("minutes-lots"),
        heads: heads.map(|key| context.t(key)).into(),
        rows,
        empty: context.t("minutes-no-lots"),
    })
}

/// The method with its figures, the version that reckoned, and the check values of what was asked and answered.
async fn facts(context: &Context, batch: &decision_batch::Model, call: &call::Model) -> Result<Vec<Fact>> {
    let input = batch.scores.get("input").cloned().unwrap_or_default();
    let mut items = vec![
        Fact::new(context.t("decision-method"), context.t(&format!("decision-method-{}", call.method))),
        Fact::new(context.t("minutes-parameters"), parameters(&input)),
        Fact::new(context.t("minutes-version"), env!("CARGO_PKG_VERSION")),
        Fact::new(context.t("minutes-scores-asked"), fingerprint(input.to_string())),
        Fact::new(context.t("minutes-scores-answered"), fingerprint(batch.scores["answer"].to_string())),
    ];
    if let Some(portfolio) = batch.scores.get("portfolio") {
        items.push(Fact::new(context.t("minutes-set-asked"), fingerprint(portfolio["input"].to_string())));
        items.push(Fact::new(context.t("minutes-set-answered"), fingerprint(portfolio["answer"].to_string())));
    }
    let fallback = match batch.scores.pointer("/answer/fallback").and_then(|word| word.as_str()) {
        Some("few-applications") => Some("minutes-fallback-few-applications"),
        Some(_) => Some("minutes-fallback-few-reviewers"),
        None => None,
    };
    items.extend(fallback.map(|key| Fact::new(context.t("minutes-fallback"), context.t(key))));
    let again = context.t(if service::replay::of_batch(batch)? { "minutes-again-same" } else { "minutes-again-other" });
    items.push(Fact::new(context.t("minutes-again"), again));
    Ok(items)
}

/// The figures of the method as the file of the tool has them.
fn parameters(input: &serde_json::Value) -> String {
    let keys = ["trim", "trim_from", "lambda", "min_applications", "min_reviewers", "min_reviews", "discuss_from"];
    keys.map(|key| format!("{key} {}", input[key])).join(" · ")
}
