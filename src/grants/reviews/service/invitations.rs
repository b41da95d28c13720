//! Who judges what: asked by an officer unless a conflict stands in the way, accepted, declined, left.

use super::{AssignedReviewer, judged, load, may_review};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::applications;
use crate::grants::reviews::rules::refusal;
use crate::grants::reviews::{conflicts, panel, recusals};
use crate::people::permission::{As, Context, Officer};
use entities::kinds::{ApplicationId, ApplicationStage, ConflictGround, PersonId, ReviewId, ReviewStage, Subject};
use entities::{application, call, review};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

/// Asks a reviewer to judge an application. A conflict is written down and refused with its ground.
///
/// # Errors
/// [`Error::NotFound`]; refusals for the stage, the role, a conflict, or a second assignment.
pub async fn assign(by: &As<Officer>, id: ApplicationId, reviewer: PersonId) -> Result<ReviewId> {
    let (made, ground) = by
        .write(|tx| async move {
            let tx = &tx;
            let (row, call) = judged(tx, id).await?;
            if by.person()? == reviewer {
                return Err(Error::field("reviewer", "refused-review-own-assignment"));
            }
            if !may_review(tx, reviewer, call.id, by.day_of(tx.now())).await? {
                return Err(Error::field("reviewer", "refused-review-not-reviewer"));
            }
            let today = by.day_of(tx.now());
            if panel::chairs_of(tx, call.id, today).await?.contains(&Some(reviewer)) {
                return Err(Error::field("reviewer", "refused-review-chair"));
            }
            if let Some(ground) = conflict(tx, by, &row, reviewer).await? {
                return Ok((None, Some(ground.as_str().to_owned())));
            }
            let review = invite(tx, by, &row, reviewer).await?;
            letters::to_person(tx, reviewer, "review-invited", &[], &format!("/reviews/{review}")).await?;
            Ok((Some(review), None))
        })
        .await?;
    match (made, ground.as_deref().and_then(ConflictGround::parse)) {
        (Some(review), _) => Ok(review),
        (None, Some(ground)) => Err(Error::field("reviewer", refusal(ground))),
        (None, None) => Err(Error::NotFound),
    }
}

/// The first ground against a reviewer, derived ones written down.
async fn conflict(
    tx: &Tx,
    by: &As<Officer>,
    row: &application::Model,
    reviewer: PersonId,
) -> Result<Option<ConflictGround>> {
    let found = conflicts::derive(tx, row, reviewer, by.day_of(tx.now())).await?;
    conflicts::record(tx, row.id, reviewer, &found, None).await?;
    let known = conflicts::recorded(tx, &[row.id], &[reviewer]).await?;
    // What was declared stays; what was derived counts only while it still follows from the register.
    let declared = known.iter().find(|row| row.recorded_by.is_some()).map(|row| row.ground);
    Ok(found.first().map(|(ground, _)| *ground).or(declared))
}

pub(super) async fn invite(
    tx: &Tx,
    by: &As<Officer>,
    row: &application::Model,
    reviewer: PersonId,
) -> Result<ReviewId> {
    let before = review::Entity::find()
        .filter(review::Column::ApplicationId.eq(row.id))
        .filter(review::Column::ReviewerId.eq(reviewer))
        .one(tx)
        .await?;
    if let Some(before) = before {
        if before.stage != ReviewStage::Declined {
            return Err(Error::field("reviewer", "refused-review-assigned"));
        }
        advance(tx, by, &before, "invite", Note::act("invite")).await?;
        let change = review::ActiveModel {
            id: Set(before.id),
            assigned_by: Set(by.person()?),
            assigned_at: Set(tx.now()),
            reason: Set(String::new()),
            ..Default::default()
        };
        review::Entity::update(change).exec(tx).await?;
        return Ok(before.id);
    }
    let made = review::ActiveModel {
        application_id: Set(row.id),
        call_id: Set(row.call_id),
        reviewer_id: Set(reviewer),
        stage: Set(ReviewStage::Invited),
        assigned_by: Set(by.person()?),
        assigned_at: Set(tx.now()),
        comment: Set(String::new()),
        total: Set(None),
        submitted_at: Set(None),
        reason: Set(String::new()),
        version: Set(1),
        ..Default::default()
    };
    let made = review::Entity::insert(made).exec_with_returning(tx).await?;
    events::record(tx, by, Subject::Review, made.id.0, Note::act("assign")).await?;
    Ok(made.id)
}

/// Takes an invitation back before it was accepted.
///
/// # Errors
/// [`Error::NotFound`]; a refusal once it was answered.
pub async fn unassign(by: &As<Officer>, id: ReviewId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        advance(tx, by, &row, "unassign", Note::act("unassign")).await?;
        letters::to_person(tx, row.reviewer_id, "review-unassigned", &[], "/reviews").await
    })
    .await
}

/// Accepts with the declaration that no interest stands in the way. The last acceptance an application needs starts its
/// review.
///
/// # Errors
/// Refusals: not declared, a conflict found meanwhile, answered before.
pub async fn accept(by: &As<AssignedReviewer>, declared_no_interest: bool) -> Result<()> {
    if !declared_no_interest {
        return Err(Error::field("no_interest", "refused-review-declaration"));
    }
    let id = by.permission().review().id;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let (application, call) = judged(tx, row.application_id).await?;
        let found = conflicts::derive(tx, &application, row.reviewer_id, by.day_of(tx.now())).await?;
        if let Some((ground, _)) = found.first() {
            return Err(Error::refused(refusal(*ground)));
        }
        advance(tx, by, &row, "accept", Note::act("accept")).await?;
        start_when_enough(tx, by, &application, &call).await
    })
    .await
}

async fn start_when_enough(
    tx: &Tx,
    by: &As<AssignedReviewer>,
    application: &application::Model,
    call: &call::Model,
) -> Result<()> {
    let accepted = review::Entity::find()
        .filter(review::Column::ApplicationId.eq(application.id))
        .filter(review::Column::Stage.is_in([
            ReviewStage::Accepted,
            ReviewStage::InProgress,
            ReviewStage::Submitted,
            ReviewStage::Reopened,
        ]))
        .count(tx)
        .await?;
    let required = u64::try_from(call.reviews_required).unwrap_or(0);
    if application.stage == ApplicationStage::Eligible && accepted >= required {
        let system = Context::system(by.edges.clone());
        applications::service::moved(tx, &system, application.id, "review", "").await?;
    }
    Ok(())
}

/// Declines an invitation.
///
/// # Errors
/// A refusal once it was answered.
pub async fn decline(by: &As<AssignedReviewer>, reason: &str) -> Result<()> {
    let id = by.permission().review().id;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        advance(tx, by, &row, "decline", Note::act("decline")).await?;
        let change = review::ActiveModel { id: Set(id), reason: Set(reason.to_owned()), ..Default::default() };
        review::Entity::update(change).exec(tx).await?;
        let link = format!("/calls/{}/reviews", row.call_id);
        letters::to_person(tx, row.assigned_by, "review-declined", &[], &link).await
    })
    .await
}

/// Recuses oneself, at any time.
///
/// # Errors
/// A refusal when the review is over already.
pub async fn recuse(by: &As<AssignedReviewer>, evidence: &str) -> Result<()> {
    let id = by.permission().review().id;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        recusals::remove(tx, by, vec![row.clone()], ConflictGround::Declared, evidence).await?;
        let link = format!("/calls/{}/reviews", row.call_id);
        letters::to_person(tx, row.assigned_by, "review-recused", &[], &link).await
    })
    .await
}
