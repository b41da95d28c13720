//! Two-person acts: one proposes with everything fixed, a different person confirms. The database refuses one and the same.

use super::events::{self, Note};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Permission};
use crate::people::roles;
use entities::kinds::{ProposalId, ProposalKind, ProposalStage, Subject};
use entities::proposal;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Decided proposals shown beside what they were about.
const SHOWN: u64 = 5;

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

/// Confirms an open proposal and answers its payload. From a page, only the one that the page showed.
///
/// # Errors
/// [`Error::NotFound`] when none is open; [`Error::Stale`] when another one is; a refusal when the proposer confirms.
pub async fn confirm<P: Permission, T: DeserializeOwned>(
    tx: &Tx,
    by: &As<P>,
    kind: ProposalKind,
    subject: Subject,
    id: i64,
) -> Result<T> {
    let row = open(tx, kind, subject, id).await?.ok_or(Error::NotFound)?;
    roles::apart(tx, by, &[Some(row.proposed_by)]).await?;
    by.saw(row.id)?;
    let payload = serde_json::from_value(row.payload.clone())?;
    decide(tx, by, row, ProposalStage::Confirmed, "").await?;
    events::record(tx, by, subject, id, Note::act(format!("confirm-{kind}"))).await?;
    Ok(payload)
}

/// Declines an open proposal, or withdraws one's own. From a page, only the one that the page showed.
///
/// # Errors
/// [`Error::NotFound`] when none is open; [`Error::Stale`] when another one is.
pub async fn decline<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    kind: ProposalKind,
    subject: Subject,
    id: i64,
    reason: &str,
) -> Result<()> {
    let row = open(tx, kind, subject, id).await?.ok_or(Error::NotFound)?;
    by.saw(row.id)?;
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

/// What waits for a second person about one thing, of any kind.
///
/// # Errors
/// When the database cannot be read.
pub async fn all_open(db: &impl ConnectionTrait, subject: Subject, id: i64) -> Result<Vec<proposal::Model>> {
    Ok(proposal::Entity::find()
        .filter(proposal::Column::Subject.eq(subject))
        .filter(proposal::Column::SubjectId.eq(id))
        .filter(proposal::Column::Stage.eq(ProposalStage::Open))
        .all(db)
        .await?)
}

/// The newest confirmed proposals of some kinds for one thing, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn confirmed(
    db: &impl ConnectionTrait,
    kinds: &[ProposalKind],
    (subject, id): (Subject, i64),
) -> Result<Vec<proposal::Model>> {
    Ok(proposal::Entity::find()
        .filter(proposal::Column::Subject.eq(subject))
        .filter(proposal::Column::SubjectId.eq(id))
        .filter(proposal::Column::Kind.is_in(kinds.iter().copied()))
        .filter(proposal::Column::Stage.eq(ProposalStage::Confirmed))
        .order_by_desc(proposal::Column::Id)
        .limit(SHOWN)
        .all(db)
        .await?)
}

/// Decided once: of two who decide at the same moment, the second finds it decided.
async fn decide<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: proposal::Model,
    stage: ProposalStage,
    reason: &str,
) -> Result<()> {
    let done = proposal::Entity::update_many()
        .col_expr(proposal::Column::Stage, Expr::value(stage))
        .col_expr(proposal::Column::DecidedBy, Expr::value(by.person()?))
        .col_expr(proposal::Column::DecidedAt, Expr::value(tx.now()))
        .col_expr(proposal::Column::Reason, Expr::value(reason))
        .filter(proposal::Column::Id.eq(row.id))
        .filter(proposal::Column::Stage.eq(ProposalStage::Open))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
}
