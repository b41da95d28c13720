//! Holds on a fund: frozen by an administrator, or put by a supervisor and answered within five working days.

use super::load;
use crate::commons::{calendar, holds, letters};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As, RolePermission, Supervisor};
use entities::hold;
use entities::kinds::{FundId, HoldId, HoldKind, Role, Subject};
use sea_orm::EntityTrait;

/// A supervisor's hold is answered within so many working days.
const ANSWER_WITHIN: i64 = 5;

/// Freezes a fund: no money moves until two people lift it.
///
/// # Errors
/// [`Error::NotFound`]; a refusal without a reason.
pub async fn freeze(by: &As<Administrator>, id: FundId, reason: &str) -> Result<HoldId> {
    reasoned(reason)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let hold = holds::put(tx, by, HoldKind::Frozen, Subject::Fund, id.0, reason, None).await?;
        letters::to_organisation(tx, row.initiator_id, "fund-held", &letters::of_fund(&row), &super::page(id)).await?;
        Ok(hold)
    })
    .await
}

/// A supervisor's documented hold, to be answered within five working days.
///
/// # Errors
/// [`Error::NotFound`]; a refusal without a reason or when the calendar of the year is missing.
pub async fn supervise(by: &As<Supervisor>, id: FundId, reason: &str) -> Result<HoldId> {
    reasoned(reason)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let today = by.day_of(tx.now());
        let due = calendar::after(tx, today, ANSWER_WITHIN).await?;
        let hold = holds::put(tx, by, HoldKind::Supervisor, Subject::Fund, id.0, reason, Some(due)).await?;
        letters::to_role(tx, Role::Administrator, "fund-supervised", &letters::of_fund(&row), &super::page(id)).await?;
        Ok(hold)
    })
    .await
}

/// Answers a hold; it stands until it is lifted by two.
///
/// # Errors
/// [`Error::NotFound`] for a hold of something else or one that does not stand.
pub async fn answer(by: &As<Administrator>, id: FundId, hold: HoldId, words: &str) -> Result<()> {
    if words.trim().is_empty() {
        return Err(Error::field("answer", "refused-empty"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        of_fund(tx, id, hold).await?;
        holds::answer(tx, by, hold, words).await
    })
    .await
}

/// Takes one of the two steps that lift a hold. Answers whether it is lifted now.
///
/// # Errors
/// [`Error::NotFound`] for a hold of something else; forbidden for the same person twice, or without the supervisor whose
/// hold it is.
pub async fn unfreeze<R: RolePermission>(by: &As<R>, id: FundId, hold: HoldId) -> Result<bool> {
    if !matches!(R::ROLE, Role::Administrator | Role::Supervisor) {
        return Err(Error::Forbidden("forbidden-administrator"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        of_fund(tx, id, hold).await?;
        holds::lift(tx, by, hold).await
    })
    .await
}

async fn of_fund(tx: &Tx, id: FundId, hold: HoldId) -> Result<hold::Model> {
    hold::Entity::find_by_id(hold)
        .one(tx)
        .await?
        .filter(|row| row.subject == Subject::Fund && row.subject_id == id.0)
        .ok_or(Error::NotFound)
}

fn reasoned(reason: &str) -> Result<()> {
    if reason.trim().is_empty() { Err(Error::field("reason", "refused-empty")) } else { Ok(()) }
}
