//! What can be done with reviews: assign, accept, decline, score, submit, reopen.

pub mod invitations;
pub mod notes;
pub mod pitches;
pub mod plans;
pub mod scoring;
pub mod typing;

pub use super::panel::chairs;
pub use super::reading::{call_of, load, of_call, peers, scores_of, took_part};
pub use invitations::{accept, assign, decline, recuse, unassign};
pub use scoring::{Scored, reopen, save, save_and_submit, submit};

use crate::core::lifecycle::Part;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::applications::appeals;
use crate::grants::applications::rules::WAITING;
use crate::people::permission::{As, Context, Permission, in_force};
use entities::kinds::{
    ApplicationId, BatchStage, CallId, CallStage, PersonId, ReviewId, ReviewStage, Role, RoleGrantStage, Scope,
};
use entities::{application, call, decision_batch, review, role_grant};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The reviewer to whom an application was assigned.
#[derive(Debug, Clone)]
pub struct AssignedReviewer {
    review: review::Model,
}

impl AssignedReviewer {
    /// The assignment.
    pub fn review(&self) -> &review::Model {
        &self.review
    }
}

impl Permission for AssignedReviewer {
    const PART: Part = Part::Reviewer;
    async fn still_holds(&self, tx: &Tx, context: &Context) -> Result<()> {
        let row = load(tx, self.review.id).await?;
        if Some(row.reviewer_id) != context.actor.person {
            return Err(Error::NotFound);
        }
        let today = context.day_of(tx.now());
        if may_review(tx, row.reviewer_id, row.call_id, today).await? {
            Ok(())
        } else {
            Err(Error::Forbidden("forbidden-reviewer"))
        }
    }
}

/// One's own assignment, while one is a reviewer; somebody else's is not there.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load_mine(context: &Context, id: ReviewId) -> Result<As<AssignedReviewer>> {
    let review = load(context.edges.db.read(), id).await?;
    if Some(review.reviewer_id) != context.actor.person {
        return Err(Error::NotFound);
    }
    // Whose role was taken reads no more bids, not even the one they had begun.
    if !may_review(context.edges.db.read(), review.reviewer_id, review.call_id, context.edges.today()).await? {
        return Err(Error::NotFound);
    }
    Ok(context.anyone().with(AssignedReviewer { review }))
}

/// Refuses once the call's batch is submitted. An application that came back after its batch was decided is open again.
async fn unlocked(tx: &Tx, row: &review::Model) -> Result<()> {
    let locked = decision_batch::Entity::find()
        .filter(decision_batch::Column::CallId.eq(row.call_id))
        .order_by_desc(decision_batch::Column::Id)
        .one(tx)
        .await?;
    match locked.map(|batch| batch.stage) {
        None | Some(BatchStage::Draft) => Ok(()),
        Some(BatchStage::Approved | BatchStage::Decided)
            if !appeals::reinstated(tx, &[row.application_id]).await?.is_empty() =>
        {
            Ok(())
        }
        Some(_) => Err(Error::refused("refused-review-locked")),
    }
}

/// An application that may be judged, with its call; in a decided call only one that an appeal brought back. Its row is taken, so
/// that of two acceptances at once the second sees the first.
async fn judged(tx: &Tx, id: ApplicationId) -> Result<(application::Model, call::Model)> {
    let taken = application::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?;
    let row = taken.ok_or(Error::NotFound)?;
    let call = call_of(tx, row.call_id).await?;
    let open = match call.stage {
        CallStage::Closed | CallStage::InReview => true,
        CallStage::Decided => !appeals::reinstated(tx, &[id]).await?.is_empty(),
        _ => false,
    };
    if open && WAITING.contains(&row.stage) { Ok((row, call)) } else { Err(Error::refused("refused-review-not-open")) }
}

/// Whether somebody is a reviewer of the foundation or of this call today.
async fn may_review(
    db: &impl ConnectionTrait,
    person: PersonId,
    call: CallId,
    today: chrono::NaiveDate,
) -> Result<bool> {
    Ok(reviewers(db, call, today).await?.contains(&person))
}

/// Who may be asked to review for a call today.
///
/// # Errors
/// When the database cannot be read.
pub async fn reviewers(
    db: &impl ConnectionTrait,
    call: CallId,
    today: chrono::NaiveDate,
) -> Result<BTreeSet<PersonId>> {
    let grants = role_grant::Entity::find()
        .filter(role_grant::Column::Role.eq(Role::Reviewer))
        .filter(role_grant::Column::Stage.eq(RoleGrantStage::Effective))
        .all(db)
        .await?;
    let here = |grant: &role_grant::Model| {
        grant.scope == Scope::Foundation || (grant.scope == Scope::Call && grant.scope_id == Some(call.0))
    };
    Ok(grants.iter().filter(|grant| here(grant) && in_force(grant, today)).map(|grant| grant.person_id).collect())
}

/// Who judges in a call: everybody whose review stands.
async fn panel_people(tx: &Tx, call: CallId) -> Result<Vec<PersonId>> {
    let rows = review::Entity::find()
        .filter(review::Column::CallId.eq(call))
        .filter(review::Column::Stage.is_not_in([ReviewStage::Declined, ReviewStage::Recused]))
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.reviewer_id).collect())
}

/// What the clock brings: reviews have no deadline of their own; what was typed and never saved is forgotten.
///
/// # Errors
/// When the database refuses.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    typing::tick(edges).await
}
