//! The pages of reports and evaluations.

mod asking;
pub mod proofs;

use super::evaluations;
use super::rules::{EVALUATION, REPORT, late};
use super::service::{self, Saved};
use crate::commons::{events, policies};
use crate::error::{Error, Result};
use crate::grants::awards::separation;
use crate::grants::awards::view as awards;
use crate::grants::calls::words;
use crate::people::permission::{Context, Level};
use crate::web::page::{Answer, without_mark};
use crate::web::parts::{Choice, Fact, Task};
use crate::web::sheet::{Act, Asked, Block, Cell, Sheet, act_links, history, stage_text};
use entities::kinds::{EvaluationId, EvaluationStage, ReportId, ReportStage, Role, Subject};
use entities::{award, evaluation, report};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Events shown.
const HISTORY: u64 = 30;
/// Tasks shown.
const TASKS: u64 = 20;
/// Empty lines offered for spending beside those written.
const MORE_LINES: usize = 4;

/// A report the reader may see: before it is submitted it is only its organisation's.
async fn visible(context: &Context, id: ReportId) -> Result<(report::Model, award::Model)> {
    let (row, award) = service::load(context.edges.db.read(), id).await?;
    awards::visible(context, award.id).await?;
    Ok((row, award))
}

/// The organisation of the grant for which the reader writes, if any: the payee's or the group's behind a host.
///
/// # Errors
/// When the database cannot be read.
pub async fn writes_for(context: &Context, award: &award::Model) -> Result<Option<entities::kinds::OrganisationId>> {
    let grantees = separation::grantees(context.edges.db.read(), award).await?;
    Ok(grantees.into_iter().find(|organisation| context.actor.belongs_to(*organisation)))
}

/// One report.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn show(context: &Context, id: ReportId) -> Answer {
    let db = context.edges.db.read();
    let (row, award) = visible(context, id).await?;
    let base = format!("/reports/{id}");
    let up = format!("/awards/{}", award.id);
    let mine = writes_for(context, &award).await?;
    let mut acts = REPORT.offers(row.stage, &context.actor.parts(mine));
    if row.stage == ReportStage::InProgress && mine.is_some() {
        acts.insert(0, "write");
    }
    if proofs::adds(&row, mine) {
        acts.extend(proofs::ADDING);
    }
    acts.dedup();
    let links = act_links(context, "report", &base, &acts, &["waive"]);
    let drafts = !matches!(row.stage, ReportStage::Submitted | ReportStage::Accepted);
    let mut sheet = Sheet::new(context.t(&format!("report-kind-{}", row.kind)))
        .under(&[(context.t("awards-title"), "/awards"), (award.title.clone(), &up)])
        .chip(stage_text(context, "report", row.stage.as_str()), tone(&row, context))
        .now(context.t("now-title"), row.reason.clone(), links);
    // What is still being written is the organisation's own.
    let told = mine.is_some() || !drafts;
    sheet = sheet.beside(facts(context, &row, told));
    if told {
        sheet = sheet
            .with(Block::Prose { title: context.t("field-narrative"), text: row.narrative.clone() })
            .with(counted(context, &row, &award).await?);
        let form = service::asking::of_report(db, &award).await?;
        if let Some(block) = asking::answered(context, form.as_ref(), &service::asking::answers(&row.answers)) {
            sheet = sheet.with(block);
        }
        for block in proofs::blocks(context, &row, &award).await? {
            sheet = sheet.with(block);
        }
    }
    sheet
        .beside(history(context, "report", &events::history(db, Subject::Report, id.0, HISTORY).await?))
        .answer(context, "desk")
}

async fn counted(context: &Context, row: &report::Model, award: &award::Model) -> Result<Block> {
    let actuals: BTreeMap<i64, i64> = serde_json::from_value(row.actuals.clone())?;
    let rows = service::indicators(context.edges.db.read(), award).await?;
    let cells = rows.iter().map(|indicator| {
        let actual = actuals.get(&indicator.id.0).map(ToString::to_string).unwrap_or_default();
        vec![
            Cell::lead(indicator.name.clone(), ""),
            Cell::number(indicator.baseline.to_string()),
            Cell::number(format!("{} {}", indicator.target, indicator.unit)),
            Cell::number(actual),
        ]
    });
    Ok(Block::Table {
        title: context.t("report-indicators"),
        heads: ["head-name", "report-baseline", "report-target", "report-actual"].map(|key| context.t(key)).into(),
        rows: cells.collect(),
        empty: context.t("report-indicators-empty"),
    })
}

