//! Conflicts of interest: derived from employers, memberships, owners, donors and relations in force; or declared.

use super::rules::Ties;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::gifts;
use chrono::NaiveDate;
use entities::kinds::{
    ApplicationId, ApplicationStage, ConflictGround, MembershipStage, OrganisationId, PersonId, SideRole, SideStage,
};
use entities::{
    application, application_side, call, conflict, gift, membership, need_consent, organisation, organisation_relation,
    person,
};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Why somebody may not judge an application, with where it shows; the evidence is for staff only.
pub type Found = (ConflictGround, String);

/// What ties one person to some applications of one call on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn derive_all(
    db: &impl ConnectionTrait,
    call: &call::Model,
    applications: &[application::Model],
    people: &[PersonId],
    on: NaiveDate,
) -> Result<BTreeMap<(ApplicationId, PersonId), Vec<Found>>> {
    let ties = ties(db, call, applications, on).await?;
    let people = person::Entity::find().filter(person::Column::Id.is_in(people.iter().copied())).all(db).await?;
    let memberships = membership::Entity::find()
        .filter(membership::Column::PersonId.is_in(people.iter().map(|row| row.id)))
        .filter(membership::Column::Stage.eq(MembershipStage::Active))
        .all(db)
        .await?;
    let givers: BTreeSet<PersonId> = gift::Entity::find()
        .select_only()
        .column(gift::Column::DonorPersonId)
        .filter(gift::Column::FundId.eq(call.fund_id))
        .filter(gift::Column::DonorPersonId.is_in(people.iter().map(|row| row.id)))
        .into_tuple::<Option<PersonId>>()
        .all(db)
        .await?
        .into_iter()
        .flatten()
        .collect();
    let partners = partners(db, applications).await?;
    let mut grounds = BTreeMap::new();
    for row in applications {
        for person in &people {
            let member_of: Vec<OrganisationId> =
                memberships.iter().filter(|m| m.person_id == person.id).map(|m| m.organisation_id).collect();
            let gave = givers.contains(&person.id);
            let mut found = ties.grounds(row.organisation_id, row.host_id, person.employer_id, &member_of, gave);
            // Who is tied to a partner is tied to the bid.
            for (_, partner) in partners.iter().filter(|(of, _)| *of == row.id) {
                let more = ties.grounds(*partner, None, person.employer_id, &member_of, gave);
                let new = more.into_iter().filter(|(ground, _)| !found.iter().any(|(known, _)| known == ground));
                let new: Vec<_> = new.collect();
                found.extend(new);
            }
            grounds.insert((row.id, person.id), found);
        }
    }
    let names = names(db, grounds.values().flatten().filter_map(|(_, organisation)| *organisation)).await?;
    // A donor may have asked not to be named, so no name is kept beside that ground.
    let told = |(ground, from): (ConflictGround, Option<OrganisationId>)| {
        let from = from.filter(|_| ground != ConflictGround::Donor);
        (ground, from.and_then(|id| names.get(&id).cloned()).unwrap_or_default())
    };
    Ok(grounds.into_iter().map(|(key, found)| (key, found.into_iter().map(told).collect())).collect())
}

/// The organisations with a part in some applications, beside the applicant.
async fn partners(
    db: &impl ConnectionTrait,
    applications: &[application::Model],
) -> Result<Vec<(ApplicationId, OrganisationId)>> {
    Ok(application_side::Entity::find()
        .select_only()
        .column(application_side::Column::ApplicationId)
        .column(application_side::Column::OrganisationId)
        .filter(application_side::Column::ApplicationId.is_in(applications.iter().map(|row| row.id)))
        .filter(application_side::Column::Role.eq(SideRole::Partner))
        .filter(application_side::Column::Stage.is_in([SideStage::Asked, SideStage::Accepted]))
        .into_tuple()
        .all(db)
        .await?)
}

