//! Who may not act on an award: the grantee's people, its reviewers and evaluators, and whoever declared or was found in a conflict.

use crate::error::{Error, Result};
use entities::kinds::{ApplicationId, AwardId, MembershipStage, OrganisationId, PersonId, ReviewStage};
use entities::{application, award, conflict, evaluation, membership, review};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

/// The organisations an award is made to: the payee and, behind a host, the group that applied.
///
/// # Errors
/// When the database cannot be read.
pub async fn grantees(db: &impl ConnectionTrait, award: &award::Model) -> Result<Vec<OrganisationId>> {
    let row = application::Entity::find_by_id(award.application_id).one(db).await?.ok_or(Error::NotFound)?;
    let mut all = vec![award.organisation_id, row.organisation_id];
    all.extend(row.host_id);
    all.dedup();
    Ok(all)
}

/// Whether a person belongs to any of these organisations.
///
/// # Errors
/// When the database cannot be read.
pub async fn belongs(db: &impl ConnectionTrait, person: PersonId, to: &[OrganisationId]) -> Result<bool> {
    let row = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Column::Stage.eq(MembershipStage::Active))
        .filter(membership::Column::OrganisationId.is_in(to.iter().copied()))
        .limit(1)
        .one(db)
        .await?;
    Ok(row.is_some())
}

/// Refuses the grantee's own people.
///
/// # Errors
/// [`Error::Forbidden`] for a member of the grantee.
pub async fn outsider(db: &impl ConnectionTrait, person: PersonId, award: &award::Model) -> Result<()> {
    if belongs(db, person, &grantees(db, award).await?).await? {
        return Err(Error::Forbidden("forbidden-award-own"));
    }
    Ok(())
}

/// Refuses whoever reviewed the bid, evaluated the award, stands in a conflict with it, or belongs to the grantee.
///
/// # Errors
/// [`Error::Forbidden`] naming which.
pub async fn untouched(db: &impl ConnectionTrait, person: PersonId, award: &award::Model) -> Result<()> {
    outsider(db, person, award).await?;
    if reviewed(db, person, award.application_id).await? || evaluated(db, person, award.id).await? {
        return Err(Error::Forbidden("forbidden-award-reviewer"));
    }
    if conflicted(db, person, award.application_id).await? {
        return Err(Error::Forbidden("forbidden-award-conflict"));
    }
    Ok(())
}

async fn reviewed(db: &impl ConnectionTrait, person: PersonId, application: ApplicationId) -> Result<bool> {
    let row = review::Entity::find()
        .filter(review::Column::ApplicationId.eq(application))
        .filter(review::Column::ReviewerId.eq(person))
        .filter(review::Column::Stage.is_not_in([ReviewStage::Invited, ReviewStage::Declined]))
        .limit(1)
        .one(db)
        .await?;
    Ok(row.is_some())
}

async fn evaluated(db: &impl ConnectionTrait, person: PersonId, award: AwardId) -> Result<bool> {
    let row = evaluation::Entity::find()
        .filter(evaluation::Column::AwardId.eq(award))
        .filter(evaluation::Column::EvaluatorId.eq(person))
        .limit(1)
        .one(db)
        .await?;
    Ok(row.is_some())
}

/// Whether a conflict of this person with the bid is on record.
///
/// # Errors
/// When the database cannot be read.
pub async fn conflicted(db: &impl ConnectionTrait, person: PersonId, application: ApplicationId) -> Result<bool> {
    let row = conflict::Entity::find()
        .filter(conflict::Column::ApplicationId.eq(application))
        .filter(conflict::Column::PersonId.eq(person))
        .limit(1)
        .one(db)
        .await?;
    Ok(row.is_some())
}