fn facts(context: &Context, row: &report::Model, told: bool) -> Block {
    let mut items = vec![Fact::new(context.t("head-due"), context.day(row.due_on))];
    if told {
        items.push(Fact::new(context.t("field-volunteer-hours"), row.volunteer_hours.to_string()));
        items.push(Fact::new(context.t("field-beneficiaries"), row.beneficiaries.to_string()));
    }
    Block::Facts { title: context.t("facts-title"), items }
}

fn tone(row: &report::Model, context: &Context) -> &'static str {
    match row.stage {
        _ if late(row.stage, row.due_on, context.edges.today()) => "stop",
        ReportStage::Accepted => "ok",
        ReportStage::Waived | ReportStage::Scheduled => "quiet",
        _ => "wait",
    }
}

/// The page of an act on a report; `write` is the form itself.
///
/// # Errors
/// [`Error::NotFound`] for an act that is not the reader's.
pub async fn act(context: &Context, id: ReportId, act: &str) -> Answer {
    drawn(context, id, act).await?.answer(context, "desk")
}

/// The form after somebody else saved: what is saved stands beside what was typed, field by field, and saving again is a choice.
///
/// # Errors
/// As [`act`].
pub async fn both(context: &Context, id: ReportId, typed: &BTreeMap<String, String>) -> Answer {
    let mut page = drawn(context, id, "write").await?;
    let other =
        |field: &&Asked| field.kind != "hidden" && typed.get(&field.name).is_some_and(|own| *own != field.value);
    let facts = page.fields.iter().filter(other).map(|field| {
        let label = context.t_with("report-saved-meanwhile", &[("field", without_mark(&field.label))]);
        Fact::new(label, if field.value.is_empty() { context.t("report-saved-nothing") } else { field.value.clone() })
    });
    let facts: Vec<Fact> = facts.collect();
    page.facts.extend(facts);
    page.answer(context, "desk")
}

async fn drawn(context: &Context, id: ReportId, act: &str) -> Result<Act> {
    let (row, award) = visible(context, id).await?;
    let base = format!("/reports/{id}");
    let mine = writes_for(context, &award).await?;
    let own = (act == "write" && row.stage == ReportStage::InProgress && mine.is_some())
        || (proofs::ADDING.contains(&act) && proofs::adds(&row, mine));
    if !own && !REPORT.offers(row.stage, &context.actor.parts(mine)).contains(&act) {
        return Err(Error::NotFound);
    }
    let page = Act::new(context, &format!("report-{act}"), format!("{base}/{act}"), base.clone())
        .fact(context.t("head-title"), award.title.clone())
        .fact(context.t("head-kind"), context.t(&format!("report-kind-{}", row.kind)))
        .shows(row.version);
    Ok(match act {
        "write" => fields(context, &row, &award, page).await?,
        "add-receipt" | "add-photo" => proofs::asks(context, &award, act, page).await?,
        "request-changes" => page.ask(context, "area", "reason"),
        "waive" => page.ask(context, "area", "reason").stop().proving(context, Level::Decision),
        "accept" => page.proving(context, Level::Decision),
        _ => page,
    })
}

