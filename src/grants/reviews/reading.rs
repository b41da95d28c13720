//! What is read of reviews and their scores.

use crate::error::{Error, Result};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{ApplicationId, CallId, PersonId, ReviewId, ReviewStage};
use entities::{call, review, review_score};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// A review by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: ReviewId) -> Result<review::Model> {
    review::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// What was written on the criteria of a review.
///
/// # Errors
/// When the database cannot be read.
pub async fn scores_of(db: &impl ConnectionTrait, id: ReviewId) -> Result<Vec<review_score::Model>> {
    Ok(review_score::Entity::find().filter(review_score::Column::ReviewId.eq(id)).all(db).await?)
}

/// Totals of the others on the same application, hidden until one's own is in; never with a name.
///
/// # Errors
/// When the database cannot be read.
pub async fn peers(db: &impl ConnectionTrait, own: &review::Model) -> Result<Vec<i32>> {
    if own.stage != ReviewStage::Submitted {
        return Ok(Vec::new());
    }
    let rows = review::Entity::find()
        .filter(review::Column::ApplicationId.eq(own.application_id))
        .filter(review::Column::Id.ne(own.id))
        .filter(review::Column::Stage.eq(ReviewStage::Submitted))
        .all(db)
        .await?;
    let mut totals: Vec<i32> = rows.into_iter().filter_map(|row| row.total).collect();
    totals.sort_unstable();
    Ok(totals)
}

/// Reviews of a call by application, for the assignment table.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_call(db: &impl ConnectionTrait, call: CallId) -> Result<BTreeMap<ApplicationId, Vec<review::Model>>> {
    let rows =
        review::Entity::find().filter(review::Column::CallId.eq(call)).order_by_asc(review::Column::Id).all(db).await?;
    let mut by_application: BTreeMap<ApplicationId, Vec<review::Model>> = BTreeMap::new();
    for row in rows {
        by_application.entry(row.application_id).or_default().push(row);
    }
    Ok(by_application)
}

/// Whether somebody took part in judging a call's applications, or counts as one with who did: no longer a stranger to them.
///
/// # Errors
/// When the database cannot be read.
pub async fn took_part(db: &impl ConnectionTrait, call: CallId, person: PersonId, today: NaiveDate) -> Result<bool> {
    let judges: Vec<Option<PersonId>> = review::Entity::find()
        .select_only()
        .column(review::Column::ReviewerId)
        .distinct()
        .filter(review::Column::CallId.eq(call))
        .filter(review::Column::Stage.is_not_in([ReviewStage::Invited, ReviewStage::Declined]))
        .into_tuple()
        .all(db)
        .await?;
    roles::one_of(db, person, &judges, today).await
}

/// The calls in which somebody has a review that is neither in, declined nor left: what others wrote would colour it.
///
/// # Errors
/// When the database cannot be read.
pub async fn still_judging(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<CallId>> {
    let open = [ReviewStage::Invited, ReviewStage::Accepted, ReviewStage::InProgress, ReviewStage::Reopened];
    Ok(review::Entity::find()
        .select_only()
        .column(review::Column::CallId)
        .distinct()
        .filter(review::Column::ReviewerId.eq(person))
        .filter(review::Column::Stage.is_in(open))
        .into_tuple()
        .all(db)
        .await?)
}

/// The call of a review.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn call_of(db: &impl ConnectionTrait, id: CallId) -> Result<call::Model> {
    call::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}
