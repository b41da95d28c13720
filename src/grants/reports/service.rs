//! What can be done with reports: scheduled with the agreement, written, signed off, accepted.

use super::rules::{REPORT, done};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::core::plan::{PlannedReport, SpendingLine};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::awards::{self, rules as award_rules, separation};
use crate::grants::tranches::service as tranches;
use crate::people::permission::{As, Context, Editor, Officer, Permission, Signatory, System};
use crate::people::roles;
use chrono::{Duration, NaiveDate};
use entities::kinds::{AwardId, OrganisationId, ReportId, ReportKind, ReportStage, Role, Subject};
use entities::{application, award, call, indicator, report};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A report can be written this many days before it is due.
const OPENS_BEFORE: i64 = 30;
/// Reports opened in one tick.
const TICK: u64 = 200;

/// What the grantee tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// What happened.
    pub narrative: String,
    /// Indicator → actual.
    pub actuals: BTreeMap<i64, i64>,
    /// Spending by head.
    pub spending: Vec<SpendingLine>,
    /// Hours.
    pub volunteer_hours: i32,
    /// A count, never names.
    pub beneficiaries: i32,
}

/// A report with its award.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: ReportId) -> Result<(report::Model, award::Model)> {
    let row = report::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let award = awards::service::load(db, row.award_id).await?;
    Ok((row, award))
}

/// A report of the organisation: the payee's or, behind a host, the group's that does the work. Others' are not found.
async fn own(tx: &Tx, id: ReportId, organisation: OrganisationId) -> Result<(report::Model, award::Model)> {
    let (row, award) = load(tx, id).await?;
    if separation::grantees(tx, &award).await?.contains(&organisation) {
        Ok((row, award))
    } else {
        Err(Error::NotFound)
    }
}

/// The reports of an award, in the order in which they are due.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_award(db: &impl ConnectionTrait, award: AwardId) -> Result<Vec<report::Model>> {
    Ok(report::Entity::find()
        .filter(report::Column::AwardId.eq(award))
        .order_by_asc(report::Column::DueOn)
        .order_by_asc(report::Column::Id)
        .all(db)
        .await?)
}

/// Heads a report may name: the call's, and those of the budget as it stands.
///
/// # Errors
/// When the database cannot be read.
pub async fn heads(db: &impl ConnectionTrait, award: &award::Model) -> Result<Vec<String>> {
    let call = call::Entity::find_by_id(award.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let mut heads: Vec<String> = serde_json::from_value(call.budget_heads)?;
    for (head, _) in awards::changes::effective_budget(db, award).await? {
        if !heads.contains(&head) {
            heads.push(head);
        }
    }
    Ok(heads)
}

/// What the application promised to count.
///
/// # Errors
/// When the database cannot be read.
pub async fn indicators(db: &impl ConnectionTrait, award: &award::Model) -> Result<Vec<indicator::Model>> {
    Ok(indicator::Entity::find()
        .filter(indicator::Column::ApplicationId.eq(award.application_id))
        .order_by_asc(indicator::Column::Position)
        .order_by_asc(indicator::Column::Id)
        .all(db)
        .await?)
}

/// Schedules the reports of an award that became active, in its transaction.
///
/// # Errors
/// When the call's plan cannot be read.
pub async fn schedule<P: Permission>(tx: &Tx, by: &As<P>, award: &award::Model) -> Result<()> {
    let call = call::Entity::find_by_id(award.call_id).one(tx).await?.ok_or(Error::NotFound)?;
    let plan: Vec<PlannedReport> = serde_json::from_value(call.reporting_plan)?;
    let today = tx.now().with_timezone(&by.edges.config.zone).date_naive();
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
        let today = tx.now().with_timezone(&by.edges.config.zone).date_naive();
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

async fn tell(tx: &Tx, award: &award::Model, id: ReportId, name: &str, reason: &str) -> Result<()> {
    let args = [("title", award.title.clone()), ("reason", reason.to_owned())];
    letters::to_organisation(tx, award.organisation_id, name, &args, &format!("/reports/{id}")).await
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

/// Saves what was written; the first words begin the report.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; [`Error::Stale`] when somebody saved meanwhile; by the field what is unknown.
pub async fn save(by: &As<Editor>, id: ReportId, version: i32, told: &Saved) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, award) = own(tx, id, by.permission().organisation()).await?;
        if row.version != version {
            return Err(Error::Stale);
        }
        let known = heads(tx, &award).await?;
        if let Some(place) = told.spending.iter().position(|line| !known.contains(&line.head)) {
            return Err(Error::field(&format!("spending.{place}.head"), "refused-report-head"));
        }
        let counted = indicators(tx, &award).await?;
        if told.actuals.keys().any(|id| !counted.iter().any(|row| row.id.0 == *id)) {
            return Err(Error::field("actuals", "refused-unknown"));
        }
        if row.stage == ReportStage::InProgress {
            events::record(tx, by, Subject::Report, id.0, Note::act("save")).await?;
        } else {
            advance(tx, by, &row, "write", Note::act("")).await?;
        }
        let change = report::ActiveModel {
            id: Set(id),
            narrative: Set(told.narrative.clone()),
            actuals: Set(serde_json::to_value(&told.actuals)?),
            spending: Set(serde_json::to_value(&told.spending)?),
            volunteer_hours: Set(told.volunteer_hours),
            beneficiaries: Set(told.beneficiaries),
            drafted_by: Set(Some(by.person()?)),
            version: Set(version + 1),
            ..Default::default()
        };
        report::Entity::update(change).exec(tx).await?;
        Ok(())
    })
    .await
}

