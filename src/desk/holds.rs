//! Holds put by people: a reason anybody concerned can read, an answer, and two people who lift.

use crate::commons::events::{self, Note};
use crate::commons::{calendar, holds, letters, policies};
use crate::core::lifecycle::Part;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, Officer, Permission, Supervisor, System};
use entities::kinds::{AwardId, FundId, HoldId, HoldKind, OrganisationId, Role, Subject};
use entities::{award, event, fund, hold};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// Unanswered holds looked at in one round.
const ONCE: u64 = 100;

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
        let today = by.day_of(tx.now());
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
    by.decide(|tx| async move {
        let tx = &tx;
        of_a_person(tx, hold).await?;
        holds::lift(tx, by, hold).await
    })
    .await
}

/// Holds that nobody answered by their day are told to the administrators, who answer to the board; once each.
///
/// # Errors
/// When the database cannot be read; a hold that refuses does not stop the others.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let db = edges.db.read();
    let late = hold::Entity::find()
        .filter(hold::Column::LiftedAt.is_null())
        .filter(hold::Column::Answer.eq(""))
        .filter(hold::Column::AnswerDueOn.lt(edges.today()))
        .order_by_asc(hold::Column::Id)
        .limit(ONCE)
        .all(db)
        .await?;
    if late.is_empty() {
        return Ok(());
    }
    let told = escalations(db, &late).await?;
    let system = Context::system(edges.clone());
    for row in late.iter().filter(|row| !told.contains(&row.id.0)) {
        if let Err(error) = escalate(&system, row).await {
            tracing::warn!(hold = row.id.0, %error, "an unanswered hold was not escalated");
        }
    }
    Ok(())
}

/// The holds of these that were escalated already, as their things' histories say.
async fn escalations(db: &impl ConnectionTrait, of: &[hold::Model]) -> Result<Vec<i64>> {
    let rows = event::Entity::find()
        .filter(event::Column::Act.eq("escalate-hold"))
        .filter(event::Column::SubjectId.is_in(of.iter().map(|row| row.subject_id)))
        .all(db)
        .await?;
    Ok(rows.iter().filter_map(|row| row.data.get("hold").and_then(serde_json::Value::as_i64)).collect())
}

async fn escalate(by: &As<System>, row: &hold::Model) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let now = hold::Entity::find_by_id(row.id).one(tx).await?.ok_or(Error::NotFound)?;
        let told = escalations(tx, std::slice::from_ref(&now)).await?.contains(&row.id.0);
        if told || now.lifted_at.is_some() || !now.answer.is_empty() {
            return Ok(());
        }
        let note = Note::act("escalate-hold").with(serde_json::json!({ "hold": row.id.0 }));
        events::record(tx, by, now.subject, now.subject_id, note).await?;
        let due = now.answer_due_on.map(|day| day.to_string()).unwrap_or_default();
        let args = [("reason", now.reason.clone()), ("due", due)];
        letters::to_role(tx, Role::Administrator, "hold-overdue", &args, &format!("/holds/{}", row.id)).await
    })
    .await
}

/// A standing hold that a person put.
async fn of_a_person(tx: &Tx, hold: HoldId) -> Result<hold::Model> {
    let row = hold::Entity::find_by_id(hold).one(tx).await?;
    row.filter(|row| row.lifted_at.is_none() && row.entered_by.is_some()).ok_or(Error::NotFound)
}
