//! Two-person acts: one proposes with everything fixed, a different person confirms. The database refuses one and the same.

use super::events::{self, Note};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Permission};
use crate::people::roles;
use entities::kinds::{ProposalId, ProposalKind, ProposalStage, Subject};
use entities::proposal;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Proposes an act. One open proposal of a kind per thing.
///
/// # Errors
/// When one is open already.
pub async fn propose<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    kind: ProposalKind,
    subject: Subject,
    id: i64,
    payload: &impl Serialize,
) -> Result<ProposalId> {
    if open(tx, kind, subject, id).await?.is_some() {
        return Err(Error::refused("refused-already-proposed"));
    }
    let row = proposal::ActiveModel {
        kind: Set(kind),
        subject: Set(subject),
        subject_id: Set(id),
        payload: Set(serde_json::to_value(payload)?),
        proposed_by: Set(by.person()?),
        proposed_at: Set(tx.now()),
        stage: Set(ProposalStage::Open),
        reason: Set(String::new()),
        ..Default::default()
    };
    let row = proposal::Entity::insert(row).exec_with_returning(tx).await?;
    events::record(tx, by, subject, id, Note::act(format!("propose-{kind}"))).await?;
    Ok(row.id)
}

/// Confirms an open proposal and answers its payload.
///
/// # Errors
/// [`Error::NotFound`] when none is open; a refusal when the proposer confirms.
pub async fn confirm<P: Permission, T: DeserializeOwned>(
    tx: &Tx,
    by: &As<P>,
    kind: ProposalKind,
    subject: Subject,
    id: i64,
) -> Result<T> {
    let row = open(tx, kind, subject, id).await?.ok_or(Error::NotFound)?;
    roles::apart(tx, by, &[Some(row.proposed_by)]).await?;
    let payload = serde_json::from_value(row.payload.clone())?;
    decide(tx, by, row, ProposalStage::Confirmed, "").await?;
    events::record(tx, by, subject, id, Note::act(format!("confirm-{kind}"))).await?;
    Ok(payload)
}

/// Declines an open proposal, or withdraws one's own.
///
/// # Errors
/// [`Error::NotFound`] when none is open.
pub async fn decline<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    kind: ProposalKind,
    subject: Subject,
    id: i64,
    reason: &str,
) -> Result<()> {
    let row = open(tx, kind, subject, id).await?.ok_or(Error::NotFound)?;
    let own = row.proposed_by == by.person()?;
    let stage = if own { ProposalStage::Withdrawn } else { ProposalStage::Declined };
    decide(tx, by, row, stage, reason).await?;
    events::record(tx, by, subject, id, Note::act(format!("decline-{kind}")).because(reason)).await
}

/// The open proposal of a kind for a thing.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(
    db: &impl ConnectionTrait,
    kind: ProposalKind,
    subject: Subject,
    id: i64,
) -> Result<Option<proposal::Model>> {
    Ok(proposal::Entity::find()
        .filter(proposal::Column::Kind.eq(kind))
        .filter(proposal::Column::Subject.eq(subject))
        .filter(proposal::Column::SubjectId.eq(id))
        .filter(proposal::Column::Stage.eq(ProposalStage::Open))
        .one(db)
        .await?)
}

async fn decide<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: proposal::Model,
    stage: ProposalStage,
    reason: &str,
) -> Result<()> {
    let mut row = row.into_active_model();
    row.stage = Set(stage);
    row.decided_by = Set(Some(by.person()?));
    row.decided_at = Set(Some(tx.now()));
    row.reason = Set(reason.to_owned());
    proposal::Entity::update(row).exec(tx).await?;
    Ok(())
}
