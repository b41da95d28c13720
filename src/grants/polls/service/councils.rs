//! Who sits in the council of a community. The role is given as every role is; the seat says for which community.

use crate::commons::events::{self, Note};
use crate::error::{Error, Result, Violation};
use crate::grants::polls::rules::SEATS_MOST;
use crate::people::permission::{As, Officer, in_force};
use chrono::NaiveDate;
use entities::kinds::{CouncilSeatId, PersonId, Role, RoleGrantStage, Subject};
use entities::{council_seat, role_grant};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

/// Seats somebody who holds the role of a council member.
///
/// # Errors
/// By the field: no community, no such role, seated there already, too many.
pub async fn seat(by: &As<Officer>, person: PersonId, community: &str) -> Result<CouncilSeatId> {
    let community = community.trim();
    if community.is_empty() {
        return Err(Error::field("community", "refused-empty"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let grant = grants(tx, by.day_of(tx.now())).await?.into_iter().find(|grant| grant.person_id == person);
        let grant = grant.ok_or_else(|| Error::field("person", "refused-council-role"))?;
        let here = seats(tx, community).await?;
        if here.iter().any(|row| row.person_id == person) {
            return Err(Error::field("person", "refused-council-seated"));
        }
        if here.len() >= SEATS_MOST {
            return Err(Violation::whole("refused-council-full").with("most", SEATS_MOST).into());
        }
        let row = council_seat::ActiveModel {
            grant_id: Set(grant.id),
            person_id: Set(person),
            community: Set(community.to_owned()),
            seated_by: Set(by.person()?),
            seated_at: Set(tx.now()),
            ..Default::default()
        };
        let id = council_seat::Entity::insert(row).exec_with_returning(tx).await?.id;
        events::record(tx, by, Subject::CouncilSeat, id.0, Note::act("seat")).await?;
        Ok(id)
    })
    .await
}

/// Takes a seat back. Polls that are open keep their roll.
///
/// # Errors
/// [`Error::NotFound`] for a seat that is not taken any more.
pub async fn leave(by: &As<Officer>, id: CouncilSeatId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let set = council_seat::Entity::update_many()
            .set(council_seat::ActiveModel { left_at: Set(Some(tx.now())), ..Default::default() })
            .filter(council_seat::Column::Id.eq(id))
            .filter(council_seat::Column::LeftAt.is_null())
            .exec(tx)
            .await?;
        if set.rows_affected == 0 {
            return Err(Error::NotFound);
        }
        events::record(tx, by, Subject::CouncilSeat, id.0, Note::act("leave").because(reason)).await
    })
    .await
}

/// The grants of council members that count on a day.
async fn grants(db: &impl ConnectionTrait, today: NaiveDate) -> Result<Vec<role_grant::Model>> {
    let rows = role_grant::Entity::find()
        .filter(role_grant::Column::Role.eq(Role::CouncilMember))
        .filter(role_grant::Column::Stage.eq(RoleGrantStage::Effective))
        .order_by_desc(role_grant::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().filter(|grant| in_force(grant, today)).collect())
}

/// Who holds the role on a day, seated or not.
///
/// # Errors
/// When the database cannot be read.
pub async fn holders(db: &impl ConnectionTrait, today: NaiveDate) -> Result<Vec<PersonId>> {
    let mut people: Vec<PersonId> = grants(db, today).await?.into_iter().map(|grant| grant.person_id).collect();
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

/// The seats of a community that are taken.
///
/// # Errors
/// When the database cannot be read.
pub async fn seats(db: &impl ConnectionTrait, community: &str) -> Result<Vec<council_seat::Model>> {
    Ok(council_seat::Entity::find()
        .filter(council_seat::Column::Community.eq(community))
        .filter(council_seat::Column::LeftAt.is_null())
        .order_by_asc(council_seat::Column::Id)
        .all(db)
        .await?)
}

/// Who votes in a community on a day: whoever is seated there and still holds the role.
///
/// # Errors
/// When the database cannot be read.
pub async fn members(db: &impl ConnectionTrait, community: &str, today: NaiveDate) -> Result<Vec<PersonId>> {
    let holders = holders(db, today).await?;
    let seated = seats(db, community).await?.into_iter().map(|row| row.person_id);
    Ok(seated.filter(|person| holders.binary_search(person).is_ok()).collect())
}

/// The communities that have a council, each with its seats, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn communities(db: &impl ConnectionTrait) -> Result<Vec<(String, Vec<council_seat::Model>)>> {
    let rows = council_seat::Entity::find()
        .filter(council_seat::Column::LeftAt.is_null())
        .order_by_asc(council_seat::Column::Community)
        .order_by_asc(council_seat::Column::Id)
        .paginate(db, SEATS_MOST as u64 * 4)
        .fetch_page(0)
        .await?;
    let mut all: Vec<(String, Vec<council_seat::Model>)> = Vec::new();
    for row in rows {
        match all.last_mut() {
            Some((name, seats)) if *name == row.community => seats.push(row),
            _ => all.push((row.community.clone(), vec![row])),
        }
    }
    Ok(all)
}
