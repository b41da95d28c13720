//! A ballot is cast: the roll learns that somebody voted, the box learns how somebody voted, and nothing ties the two.

use super::{projects, roll, take};
use crate::commons::events::{self, Note};
use crate::commons::texts::all_well;
use crate::edges::db::Tx;
use crate::edges::dice::{Dice, fingerprint};
use crate::error::{Error, Result};
use crate::grants::polls::rules::{Choices, wrong};
use crate::grants::reviews::conflicts;
use crate::people::permission::{As, SignedIn};
use chrono::NaiveDate;
use entities::kinds::{ApplicationId, ConflictGround, PersonId, PollBallotId, PollId, PollStage, Subject, VoteWay};
use entities::{application, call, poll, poll_ballot, poll_voter};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeSet;

/// Letters and digits that nobody mistakes for each other on paper (Crockford's base 32).
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A receipt (回执码) for a ballot that is about to be cast: eighty bits, in groups of four.
pub fn receipt(dice: &Dice) -> String {
    let bits = dice.bytes::<10>().into_iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(byte));
    let sign = |place: u32| char::from(SIGNS[usize::try_from(bits >> (5 * place) & 31).unwrap_or(0)]);
    let signs: Vec<char> = (0..16).map(sign).collect();
    signs.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// A receipt as somebody typed it: spaces and hyphens left out, in capitals. `None` when it is none.
fn read(receipt: &str) -> Option<String> {
    let plain: String = receipt.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_uppercase();
    (plain.len() == 16 && plain.bytes().all(|sign| SIGNS.contains(&sign))).then_some(plain)
}

/// What stands beside a ballot in the list that everybody reads: the voter reckons it from the receipt, nobody the receipt from it.
pub fn seal(id: PollId, receipt: &str) -> Option<String> {
    read(receipt).map(|plain| fingerprint(format!("{id}\n{plain}")))
}

