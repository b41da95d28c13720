//! Recusal found by staff: the scores leave all totals, and what was decided on them is looked at again.

use super::panel::Reaches;
use super::rules::REVIEW;
use super::{conflicts, reading};
use crate::commons::events::Note;
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::decisions;
use crate::people::permission::{As, Permission};
use entities::kinds::{ApplicationId, CallId, ConflictGround, PersonId, ReviewId, ReviewStage};
use entities::{application, review, review_scratch};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::collections::BTreeSet;

/// Recuses a reviewer at any time. Where the ground holds for other applications of the call (a donor's or an owner's
/// employee), the reviews of those are removed too.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] for one's own review; a refusal when the review does not count any more.
pub async fn recuse_found<P: Reaches>(by: &As<P>, id: ReviewId, ground: ConflictGround, evidence: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = reading::load(tx, id).await?;
        P::reaches(by, row.call_id)?;
        if by.person()? == row.reviewer_id {
            return Err(Error::Forbidden("forbidden-review-own"));
        }
        let reviewer = row.reviewer_id;
        let touched = touched(tx, by, row, ground).await?;
        remove(tx, by, touched, ground, evidence).await?;
        letters::to_person(tx, reviewer, "review-removed", &[], "/reviews").await
    })
    .await
}

/// The review itself, and the reviewer's other reviews in the call to which the ground applies as well.
async fn touched<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: review::Model,
    ground: ConflictGround,
) -> Result<Vec<review::Model>> {
    let others = review::Entity::find()
        .filter(review::Column::CallId.eq(row.call_id))
        .filter(review::Column::ReviewerId.eq(row.reviewer_id))
        .filter(review::Column::Id.ne(row.id))
        .filter(review::Column::Stage.is_not_in([ReviewStage::Declined, ReviewStage::Recused]))
        .all(tx)
        .await?;
    if others.is_empty() {
        return Ok(vec![row]);
    }
    // A donor to the fund and an owner in the need stand behind every bid of the call.
    if matches!(ground, ConflictGround::Donor | ConflictGround::Owner) {
        return Ok([vec![row], others].concat());
    }
    let held = held(tx, by, &others, row.reviewer_id, row.call_id).await?;
    Ok(std::iter::once(row).chain(others.into_iter().filter(|other| held.contains(&other.application_id))).collect())
}

async fn held<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    reviews: &[review::Model],
    reviewer: PersonId,
    call: CallId,
) -> Result<BTreeSet<ApplicationId>> {
    let call = entities::call::Entity::find_by_id(call).one(tx).await?.ok_or(Error::NotFound)?;
    let applications = application::Entity::find()
        .filter(application::Column::Id.is_in(reviews.iter().map(|row| row.application_id)))
        .all(tx)
        .await?;
    let found = conflicts::derive_all(tx, &call, &applications, &[reviewer], by.day_of(tx.now())).await?;
    Ok(found.into_iter().filter(|(_, found)| !found.is_empty()).map(|((application, _), _)| application).collect())
}

/// Takes reviews out of all totals and tells the decisions room.
///
/// # Errors
/// A refusal when a review does not count any more.
pub(super) async fn remove<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    reviews: Vec<review::Model>,
    ground: ConflictGround,
    evidence: &str,
) -> Result<()> {
    let recorded_by = Some(by.person()?);
    let mut counted = Vec::new();
    let mut call = None;
    for row in &reviews {
        advance(tx, by, row, REVIEW_RECUSE, Note::act(REVIEW_RECUSE).because(ground.as_str())).await?;
        let change = review::ActiveModel {
            id: Set(row.id),
            reason: Set(ground.as_str().to_owned()),
            version: Set(row.version + 1),
            ..Default::default()
        };
        review::Entity::update(change).exec(tx).await?;
        // What they had typed goes with it.
        let typed = review_scratch::Entity::delete_many().filter(review_scratch::Column::ReviewId.eq(row.id));
        typed.exec(tx).await?;
        let found = [(ground, evidence.to_owned())];
        conflicts::record(tx, row.application_id, row.reviewer_id, &found, recorded_by).await?;
        if row.submitted_at.is_some() {
            counted.push(row.application_id);
        }
        call = Some(row.call_id);
    }
    match call {
        Some(call) if !counted.is_empty() => decisions::service::recused(tx, by, call, &counted, ground).await,
        _ => Ok(()),
    }
}

/// The act of the lifecycle.
const REVIEW_RECUSE: &str = "recuse";

/// Whether a review still counts or may come to count, so that it can be removed.
pub fn removable(stage: ReviewStage) -> bool {
    REVIEW.moves.iter().any(|row| row.from == stage && row.act == REVIEW_RECUSE)
}
