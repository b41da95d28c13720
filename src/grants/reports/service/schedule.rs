//! When a report is due: planned with the agreement, asked for beside the plan, opened by an officer or the clock.

use super::{load, tell};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::core::plan::PlannedReport;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::awards::{self, rules as award_rules, separation};
use crate::grants::reports::rules::{REPORT, done};
use crate::people::permission::{As, Context, Officer, Permission, System};
use chrono::{Duration, NaiveDate};
use entities::kinds::{AwardId, ReportId, ReportKind, ReportStage, Subject};
use entities::{award, call, report};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// A report can be written this many days before it is due.
const OPENS_BEFORE: i64 = 30;

/// Reports opened in one tick.
const TICK: u64 = 200;

/// Schedules the reports of an award that became active, in its transaction.
///
/// # Errors
/// When the call's plan cannot be read.
pub async fn schedule<P: Permission>(tx: &Tx, by: &As<P>, award: &award::Model) -> Result<()> {
    let call = call::Entity::find_by_id(award.call_id).one(tx).await?.ok_or(Error::NotFound)?;
    let plan: Vec<PlannedReport> = serde_json::from_value(call.reporting_plan)?;
    let today = by.day_of(tx.now());
    for planned in plan {
        let kind = ReportKind::parse(&planned.kind).ok_or(Error::Internal(format!("report {}", planned.kind)))?;
        let due_on = today + Duration::days(planned.due_after_days);
        let opens_on = (due_on - Duration::days(OPENS_BEFORE)).max(today);
        insert(tx, award.id, kind, due_on, opens_on, ReportStage::Scheduled).await?;
    }
    Ok(())
}

async fn insert(
    tx: &Tx,
    award: AwardId,
    kind: ReportKind,
    due_on: NaiveDate,
    opens_on: NaiveDate,
    stage: ReportStage,
) -> Result<ReportId> {
    let row = report::ActiveModel {
        award_id: Set(award),
        kind: Set(kind),
        due_on: Set(due_on),
        opens_on: Set(opens_on),
        narrative: Set(String::new()),
        actuals: Set(serde_json::json!({})),
        spending: Set(serde_json::json!([])),
        volunteer_hours: Set(0),
        beneficiaries: Set(0),
        stage: Set(stage),
        reason: Set(String::new()),
        version: Set(1),
        ..Default::default()
    };
    Ok(report::Entity::insert(row).exec_with_returning(tx).await?.id)
}

/// An officer asks for a report that was not planned.
///
/// # Errors
/// [`Error::Forbidden`] for the grantee's people; a refusal for an award that is over.
pub async fn ad_hoc(by: &As<Officer>, award: AwardId, due_on: NaiveDate, reason: &str) -> Result<ReportId> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = awards::service::load(tx, award).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        if !award_rules::payable(row.stage) {
            return Err(Error::refused("refused-award-not-active"));
        }
        let today = by.day_of(tx.now());
        if due_on <= today {
            return Err(Error::field("due_on", "refused-not-future"));
        }
        let id = insert(tx, award, ReportKind::AdHoc, due_on, today, ReportStage::Open).await?;
        events::record(tx, by, Subject::Report, id.0, Note::act("ask").because(reason)).await?;
        tell(tx, &row, id, "report-asked", reason).await?;
        Ok(id)
    })
    .await
}

/// An officer opens a scheduled report before its day.
///
/// # Errors
/// A refusal by stage.
pub async fn open(by: &As<Officer>, id: ReportId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, award) = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &award).await?;
        advance(tx, by, &row, "open", Note::act("")).await?;
        tell(tx, &award, id, "report-open", "").await
    })
    .await
}

/// What the clock brings: scheduled reports open on their day, and those that wait are reminded of.
///
/// # Errors
/// When the database cannot be read; a report that refuses does not stop the others.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let system = Context::system(edges.clone());
    let rows = report::Entity::find()
        .filter(report::Column::Stage.eq(ReportStage::Scheduled))
        .filter(report::Column::OpensOn.lte(edges.today()))
        .order_by_asc(report::Column::Id)
        .limit(TICK)
        .all(edges.db.read())
        .await?;
    for row in rows {
        if let Err(error) = fall_open(&system, row.id).await {
            tracing::warn!(report = row.id.0, %error, "a report did not open");
        }
    }
    super::reminders::tick(edges).await
}

async fn fall_open(by: &As<System>, id: ReportId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, award) = load(tx, id).await?;
        if REPORT.step(row.stage, "open", crate::core::lifecycle::Part::System).is_err() || done(row.stage) {
            return Ok(());
        }
        advance(tx, by, &row, "open", Note::act("")).await?;
        tell(tx, &award, id, "report-open", "").await
    })
    .await
}
