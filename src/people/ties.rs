//! Who counts as one person with whom: a deputy and the principal, from its first day on, for ever.

use crate::error::Result;
use chrono::NaiveDate;
use entities::kinds::{PersonId, RoleGrantStage};
use entities::role_grant;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Deputyships of one person looked at, both ways and over the years.
const TIES: u64 = 200;

/// Whether two people count as one: the same, or deputy and principal, now or at any time before.
///
/// # Errors
/// When the database cannot be read.
pub async fn one_person(db: &impl ConnectionTrait, one: PersonId, other: PersonId, today: NaiveDate) -> Result<bool> {
    one_of(db, one, &[Some(other)], today).await
}

/// Whether a person counts as one with any of several, asked at once; nobody is nobody.
///
/// A deputyship that is over counts too: what the deputy prepared while it lasted is still the principal's, and would
/// otherwise be theirs to approve a minute after it was taken away.
///
/// # Errors
/// When the database cannot be read.
pub async fn one_of(
    db: &impl ConnectionTrait,
    person: PersonId,
    others: &[Option<PersonId>],
    today: NaiveDate,
) -> Result<bool> {
    let others: Vec<PersonId> = others.iter().flatten().copied().collect();
    if others.is_empty() || others.contains(&person) {
        return Ok(!others.is_empty());
    }
    let deputy = Condition::all()
        .add(role_grant::Column::PersonId.eq(person))
        .add(role_grant::Column::PrincipalId.is_in(others.iter().copied()));
    let principal = Condition::all()
        .add(role_grant::Column::PrincipalId.eq(person))
        .add(role_grant::Column::PersonId.is_in(others));
    let tie = role_grant::Entity::find()
        .filter(role_grant::Column::Stage.is_in([RoleGrantStage::Effective, RoleGrantStage::Revoked]))
        .filter(role_grant::Column::EffectiveOn.lte(today))
        .filter(Condition::any().add(deputy).add(principal))
        .limit(1)
        .one(db)
        .await?;
    Ok(tie.is_some())
}

/// A person and everybody who counts as one with them; few, for a role is deputised by one at a time.
///
/// # Errors
/// When the database cannot be read.
pub async fn all_of(db: &impl ConnectionTrait, person: PersonId, today: NaiveDate) -> Result<Vec<PersonId>> {
    let either =
        Condition::any().add(role_grant::Column::PersonId.eq(person)).add(role_grant::Column::PrincipalId.eq(person));
    let ties = role_grant::Entity::find()
        .filter(role_grant::Column::PrincipalId.is_not_null())
        .filter(role_grant::Column::Stage.is_in([RoleGrantStage::Effective, RoleGrantStage::Revoked]))
        .filter(role_grant::Column::EffectiveOn.lte(today))
        .filter(either)
        .order_by_asc(role_grant::Column::Id)
        .limit(TIES)
        .all(db)
        .await?;
    let mut all = vec![person];
    for other in ties.iter().flat_map(|tie| [Some(tie.person_id), tie.principal_id]).flatten() {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    Ok(all)
}
