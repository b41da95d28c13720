//! Holds: a flag with reason, author and date that stops money and clocks, and never loses the stage under it.

use super::events::{self, Note};
use crate::core::lifecycle::Part;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, Permission};
use crate::people::roles;
use chrono::NaiveDate;
use entities::hold;
use entities::kinds::{HoldId, HoldKind, Subject};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

/// Puts a hold. The house's own holds (objection, payee change, dispute) name no person.
///
/// # Errors
/// When the row cannot be written.
pub async fn put<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    kind: HoldKind,
    subject: Subject,
    id: i64,
    reason: &str,
    answer_due_on: Option<NaiveDate>,
) -> Result<HoldId> {
    let own = matches!(kind, HoldKind::Objection | HoldKind::PayeeChange | HoldKind::Dispute);
    let row = hold::ActiveModel {
        subject: Set(subject),
        subject_id: Set(id),
        kind: Set(kind),
        reason: Set(reason.to_owned()),
        entered_by: Set(if own { None } else { by.actor.person }),
        entered_at: Set(tx.now()),
        answer_due_on: Set(answer_due_on),
        answer: Set(String::new()),
        ..Default::default()
    };
    let row = hold::Entity::insert(row).exec_with_returning(tx).await?;
    events::record(tx, by, subject, id, Note::act("hold").because(reason)).await?;
    Ok(row.id)
}

/// Lifts the house's own holds of a kind once their cause is gone.
///
/// # Errors
/// When the rows cannot be written.
pub async fn lift_own<P: Permission>(tx: &Tx, by: &As<P>, kind: HoldKind, subject: Subject, id: i64) -> Result<()> {
    for row in standing(tx, subject, id).await?.into_iter().filter(|row| row.kind == kind && row.entered_by.is_none()) {
        let mut row = row.into_active_model();
        row.lifted_at = Set(Some(tx.now()));
        hold::Entity::update(row).exec(tx).await?;
        events::record(tx, by, subject, id, Note::act("lift-hold")).await?;
    }
    Ok(())
}

/// Takes one of the two steps that lift a person's hold: the first proposes, a different person lifts.
/// Whoever entered it never lifts it alone; a supervisor's hold needs that supervisor among the two.
///
/// # Errors
/// [`Error::NotFound`] for a hold that does not stand; a refusal when the same person would do both.
pub async fn lift<P: Permission>(tx: &Tx, by: &As<P>, hold: HoldId) -> Result<bool> {
    let row = hold::Entity::find_by_id(hold)
        .one(tx)
        .await?
        .filter(|row| row.lifted_at.is_none() && row.entered_by.is_some())
        .ok_or(Error::NotFound)?;
    let person = by.person()?;
    if !may_lift(row.kind, P::PART) {
        return Err(Error::Forbidden("forbidden-part"));
    }
    // The supervisor's side is the supervisor who put it; the other side is the foundation's administrator.
    if P::PART == Part::Supervisor && row.entered_by != Some(person) {
        return Err(Error::Forbidden("forbidden-supervisor-lifts"));
    }
    let (subject, id) = (row.subject, row.subject_id);
    let Some(first) = row.lift_proposed_by else {
        let mut row = row.into_active_model();
        row.lift_proposed_by = Set(Some(person));
        hold::Entity::update(row).exec(tx).await?;
        events::record(tx, by, subject, id, Note::act("propose-hold_lift")).await?;
        return Ok(false);
    };
    roles::apart(tx, by, &[Some(first)]).await?;
    if row.kind == HoldKind::Supervisor && row.entered_by != Some(first) && row.entered_by != Some(person) {
        return Err(Error::Forbidden("forbidden-supervisor-lifts"));
    }
    let mut row = row.into_active_model();
    row.lifted_by = Set(Some(person));
    row.lifted_at = Set(Some(tx.now()));
    hold::Entity::update(row).exec(tx).await?;
    events::record(tx, by, subject, id, Note::act("lift-hold")).await?;
    Ok(true)
}

/// Who may take a step of lifting.
pub fn may_lift(kind: HoldKind, part: Part) -> bool {
    match kind {
        HoldKind::Supervisor => matches!(part, Part::Administrator | Part::Supervisor),
        HoldKind::Officer => matches!(part, Part::Administrator | Part::Officer),
        HoldKind::Frozen => part == Part::Administrator,
        HoldKind::Objection | HoldKind::PayeeChange | HoldKind::Dispute => false,
    }
}

/// Answers a hold; it stands until it is lifted. Nobody answers their own.
///
/// # Errors
/// [`Error::NotFound`] for a hold that does not stand; [`Error::Forbidden`] for who put it.
pub async fn answer<P: Permission>(tx: &Tx, by: &As<P>, hold: HoldId, words: &str) -> Result<()> {
    let row =
        hold::Entity::find_by_id(hold).one(tx).await?.filter(|row| row.lifted_at.is_none()).ok_or(Error::NotFound)?;
    roles::apart(tx, by, &[row.entered_by]).await?;
    let (subject, id) = (row.subject, row.subject_id);
    let mut row = row.into_active_model();
    row.answer = Set(words.to_owned());
    row.answered_by = Set(Some(by.person()?));
    hold::Entity::update(row).exec(tx).await?;
    events::record(tx, by, subject, id, Note::act("answer-hold")).await
}

/// The holds that stand on a thing, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing(db: &impl ConnectionTrait, subject: Subject, id: i64) -> Result<Vec<hold::Model>> {
    Ok(hold::Entity::find()
        .filter(hold::Column::Subject.eq(subject))
        .filter(hold::Column::SubjectId.eq(id))
        .filter(hold::Column::LiftedAt.is_null())
        .order_by_asc(hold::Column::Id)
        .all(db)
        .await?)
}

/// Refuses when any of these things is held. Why is told to staff alone: a reason may accuse somebody of what is not proved.
///
/// # Errors
/// A refusal; for staff it gives the reason of the hold.
pub async fn none(db: &impl ConnectionTrait, by: &Context, things: &[(Subject, i64)]) -> Result<()> {
    if things.is_empty() {
        return Ok(());
    }
    let any = things.iter().fold(Condition::any(), |any, (subject, id)| {
        any.add(Condition::all().add(hold::Column::Subject.eq(*subject)).add(hold::Column::SubjectId.eq(*id)))
    });
    let oldest = hold::Entity::find()
        .filter(any)
        .filter(hold::Column::LiftedAt.is_null())
        .order_by_asc(hold::Column::Id)
        .one(db)
        .await?;
    match oldest {
        None => Ok(()),
        Some(row) if by.actor.is_staff() => {
            Err(crate::error::Violation::whole("refused-held").with("reason", &row.reason).into())
        }
        Some(_) => Err(crate::error::Error::refused("refused-on-hold")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_lifts_what_the_house_put_itself_and_a_supervisor_only_their_own_kind() {
        for part in Part::ALL {
            assert!(!may_lift(HoldKind::Objection, *part));
            assert!(!may_lift(HoldKind::PayeeChange, *part));
            assert!(!may_lift(HoldKind::Dispute, *part));
        }
        assert!(may_lift(HoldKind::Supervisor, Part::Supervisor));
        assert!(!may_lift(HoldKind::Supervisor, Part::Officer));
        assert!(!may_lift(HoldKind::Officer, Part::Supervisor));
    }
}