async fn fields(context: &Context, row: &report::Model, award: &award::Model, page: Act) -> Result<Act> {
    let told = Saved {
        narrative: row.narrative.clone(),
        actuals: serde_json::from_value(row.actuals.clone())?,
        spending: serde_json::from_value(row.spending.clone())?,
        volunteer_hours: row.volunteer_hours,
        beneficiaries: row.beneficiaries,
        answers: service::asking::answers(&row.answers),
    };
    let db = context.edges.db.read();
    let mut page = page
        .hidden("version", row.version.to_string())
        .ask(context, "area", "narrative")
        .value(told.narrative)
        .hint(context.t("report-narrative-hint"))
        .ask(context, "number", "volunteer_hours")
        .value(told.volunteer_hours.to_string())
        .ask(context, "number", "beneficiaries")
        .value(told.beneficiaries.to_string())
        .hint(context.t("report-beneficiaries-hint"));
    for indicator in service::indicators(db, award).await? {
        let actual = told.actuals.get(&indicator.id.0).map(ToString::to_string).unwrap_or_default();
        page = page
            .ask(context, "number", &format!("actual.{}.value", indicator.id))
            .labelled(format!("{} ({})", indicator.name, indicator.unit))
            .value(actual)
            .optional();
    }
    let heads = service::heads(db, award).await?;
    for place in 0..told.spending.len() + MORE_LINES {
        let line = told.spending.get(place);
        let mut choices = vec![Choice::new("", "")];
        choices.extend(heads.iter().map(|head| Choice::new(head, words::head(context, head))));
        let chosen = Choice::chosen(choices, line.map_or("", |line| line.head.as_str()));
        let figures = line.map(|line| plain(line.amount_minor, award)).unwrap_or_default();
        page = page
            .ask_choice(context, &format!("spending.{place}.head"), chosen)
            .labelled(context.t("report-spending-head"))
            .optional()
            .ask_money(context, &format!("spending.{place}.amount"), award.currency)
            .labelled(context.t("head-amount"))
            .value(figures)
            .optional();
    }
    let form = service::asking::of_report(db, award).await?;
    Ok(asking::asked(context, page, form.as_ref(), &told.answers, award.currency))
}

/// An amount as it is typed, without a sign.
fn plain(minor: i64, award: &award::Model) -> String {
    let text = crate::core::money::Money::new(minor, award.currency.0).format("en");
    text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect()
}

async fn visible_evaluation(context: &Context, id: EvaluationId) -> Result<(evaluation::Model, award::Model)> {
    let (row, award) = evaluations::load(context.edges.db.read(), id).await?;
    awards::visible(context, award.id).await?;
    Ok((row, award))
}

fn evaluation_acts(
    context: &Context,
    row: &evaluation::Model,
    mine: Option<entities::kinds::OrganisationId>,
) -> Vec<&'static str> {
    let mut acts = EVALUATION.offers(row.stage, &context.actor.parts(mine));
    acts.retain(|act| *act != "submit" || context.actor.person == Some(row.evaluator_id));
    acts
}

/// One evaluation; the grantee reads it once it is published.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn evaluation(context: &Context, id: EvaluationId) -> Answer {
    let db = context.edges.db.read();
    let (row, award) = visible_evaluation(context, id).await?;
    let base = format!("/evaluations/{id}");
    let up = format!("/awards/{}", award.id);
    let mine = writes_for(context, &award).await?;
    let links = act_links(context, "evaluation", &base, &evaluation_acts(context, &row, mine), &[]);
    let mut sheet = Sheet::new(context.t(&format!("evaluation-kind-{}", row.kind)))
        .under(&[(context.t("awards-title"), "/awards"), (award.title.clone(), &up)])
        .chip(
            stage_text(context, "evaluation", row.stage.as_str()),
            if row.stage == EvaluationStage::Published { "ok" } else { "wait" },
        )
        .now(context.t("now-title"), "", links);
    let inside = context.actor.is_staff() || context.actor.person == Some(row.evaluator_id);
    if inside || row.published_at.is_some() {
        let policy = policies::on(db, context.edges.today()).await?;
        let mark = format!("{}.{:02}", row.pass_mark / 100, row.pass_mark % 100);
        let score = row.score.map(|s| awards::graded(row.kind, s, row.pass_mark, &policy)).unwrap_or_default();
        let items = vec![Fact::new(context.t("head-score"), score), Fact::new(context.t("evaluation-pass-mark"), mark)];
        sheet = sheet
            .with(Block::Prose { title: context.t("field-findings"), text: row.findings.clone() })
            .with(Block::Prose { title: context.t("field-rectification"), text: row.rectification.clone() })
            .beside(Block::Facts { title: context.t("facts-title"), items });
        let form = service::asking::of_evaluation(db, &award).await?;
        if let Some(block) = asking::answered(context, form.as_ref(), &service::asking::answers(&row.answers)) {
            sheet = sheet.with(block);
        }
    }
    sheet
        .beside(history(context, "evaluation", &events::history(db, Subject::Evaluation, id.0, HISTORY).await?))
        .answer(context, "desk")
}

