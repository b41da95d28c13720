//! Holds put by people: a reason anybody concerned can read, an answer, and two people who lift.

use crate::commons::{calendar, holds, letters, policies};
use crate::core::lifecycle::Part;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Officer, Permission, Supervisor};
use crate::people::roles;
use entities::kinds::{AwardId, FundId, HoldId, HoldKind, OrganisationId, Role, Subject};
use entities::{award, fund, hold};
use sea_orm::{ConnectionTrait, EntityTrait};

/// What a person may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// A fund.
    Fund(FundId),
    /// An award.
    Award(AwardId),
}

impl Held {
    /// The thing that an address names.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anything else.
    pub fn named(subject: &str, id: i64) -> Result<Self> {
        match Subject::parse(subject) {
            Some(Subject::Fund) => Ok(Self::Fund(FundId(id))),
            Some(Subject::Award) => Ok(Self::Award(AwardId(id))),
            _ => Err(Error::NotFound),
        }
    }

    /// Its kind and key.
    pub fn subject(self) -> (Subject, i64) {
        match self {
            Self::Fund(id) => (Subject::Fund, id.0),
            Self::Award(id) => (Subject::Award, id.0),
        }
    }

    /// Its page.
    pub fn href(self) -> String {
        match self {
            Self::Fund(id) => format!("/funds/{id}"),
            Self::Award(id) => format!("/awards/{id}"),
        }
    }

    /// The organisation whose money and clocks stop.
    async fn party(self, db: &impl ConnectionTrait) -> Result<OrganisationId> {
        match self {
            Self::Fund(id) => {
                fund::Entity::find_by_id(id).one(db).await?.map(|row| row.initiator_id).ok_or(Error::NotFound)
            }
            Self::Award(id) => {
                award::Entity::find_by_id(id).one(db).await?.map(|row| row.organisation_id).ok_or(Error::NotFound)
            }
        }
    }

    /// Its names in Chinese and English.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn names(self, db: &impl ConnectionTrait) -> Result<(String, String)> {
        match self {
            Self::Fund(id) => {
                let row = fund::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
                Ok((row.name_zh, row.name_en))
            }
            Self::Award(id) => {
                let row = award::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
                Ok((row.title.clone(), row.title))
            }
        }
    }
}

/// An officer stops the money and the clocks of a fund or an award.
///
/// # Errors
/// [`Error::NotFound`] for a thing there is none of; a refusal while a person's hold stands on it already.
pub async fn put_as_officer(by: &As<Officer>, on: Held, reason: &str) -> Result<HoldId> {
    by.write(|tx| async move {
        let tx = &tx;
        not_yet_held(tx, on).await?;
        let (subject, id) = on.subject();
        let hold = holds::put(tx, by, HoldKind::Officer, subject, id, reason, None).await?;
        tell_party(tx, on, reason).await?;
        Ok(hold)
    })
    .await
}

/// A supervisor stops them; the foundation answers within the working days of the policy.
///
/// # Errors
/// As [`put_as_officer`]; a refusal when the calendar of the year is missing.
pub async fn put_as_supervisor(by: &As<Supervisor>, on: Held, reason: &str) -> Result<HoldId> {
    by.write(|tx| async move {
        let tx = &tx;
        not_yet_held(tx, on).await?;
        let today = tx.now().with_timezone(&by.edges.config.zone).date_naive();
        let days = policies::on(tx, today).await?.hold_answer_days;
        let due = calendar::after(tx, today, days).await?;
        let (subject, id) = on.subject();
        let hold = holds::put(tx, by, HoldKind::Supervisor, subject, id, reason, Some(due)).await?;
        let told = [("reason", reason.to_owned()), ("due", due.to_string())];
        tell_party(tx, on, reason).await?;
        letters::to_role(tx, Role::Administrator, "hold-put", &told, &format!("/holds/{hold}")).await?;
        Ok(hold)
    })
    .await
}

/// Whoever waits for the money hears why it stopped.
async fn tell_party(tx: &Tx, on: Held, reason: &str) -> Result<()> {
    let told = [("reason", reason.to_owned())];
    letters::to_organisation(tx, on.party(tx).await?, "hold-told", &told, &on.href()).await
}

async fn not_yet_held(tx: &Tx, on: Held) -> Result<()> {
    on.names(tx).await?;
    let (subject, id) = on.subject();
    let standing = holds::standing(tx, subject, id).await?;
    // The house's own holds are lifted by their cause; a second person's hold would hide the first.
    if standing.iter().any(|row| row.entered_by.is_some()) {
        return Err(Error::refused("refused-hold-stands"));
    }
    Ok(())
}

/// Answers a hold; it stands until two people lift it. The supervisor hears of it.
///
/// # Errors
/// [`Error::Forbidden`] for other parts than administrator and officer; [`Error::NotFound`] for a hold that does not stand.
pub async fn answer<P: Permission>(by: &As<P>, hold: HoldId, words: &str) -> Result<()> {
    if !matches!(P::PART, Part::Administrator | Part::Officer) {
        return Err(Error::Forbidden("forbidden-part"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = of_a_person(tx, hold).await?;
        roles::apart(tx, by, &[row.entered_by]).await?;
        holds::answer(tx, by, hold, words).await?;
        let told = [("answer", words.to_owned())];
        letters::to_people(tx, row.entered_by.into_iter().collect(), "hold-answered", &told, &format!("/holds/{hold}"))
            .await
    })
    .await
}

/// Takes one of the two steps that lift a hold. Answers whether it is lifted now.
///
/// # Errors
/// [`Error::Forbidden`] for a part that may not, and when one person would take both steps.
pub async fn lift<P: Permission>(by: &As<P>, hold: HoldId) -> Result<bool> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = of_a_person(tx, hold).await?;
        if !may_lift(row.kind, P::PART) {
            return Err(Error::Forbidden("forbidden-part"));
        }
        // The supervisor's side is the supervisor who put it; the other side is the foundation's administrator.
        if P::PART == Part::Supervisor && row.entered_by != by.actor.person {
            return Err(Error::Forbidden("forbidden-supervisor-lifts"));
        }
        holds::lift(tx, by, hold).await
    })
    .await
}

/// Who may take a step of lifting.
pub fn may_lift(kind: HoldKind, part: Part) -> bool {
    match kind {
        HoldKind::Supervisor => matches!(part, Part::Administrator | Part::Supervisor),
        HoldKind::Officer => matches!(part, Part::Administrator | Part::Officer),
        HoldKind::Frozen => part == Part::Administrator,
        HoldKind::Objection | HoldKind::PayeeChange => false,
    }
}

/// A standing hold that a person put.
async fn of_a_person(tx: &Tx, hold: HoldId) -> Result<hold::Model> {
    let row = hold::Entity::find_by_id(hold).one(tx).await?;
    row.filter(|row| row.lifted_at.is_none() && row.entered_by.is_some()).ok_or(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_lifts_what_the_house_put_itself_and_a_supervisor_only_their_own_kind() {
        for part in Part::ALL {
            assert!(!may_lift(HoldKind::Objection, *part));
            assert!(!may_lift(HoldKind::PayeeChange, *part));
        }
        assert!(may_lift(HoldKind::Supervisor, Part::Supervisor));
        assert!(!may_lift(HoldKind::Supervisor, Part::Officer));
        assert!(!may_lift(HoldKind::Officer, Part::Supervisor));
    }
}
