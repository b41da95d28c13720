//! A project's stream: need → fund → call → award → tranches with their entries → evaluation → report → close.

use super::dossier::{Dossier, hundredths};
use crate::commons::texts::pick;
use crate::error::Result;
use crate::ledger::books::number;
use crate::people::permission::Context;
use crate::web::parts::Step;
use chrono::NaiveDate;
use entities::kinds::{AwardStage, PostingId, Recipe, ReportStage, Subject, TrancheId, TrancheStage};
use entities::{call, evaluation, fund, need, posting, report, tranche};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;

/// The steps, in the order of a grant's life.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn steps(context: &Context, project: &Dossier) -> Result<Vec<Step>> {
    let mut steps = origins(context, project).await?;
    let award = &project.award;
    let signed = award.foundation_signed_at.max(award.grantee_signed_at);
    steps.push(Step {
        state: "done",
        title: context.t("project-step-award"),
        detail: context.money(award.amount_minor, award.currency),
        href: String::new(),
        date: signed.map(|at| context.day(context.day_of(at))).unwrap_or_default(),
    });
    let mut vouchers = paid_entries(context, project).await?;
    let mut dated: Vec<(Option<NaiveDate>, Step)> = Vec::new();
    for row in &project.tranches {
        let entry = vouchers.remove(&row.id);
        let day = entry.as_ref().map(|(_, day)| *day).or(row.due_on);
        dated.push((day, tranche_step(context, row, entry)));
    }
    for row in project.evaluations.iter().filter(|row| row.published_at.is_some()) {
        dated.push((row.published_at.map(|at| context.day_of(at)), evaluation_step(context, row)));
    }
    for row in project.reports.iter().filter(|row| row.stage != ReportStage::Waived) {
        dated.push((Some(row.submitted_at.map_or(row.due_on, |at| context.day_of(at))), report_step(context, row)));
    }
    // What has happened in the order of its days, then what is to come.
    dated.sort_by_key(|(day, step)| (matches!(step.state, "now" | "later"), day.is_none(), *day));
    steps.extend(dated.into_iter().map(|(_, step)| step));
    steps.push(close_step(context, project));
    Ok(steps)
}

async fn origins(context: &Context, project: &Dossier) -> Result<Vec<Step>> {
    let db = context.edges.db.read();
    let name = |zh: &str, en: &str| pick(context.locale, zh, en);
    let step = |key: &str, detail: String, href: String| Step {
        state: "done",
        title: context.t(key),
        detail,
        href,
        date: String::new(),
    };
    let mut steps = Vec::new();
    let call = call::Entity::find_by_id(project.award.call_id).one(db).await?;
    if let Some(id) = call.as_ref().and_then(|row| row.need_id)
        && let Some(row) = need::Entity::find_by_id(id).one(db).await?
    {
        steps.push(step("project-step-need", name(&row.title_zh, &row.title_en), format!("/needs/{id}")));
    }
    if let Some(row) = fund::Entity::find_by_id(project.award.fund_id).one(db).await? {
        steps.push(step("project-step-fund", name(&row.name_zh, &row.name_en), format!("/funds/{}", row.id)));
    }
    if let Some(row) = call {
        steps.push(step("project-step-call", name(&row.title_zh, &row.title_en), format!("/calls/{}", row.id)));
    }
    Ok(steps)
}

/// The last payment entry of each tranche.
async fn paid_entries(context: &Context, project: &Dossier) -> Result<BTreeMap<TrancheId, (PostingId, NaiveDate)>> {
    let rows = posting::Entity::find()
        .filter(posting::Column::AwardId.eq(project.award.id))
        .filter(posting::Column::Subject.eq(Subject::Tranche))
        .filter(posting::Column::Recipe.is_in([Recipe::PaymentPosted, Recipe::SeedFund]))
        .order_by_asc(posting::Column::Id)
        .all(context.edges.db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (TrancheId(row.subject_id), (row.id, row.occurred_on))).collect())
}

fn tranche_step(context: &Context, row: &tranche::Model, entry: Option<(PostingId, NaiveDate)>) -> Step {
    let amount = context.money(row.amount_minor, row.currency);
    let (state, entry) = match row.stage {
        TrancheStage::Paid => ("done", entry),
        TrancheStage::Planned => ("later", None),
        TrancheStage::Cancelled => ("stopped", None),
        _ => ("now", None),
    };
    let (href, date) = entry.map(|(id, day)| (format!("/ledger/{}", number(id)), context.day(day))).unwrap_or_default();
    let key = match row.stage {
        TrancheStage::Paid => "project-step-paid",
        TrancheStage::Planned => "project-step-planned",
        TrancheStage::Cancelled => "project-step-cancelled",
        _ => "project-step-being-paid",
    };
    let title = context.t_with("project-step-tranche", &[("ordinal", &row.ordinal.to_string())]);
    Step { state, title, detail: format!("{amount} · {}", context.t(key)), href, date }
}

fn evaluation_step(context: &Context, row: &evaluation::Model) -> Step {
    let passed = row.score.is_some_and(|score| score >= row.pass_mark);
    Step {
        state: if passed { "done" } else { "stopped" },
        title: context.t(&format!("project-evaluation-{}", row.kind)),
        detail: row.score.map(|score| scored(context, score, row.pass_mark)).unwrap_or_default(),
        href: String::new(),
        date: row.published_at.map(|at| context.day(context.day_of(at))).unwrap_or_default(),
    }
}

fn scored(context: &Context, score: i32, mark: i32) -> String {
    context.t_with("project-step-scored", &[("score", &hundredths(score)), ("mark", &hundredths(mark))])
}

fn report_step(context: &Context, row: &report::Model) -> Step {
    let accepted = row.stage == ReportStage::Accepted;
    Step {
        state: match row.stage {
            ReportStage::Accepted => "done",
            ReportStage::Scheduled => "later",
            _ => "now",
        },
        title: context.t(&format!("project-report-{}", row.kind)),
        detail: if accepted { String::new() } else { context.t("project-step-report-due") },
        href: String::new(),
        date: if accepted {
            row.submitted_at.map(|at| context.day(context.day_of(at))).unwrap_or_default()
        } else {
            context.day(row.due_on)
        },
    }
}

fn close_step(context: &Context, project: &Dossier) -> Step {
    let award = &project.award;
    let (state, key) = match award.stage {
        AwardStage::Closed => ("done", "project-step-closed"),
        AwardStage::Closing => ("now", "project-step-closing"),
        AwardStage::Terminated => ("stopped", "project-step-terminated"),
        _ => ("later", "project-step-close"),
    };
    Step {
        state,
        title: context.t(key),
        detail: String::new(),
        href: String::new(),
        date: award.closed_at.map(|at| context.day(context.day_of(at))).unwrap_or_default(),
    }
}
