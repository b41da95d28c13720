//! Who sits on a fund's committee, as what and until when. The role is given by two administrators and counts from the next day.

use crate::commons::events::{self, Note};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::funds;
use crate::people::permission::{Administrator, As, in_force};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{FundId, OrganisationId, PersonId, Role, RoleGrantId, RoleGrantStage, Scope, SeatPart, Subject};
use entities::{committee_seat, fund, joint_initiator, role_grant};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Somebody to be seated.
#[derive(Debug, Clone, Copy)]
pub struct Appointment {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub part: SeatPart,
    /// For which initiator of a joint fund.
    pub organisation: Option<OrganisationId>,
    /// Last day of the term.
    pub ends_on: NaiveDate,
}

/// A seat that is taken or proposed.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The role with its term.
    pub grant: role_grant::Model,
    /// As what.
    pub part: SeatPart,
    /// For which initiator.
    pub organisation: Option<OrganisationId>,
}

impl Seat {
    /// Whether whoever sits here votes on a day. A deputy counts as one person with the principal and has no vote besides.
    pub fn votes(&self, today: NaiveDate) -> bool {
        self.grant.role == Role::CommitteeMember && self.grant.principal_id.is_none() && in_force(&self.grant, today)
    }

    /// Whether whoever sits here watches on a day.
    pub fn watches(&self, today: NaiveDate) -> bool {
        self.grant.role == Role::Supervisor && in_force(&self.grant, today)
    }

    fn lives(&self, today: NaiveDate) -> bool {
        self.grant.ends_on.is_none_or(|day| day >= today)
    }
}

/// Proposes somebody for a seat; a second administrator confirms the role, and it counts from the next day.
///
/// # Errors
/// [`Error::NotFound`]; by the field: a second chair, no seat free, somebody who sits there already or counts as one with who
/// does, no initiator of the fund; what [`roles::propose`] refuses.
pub async fn appoint(by: &As<Administrator>, id: FundId, asked: Appointment) -> Result<RoleGrantId> {
    let asked = &asked;
    by.decide(|tx| async move {
        let tx = &tx;
        // The fund's row first: of two appointments at once the second sees the seat that the first took.
        let fund = fund::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?.ok_or(Error::NotFound)?;
        if funds::service::is_over(fund.stage) {
            return Err(Error::refused("refused-stage"));
        }
        if fund.committee_size == 0 {
            return Err(Error::refused("refused-committee-none"));
        }
        free(tx, by, &fund, asked).await?;
        speaks(tx, id, asked).await?;
        let role = if asked.part == SeatPart::Supervisor { Role::Supervisor } else { Role::CommitteeMember };
        let what = (asked.person, role, Scope::Fund, Some(id.0));
        let grant = roles::propose_in(tx, by, what, Some(asked.ends_on)).await?;
        let seat = committee_seat::ActiveModel {
            fund_id: Set(id),
            grant_id: Set(grant),
            part: Set(asked.part),
            organisation_id: Set(asked.organisation),
            ..Default::default()
        };
        committee_seat::Entity::insert(seat).exec_without_returning(tx).await?;
        events::record(tx, by, Subject::Fund, id.0, Note::act("appoint")).await?;
        Ok(grant)
    })
    .await
}

/// A seat is free, there is one chair, and nobody sits twice.
async fn free(tx: &Tx, by: &As<Administrator>, fund: &fund::Model, asked: &Appointment) -> Result<()> {
    let today = by.day_of(tx.now());
    let mut taken = all(tx, fund.id).await?;
    taken.retain(|seat| seat.lives(today));
    if asked.part == SeatPart::Chair && taken.iter().any(|seat| seat.part == SeatPart::Chair) {
        return Err(Error::field("part", "refused-seat-chair"));
    }
    let members = taken.iter().filter(|seat| seat.part != SeatPart::Supervisor).count();
    let full = usize::try_from(fund.committee_size).is_ok_and(|size| members >= size);
    if asked.part != SeatPart::Supervisor && full {
        return Err(Error::field("part", "refused-committee-full"));
    }
    let people: Vec<Option<PersonId>> = taken.iter().map(|seat| Some(seat.grant.person_id)).collect();
    if roles::one_of(tx, asked.person, &people, today).await? {
        return Err(Error::field("person", "refused-seat-held"));
    }
    Ok(())
}

/// In a joint fund a member votes for one of its initiators; elsewhere everybody votes for themselves.
async fn speaks(tx: &Tx, id: FundId, asked: &Appointment) -> Result<()> {
    let shares = shares(tx, id).await?;
    let well = match asked.organisation {
        None => shares.is_empty() || asked.part == SeatPart::Supervisor,
        Some(initiator) => {
            asked.part != SeatPart::Supervisor && shares.iter().any(|(organisation, _)| *organisation == initiator)
        }
    };
    if well { Ok(()) } else { Err(Error::field("organisation", "refused-seat-initiator")) }
}

/// The initiators of a joint fund with their shares; none for a fund of one.
///
/// # Errors
/// When the database cannot be read.
pub async fn shares(db: &impl ConnectionTrait, id: FundId) -> Result<Vec<(OrganisationId, i32)>> {
    let rows = joint_initiator::Entity::find()
        .filter(joint_initiator::Column::FundId.eq(id))
        .order_by_asc(joint_initiator::Column::OrganisationId)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.organisation_id, row.share_bps)).collect())
}

/// Every seat of a fund that is taken or proposed, in the order in which they were; terms that are over included.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(db: &impl ConnectionTrait, id: FundId) -> Result<Vec<Seat>> {
    let grants = role_grant::Entity::find()
        .filter(role_grant::Column::Scope.eq(Scope::Fund))
        .filter(role_grant::Column::ScopeId.eq(id.0))
        .filter(role_grant::Column::Role.is_in([Role::CommitteeMember, Role::Supervisor]))
        .filter(role_grant::Column::Stage.is_in([RoleGrantStage::Proposed, RoleGrantStage::Effective]))
        .order_by_asc(role_grant::Column::Id)
        .all(db)
        .await?;
    let seats = committee_seat::Entity::find().filter(committee_seat::Column::FundId.eq(id)).all(db).await?;
    let mut seats: BTreeMap<RoleGrantId, committee_seat::Model> =
        seats.into_iter().map(|seat| (seat.grant_id, seat)).collect();
    let seat = |grant: role_grant::Model| {
        let seat = seats.remove(&grant.id);
        // A role given on the page of roles has no seat written down: an ordinary member.
        let plain = if grant.role == Role::Supervisor { SeatPart::Supervisor } else { SeatPart::Member };
        Seat {
            part: seat.as_ref().map_or(plain, |seat| seat.part),
            organisation: seat.and_then(|seat| seat.organisation_id),
            grant,
        }
    };
    Ok(grants.into_iter().map(seat).collect())
}

/// Who watches a fund on a day: its own supervisors and the foundation's.
///
/// # Errors
/// When the database cannot be read.
pub async fn supervisors(db: &impl ConnectionTrait, seats: &[Seat], today: NaiveDate) -> Result<Vec<PersonId>> {
    let grants = role_grant::Entity::find()
        .filter(role_grant::Column::Scope.eq(Scope::Foundation))
        .filter(role_grant::Column::Role.eq(Role::Supervisor))
        .filter(role_grant::Column::Stage.eq(RoleGrantStage::Effective))
        .all(db)
        .await?;
    let house = grants.iter().filter(|grant| in_force(grant, today)).map(|grant| grant.person_id);
    Ok(seats.iter().filter(|seat| seat.watches(today)).map(|seat| seat.grant.person_id).chain(house).collect())
}