/// The editor hands a complete report to the signatory.
///
/// # Errors
/// A refusal while it says nothing.
pub async fn hand_over(by: &As<Editor>, id: ReportId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, award) = own(tx, id, by.permission().organisation()).await?;
        complete(&row)?;
        advance(tx, by, &row, "hand-over", Note::act("")).await?;
        count(tx, &row).await?;
        tell(tx, &award, id, "report-sign-off", "").await
    })
    .await
}

fn complete(row: &report::Model) -> Result<()> {
    if row.narrative.trim().is_empty() {
        return Err(Error::refused("refused-report-empty"));
    }
    let spending: Vec<SpendingLine> = serde_json::from_value(row.spending.clone())?;
    if row.kind == ReportKind::Final && spending.is_empty() {
        return Err(Error::refused("refused-report-no-spending"));
    }
    Ok(())
}

async fn count(tx: &Tx, row: &report::Model) -> Result<()> {
    let change = report::ActiveModel { id: Set(row.id), version: Set(row.version + 1), ..Default::default() };
    report::Entity::update(change).exec(tx).await?;
    Ok(())
}

/// The editor takes a report back before it is signed.
///
/// # Errors
/// A refusal by stage.
pub async fn take_back(by: &As<Editor>, id: ReportId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, _) = own(tx, id, by.permission().organisation()).await?;
        advance(tx, by, &row, "take-back", Note::act("")).await?;
        count(tx, &row).await
    })
    .await
}

/// The signatory signs the report off and it leaves the organisation.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; a refusal by stage.
pub async fn submit(by: &As<Signatory>, id: ReportId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, award) = own(tx, id, by.permission().organisation()).await?;
        complete(&row)?;
        advance(tx, by, &row, "submit", Note::act("")).await?;
        let change = report::ActiveModel {
            id: Set(id),
            submitted_by: Set(Some(by.person()?)),
            submitted_at: Set(Some(tx.now())),
            decided_by: Set(None),
            version: Set(row.version + 1),
            ..Default::default()
        };
        report::Entity::update(change).exec(tx).await?;
        let args = [("title", award.title.clone())];
        letters::to_role(tx, Role::ProgrammeOfficer, "report-submitted", &args, &format!("/reports/{id}")).await
    })
    .await
}

async fn decide(
    tx: &Tx,
    by: &As<Officer>,
    id: ReportId,
    act: &'static str,
    reason: &str,
) -> Result<(report::Model, award::Model)> {
    let (row, award) = load(tx, id).await?;
    separation::outsider(tx, by.person()?, &award).await?;
    roles::apart(tx, by, &[row.submitted_by]).await?;
    advance(tx, by, &row, act, Note::act("").because(reason)).await?;
    let change = report::ActiveModel {
        id: Set(id),
        decided_by: Set(Some(by.person()?)),
        reason: Set(reason.to_owned()),
        version: Set(row.version + 1),
        ..Default::default()
    };
    report::Entity::update(change).exec(tx).await?;
    Ok((row, award))
}

/// An officer accepts a report; gates that waited for it open, and the final one begins the closing.
///
/// # Errors
/// [`Error::Forbidden`] for the grantee's people; a refusal by stage.
pub async fn accept(by: &As<Officer>, id: ReportId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, award) = decide(tx, by, id, "accept", "").await?;
        tell(tx, &award, id, "report-accepted", "").await?;
        counted(tx, by, &row).await
    })
    .await
}

async fn counted(tx: &Tx, by: &As<Officer>, row: &report::Model) -> Result<()> {
    if row.kind == ReportKind::Final {
        awards::service::begin_closing(tx, by, row.award_id).await?;
    }
    tranches::gates_changed(tx, by, row.award_id).await
}

/// An officer asks for changes.
///
/// # Errors
/// As [`accept`].
pub async fn request_changes(by: &As<Officer>, id: ReportId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (_, award) = decide(tx, by, id, "request-changes", reason).await?;
        tell(tx, &award, id, "report-changes", reason).await
    })
    .await
}

/// An officer waives a report with a reason; it counts as done.
///
/// # Errors
/// As [`accept`].
pub async fn waive(by: &As<Officer>, id: ReportId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, award) = decide(tx, by, id, "waive", reason).await?;
        tell(tx, &award, id, "report-waived", reason).await?;
        counted(tx, by, &row).await
    })
    .await
}

/// The group behind a host that reports, for pages.
///
/// # Errors
/// When the database cannot be read.
pub async fn applicant(db: &impl ConnectionTrait, award: &award::Model) -> Result<application::Model> {
    application::Entity::find_by_id(award.application_id).one(db).await?.ok_or(Error::NotFound)
}

/// What the clock brings: scheduled reports open on their day.
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
    Ok(())
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
