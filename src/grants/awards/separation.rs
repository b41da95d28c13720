//! Who may not act on an award: the grantee's people, its reviewers and evaluators, and whoever declared or was found in a conflict.

use crate::error::{Error, Result};
use crate::grants::reviews::conflicts;
use crate::people::members::belongs;
use crate::people::permission::Context;
use crate::people::roles::all_of;
use entities::kinds::{ApplicationId, AwardId, OrganisationId, PersonId, ReviewStage};
use entities::{application, award, conflict, evaluation, review};
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

/// Refuses the grantee's own people.
///
/// # Errors
/// [`Error::Forbidden`] for a member of the grantee, and for whom it employs.
pub async fn outsider(db: &impl ConnectionTrait, person: PersonId, award: &award::Model) -> Result<()> {
    if belongs(db, person, &grantees(db, award).await?).await? {
        return Err(Error::Forbidden("forbidden-award-own"));
    }
    Ok(())
}

/// Refuses whoever reviewed the bid, evaluated the award or stands in a conflict with it, they or whoever counts as one with
/// them, and the grantee's own people. What ties
/// somebody to the parties is asked as of today: a conflict is written down only for whom it was asked about before.
///
/// # Errors
/// [`Error::Forbidden`] naming which.
pub async fn untouched(db: &impl ConnectionTrait, by: &Context, award: &award::Model) -> Result<()> {
    let person = by.person()?;
    outsider(db, person, award).await?;
    let mine = all_of(db, person, by.edges.today()).await?;
    if reviewed(db, &mine, award.application_id).await? || evaluated(db, &mine, award.id).await? {
        return Err(Error::Forbidden("forbidden-award-reviewer"));
    }
    if conflicted(db, &mine, award.application_id).await? || tied(db, by, person, award).await? {
        return Err(Error::Forbidden("forbidden-award-conflict"));
    }
    Ok(())
}

/// Whether anything ties a person to the parties of an award today: donors, owners, applicants and whom they are related to.
///
/// # Errors
/// When the database cannot be read.
pub async fn tied(db: &impl ConnectionTrait, by: &Context, person: PersonId, award: &award::Model) -> Result<bool> {
    let row = application::Entity::find_by_id(award.application_id).one(db).await?.ok_or(Error::NotFound)?;
    Ok(!conflicts::derive(db, &row, person, by.edges.today()).await?.is_empty())
}

async fn reviewed(db: &impl ConnectionTrait, mine: &[PersonId], application: ApplicationId) -> Result<bool> {
    let row = review::Entity::find()
        .filter(review::Column::ApplicationId.eq(application))
        .filter(review::Column::ReviewerId.is_in(mine.iter().copied()))
        .filter(review::Column::Stage.is_not_in([ReviewStage::Invited, ReviewStage::Declined]))
        .limit(1)
        .one(db)
        .await?;
    Ok(row.is_some())
}

async fn evaluated(db: &impl ConnectionTrait, mine: &[PersonId], award: AwardId) -> Result<bool> {
    let row = evaluation::Entity::find()
        .filter(evaluation::Column::AwardId.eq(award))
        .filter(evaluation::Column::EvaluatorId.is_in(mine.iter().copied()))
        .limit(1)
        .one(db)
        .await?;
    Ok(row.is_some())
}

/// Whether a conflict of one of these people, who count as one, with the bid is on record.
///
/// # Errors
/// When the database cannot be read.
pub async fn conflicted(db: &impl ConnectionTrait, mine: &[PersonId], application: ApplicationId) -> Result<bool> {
    let row = conflict::Entity::find()
        .filter(conflict::Column::ApplicationId.eq(application))
        .filter(conflict::Column::PersonId.is_in(mine.iter().copied()))
        .limit(1)
        .one(db)
        .await?;
    Ok(row.is_some())
}
