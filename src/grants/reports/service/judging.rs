//! What an officer answers: accepted, changes asked for, waived with a reason.

use super::{load, tell};
use crate::commons::events::Note;
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::grants::awards::{self, separation};
use crate::grants::tranches::service as tranches;
use crate::people::permission::{As, Officer};
use crate::people::roles;
use entities::kinds::{ReportId, ReportKind};
use entities::{award, report};
use sea_orm::{ActiveValue::Set, EntityTrait};

async fn decide(
    tx: &Tx,
    by: &As<Officer>,
    id: ReportId,
    act: &'static str,
    reason: &str,
) -> Result<(report::Model, award::Model)> {
    let (row, award) = load(tx, id).await?;
    separation::outsider(tx, by.person()?, &award).await?;
    roles::apart(tx, by, &[row.drafted_by, row.submitted_by]).await?;
    by.saw(row.version)?;
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
    by.decide(|tx| async move {
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
    by.decide(|tx| async move {
        let tx = &tx;
        let (row, award) = decide(tx, by, id, "waive", reason).await?;
        tell(tx, &award, id, "report-waived", reason).await?;
        counted(tx, by, &row).await
    })
    .await
}