/// The page of an act on an evaluation.
///
/// # Errors
/// [`Error::NotFound`] for an act that is not the reader's.
pub async fn evaluation_act(context: &Context, id: EvaluationId, act: &str) -> Answer {
    let (row, award) = visible_evaluation(context, id).await?;
    let mine = writes_for(context, &award).await?;
    if !evaluation_acts(context, &row, mine).contains(&act) {
        return Err(Error::NotFound);
    }
    let base = format!("/evaluations/{id}");
    let page = Act::new(context, &format!("evaluation-{act}"), format!("{base}/{act}"), base.clone())
        .fact(context.t("head-title"), award.title.clone())
        .fact(context.t("head-kind"), context.t(&format!("evaluation-kind-{}", row.kind)));
    let page = match act {
        "submit" => {
            let page = page.ask(context, "number", "score").ask(context, "area", "findings");
            let form = service::asking::of_evaluation(context.edges.db.read(), &award).await?;
            asking::asked(context, page, form.as_ref(), &service::asking::answers(&row.answers), award.currency)
        }
        "rectify" => page.ask(context, "area", "rectification"),
        _ => page,
    };
    page.answer(context, "desk")
}

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let db = context.edges.db.read();
    let organisations: Vec<_> = context.actor.memberships.iter().map(|row| row.organisation_id).collect();
    let own = award::Entity::find()
        .select_only()
        .column(award::Column::Id)
        .filter(award::Column::OrganisationId.is_in(organisations))
        .order_by_desc(award::Column::Id)
        .limit(200)
        .into_tuple::<entities::kinds::AwardId>()
        .all(db)
        .await?;
    let writing =
        [ReportStage::Open, ReportStage::InProgress, ReportStage::AwaitingSignOff, ReportStage::ChangesRequested];
    let officer = context.actor.has(Role::ProgrammeOfficer);
    let mut wanted = Condition::any().add(
        Condition::all().add(report::Column::AwardId.is_in(own.clone())).add(report::Column::Stage.is_in(writing)),
    );
    if officer {
        wanted = wanted.add(report::Column::Stage.eq(ReportStage::Submitted));
    }
    let reports =
        report::Entity::find().filter(wanted).order_by_asc(report::Column::DueOn).limit(TASKS).all(db).await?;
    let mut wanted = Condition::any().add(
        Condition::all()
            .add(evaluation::Column::AwardId.is_in(own))
            .add(evaluation::Column::Stage.eq(EvaluationStage::Rectification)),
    );
    if let Some(person) = context.actor.person {
        let mine = Condition::all()
            .add(evaluation::Column::EvaluatorId.eq(person))
            .add(evaluation::Column::Stage.eq(EvaluationStage::Assigned));
        wanted = wanted.add(mine);
    }
    if officer {
        wanted = wanted.add(evaluation::Column::Stage.eq(EvaluationStage::Submitted));
    }
    let evaluations =
        evaluation::Entity::find().filter(wanted).order_by_asc(evaluation::Column::Id).limit(TASKS).all(db).await?;
    let ids = reports.iter().map(|row| row.award_id).chain(evaluations.iter().map(|row| row.award_id));
    let awards = award::Entity::find().filter(award::Column::Id.is_in(ids)).all(db).await?;
    let title = |id| awards.iter().find(|row| row.id == id).map(|row| row.title.clone()).unwrap_or_default();
    let today = context.edges.today();
    let mut tasks: Vec<Task> = reports
        .iter()
        .map(|row| Task {
            href: format!("/reports/{}", row.id),
            title: context.t(&format!("report-task-{}", row.stage)),
            detail: format!("{} · {}", title(row.award_id), context.t(&format!("report-kind-{}", row.kind))),
            chip: if late(row.stage, row.due_on, today) { context.t("late") } else { context.day(row.due_on) },
            tone: if late(row.stage, row.due_on, today) { "stop" } else { "wait" },
        })
        .collect();
    tasks.extend(evaluations.iter().map(|row| Task {
        href: format!("/evaluations/{}", row.id),
        title: context.t(&format!("evaluation-task-{}", row.stage)),
        detail: title(row.award_id),
        chip: String::new(),
        tone: "wait",
    }));
    tasks.truncate(TASKS as usize);
    Ok(tasks)
}