/// The projects of a poll that somebody is tied to, and may not vote for. Who works with one applicant may vote for another: an
/// approval takes nothing from the own one.
///
/// # Errors
/// When the database cannot be read.
pub async fn tied(
    db: &impl ConnectionTrait,
    row: &poll::Model,
    offered: &[application::Model],
    person: PersonId,
    on: NaiveDate,
) -> Result<BTreeSet<ApplicationId>> {
    let call = call::Entity::find_by_id(row.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let derived = conflicts::derive_all(db, &call, offered, &[person], on).await?;
    let binds = |found: &[conflicts::Found]| found.iter().any(|(ground, _)| *ground != ConflictGround::CoApplicant);
    let mut tied: BTreeSet<_> = derived.into_iter().filter(|(_, found)| binds(found)).map(|((id, _), _)| id).collect();
    let ids: Vec<ApplicationId> = offered.iter().map(|row| row.id).collect();
    let declared = conflicts::recorded(db, &ids, &[person]).await?;
    tied.extend(declared.into_iter().filter(|row| row.recorded_by.is_some()).map(|row| row.application_id));
    Ok(tied)
}

/// Casts a ballot, once. `receipt` was shown to the voter before, who keeps it.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for who is not on the roll; by the field, and for a project one is tied to; a refusal once it is
/// closed, or when one has voted already.
pub async fn cast(by: &As<SignedIn>, id: PollId, choices: &Choices, receipt: &str) -> Result<()> {
    let seal = &seal(id, receipt).ok_or_else(|| Error::field("receipt", "refused-poll-receipt"))?;
    let key = thrown(&by.edges.dice);
    by.write(|tx| async move {
        let tx = &tx;
        let row = take(tx, id).await?;
        if row.stage != PollStage::Open || tx.now() >= row.closes_at {
            return Err(Error::refused("refused-poll-closed"));
        }
        let asked = projects(tx, id).await?;
        let ids: Vec<ApplicationId> = asked.iter().map(|(of, _)| of.application_id).collect();
        all_well(wrong(choices, &ids, row.most, row.points))?;
        let person = by.permission().person();
        let offered: Vec<application::Model> = asked.into_iter().map(|(_, of)| of).collect();
        let tied = tied(tx, &row, &offered, person, by.day_of(tx.now())).await?;
        if let Some(project) = choices.keys().find(|project| tied.contains(project)) {
            return Err(Error::field(&format!("project.{project}"), "refused-poll-tied"));
        }
        voted(tx, id, person, VoteWay::Online).await?;
        put(tx, key, id, VoteWay::Online, seal, choices).await?;
        // The history says that somebody voted, as the roll does: what was voted stands in the box alone.
        events::record(tx, by, Subject::Poll, id.0, Note::act("cast")).await
    })
    .await
}

/// A key of which nobody knows the place: a ballot's number must not tell when it came.
pub(super) fn thrown(dice: &Dice) -> PollBallotId {
    PollBallotId((i64::from_be_bytes(dice.bytes::<8>()) & i64::MAX).max(1))
}

/// Crosses somebody off the roll; of two at the same moment one does.
pub(super) async fn voted(tx: &Tx, id: PollId, person: PersonId, way: VoteWay) -> Result<()> {
    let set = poll_voter::Entity::update_many()
        .set(poll_voter::ActiveModel { way: Set(way), ..Default::default() })
        .filter(poll_voter::Column::PollId.eq(id))
        .filter(poll_voter::Column::PersonId.eq(person))
        .filter(poll_voter::Column::Way.eq(VoteWay::Waiting))
        .exec(tx)
        .await?;
    if set.rows_affected == 1 {
        return Ok(());
    }
    let on_roll = roll(tx, id).await?.iter().any(|row| row.person_id == person);
    Err(if on_roll { Error::refused("refused-poll-voted") } else { Error::Forbidden("forbidden-poll-roll") })
}

/// Puts a ballot into the box.
pub(super) async fn put(
    tx: &Tx,
    key: PollBallotId,
    id: PollId,
    way: VoteWay,
    seal: &str,
    choices: &Choices,
) -> Result<()> {
    let row = poll_ballot::ActiveModel {
        id: Set(key),
        poll_id: Set(id),
        way: Set(way),
        seal: Set(seal.to_owned()),
        choices: Set(serde_json::to_value(choices)?),
    };
    poll_ballot::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The ballot of a receipt, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_receipt(db: &impl ConnectionTrait, id: PollId, receipt: &str) -> Result<Option<Choices>> {
    let Some(seal) = seal(id, receipt) else { return Ok(None) };
    let row = poll_ballot::Entity::find()
        .filter(poll_ballot::Column::PollId.eq(id))
        .filter(poll_ballot::Column::Seal.eq(seal))
        .one(db)
        .await?;
    row.map(|row| Ok(serde_json::from_value(row.choices)?)).transpose()
}

/// The box: seals with what the ballots say, in the order of the seals, which is nobody's.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(db: &impl ConnectionTrait, id: PollId) -> Result<Vec<(String, Choices)>> {
    let rows = poll_ballot::Entity::find()
        .filter(poll_ballot::Column::PollId.eq(id))
        .order_by_asc(poll_ballot::Column::Seal)
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.seal, serde_json::from_value(row.choices)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_read_as_people_write_it() {
        let dice = Dice::seeded(7);
        let shown = receipt(&dice);
        assert_eq!(shown.len(), 19);
        let typed = format!(" {} ", shown.to_lowercase().replace('-', " "));
        assert_eq!(seal(PollId(1), &typed), seal(PollId(1), &shown));
        assert!(seal(PollId(1), &shown).is_some() && seal(PollId(2), &shown) != seal(PollId(1), &shown));
        for none in ["", "ABCD", "OOOO-OOOO-OOOO-OOOO", "ÄÄÄÄ-ÄÄÄÄ"] {
            assert_eq!(seal(PollId(1), none), None, "{none}");
        }
        assert_ne!(receipt(&dice), shown);
    }
}
