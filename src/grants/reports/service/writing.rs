//! What the grantee tells: saved by the editor, handed over, signed off by the signatory.

use super::{asking, count, heads, indicators, own, tell};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::commons::texts::all_well;
use crate::core::answers::Answers;
use crate::core::personal::names_somebody;
use crate::core::plan::SpendingLine;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Editor, Signatory};
use chrono::NaiveDate;
use entities::kinds::{ReportId, ReportKind, ReportStage, Role, Subject};
use entities::{award, report};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the grantee tells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// Answers to the questions of its form.
    pub answers: Answers,
}

/// Saves what was written; the first words begin the report.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; [`Error::Stale`] when somebody saved meanwhile; by the field what is unknown.
pub async fn save(by: &As<Editor>, id: ReportId, version: i32, told: &Saved) -> Result<()> {
    // It is read by everybody once it is accepted: people are counted, never named by a number.
    if names_somebody(&told.narrative) {
        return Err(Error::field("narrative", "refused-personal-number"));
    }
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
        let form = asking::of_report(tx, &award).await?;
        all_well(asking::unknown(form.as_ref(), &told.answers, by.day_of(tx.now())))?;
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
            answers: Set(serde_json::to_value(&told.answers)?),
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
        answered(tx, &row, &award, by.day_of(tx.now())).await?;
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

/// Every question of the form is answered as it asks.
async fn answered(tx: &Tx, row: &report::Model, award: &award::Model, today: NaiveDate) -> Result<()> {
    let form = asking::of_report(tx, award).await?;
    all_well(asking::lacking(form.as_ref(), &asking::answers(&row.answers), today))
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
        answered(tx, &row, &award, by.day_of(tx.now())).await?;
        // What is signed is what was read, not what an editor wrote meanwhile.
        by.saw(row.version)?;
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