/// What ties one person to one application on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn derive(
    db: &impl ConnectionTrait,
    row: &application::Model,
    person: PersonId,
    on: NaiveDate,
) -> Result<Vec<Found>> {
    let call = call::Entity::find_by_id(row.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let mut found = derive_all(db, &call, std::slice::from_ref(row), &[person], on).await?;
    Ok(found.remove(&(row.id, person)).unwrap_or_default())
}

/// Everything a call's conflicts follow from.
///
/// # Errors
/// When the database cannot be read.
pub async fn ties(
    db: &impl ConnectionTrait,
    call: &call::Model,
    applications: &[application::Model],
    on: NaiveDate,
) -> Result<Ties> {
    let mut concerned: Vec<OrganisationId> =
        applications.iter().flat_map(|row| [Some(row.organisation_id), row.host_id]).flatten().collect();
    concerned.extend(partners(db, applications).await?.into_iter().map(|(_, partner)| partner));
    let owners = need_consent::Entity::find()
        .filter(need_consent::Column::NeedId.eq(call.need_id))
        .filter(need_consent::Column::OrganisationId.is_not_null())
        .all(db)
        .await?;
    let applicants: Vec<OrganisationId> = application::Entity::find()
        .select_only()
        .column(application::Column::OrganisationId)
        .filter(application::Column::CallId.eq(call.id))
        .filter(application::Column::Stage.is_not_in([
            ApplicationStage::Draft,
            ApplicationStage::AwaitingSignOff,
            ApplicationStage::Withdrawn,
            ApplicationStage::Lapsed,
        ]))
        .into_tuple()
        .all(db)
        .await?;
    Ok(Ties {
        donors: gifts::service::donors_of(db, call.fund_id).await?.into_iter().collect(),
        owners: owners.into_iter().filter_map(|row| row.organisation_id).collect(),
        applicants: applicants.into_iter().collect(),
        relations: relations(db, &concerned, on).await?,
    })
}

/// Ownership and relations in force of some organisations, in both directions.
///
/// # Errors
/// When the database cannot be read.
pub async fn relations(
    db: &impl ConnectionTrait,
    of: &[OrganisationId],
    on: NaiveDate,
) -> Result<Vec<(OrganisationId, OrganisationId)>> {
    let rows = organisation_relation::Entity::find()
        .filter(
            Condition::any()
                .add(organisation_relation::Column::OrganisationId.is_in(of.iter().copied()))
                .add(organisation_relation::Column::RelatedId.is_in(of.iter().copied())),
        )
        .filter(organisation_relation::Column::ValidFrom.lte(on))
        .filter(
            Condition::any()
                .add(organisation_relation::Column::ValidUntil.is_null())
                .add(organisation_relation::Column::ValidUntil.gte(on)),
        )
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.organisation_id, row.related_id)).collect())
}

/// Records why somebody may not judge an application; once a ground.
///
/// # Errors
/// When the rows cannot be written.
pub async fn record(
    tx: &Tx,
    of: ApplicationId,
    who: PersonId,
    found: &[Found],
    recorded_by: Option<PersonId>,
) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let rows = found.iter().map(|(ground, evidence)| conflict::ActiveModel {
        application_id: Set(of),
        person_id: Set(who),
        ground: Set(*ground),
        evidence: Set(evidence.clone()),
        recorded_by: Set(recorded_by),
        recorded_at: Set(tx.now()),
        ..Default::default()
    });
    conflict::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([
                conflict::Column::ApplicationId,
                conflict::Column::PersonId,
                conflict::Column::Ground,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Conflicts written down for some applications.
///
/// # Errors
/// When the database cannot be read.
pub async fn recorded(
    db: &impl ConnectionTrait,
    applications: &[ApplicationId],
    who: &[PersonId],
) -> Result<Vec<conflict::Model>> {
    Ok(conflict::Entity::find()
        .filter(conflict::Column::ApplicationId.is_in(applications.iter().copied()))
        .filter(conflict::Column::PersonId.is_in(who.iter().copied()))
        .all(db)
        .await?)
}

async fn names(
    db: &impl ConnectionTrait,
    ids: impl Iterator<Item = OrganisationId>,
) -> Result<BTreeMap<OrganisationId, String>> {
    let rows = organisation::Entity::find().filter(organisation::Column::Id.is_in(ids)).all(db).await?;
    let name = |row: &organisation::Model| if row.name_zh.is_empty() { &row.name_en } else { &row.name_zh }.clone();
    Ok(rows.iter().map(|row| (row.id, name(row))).collect())
}
