//! Screening (资格审查): by an officer who is not of the applicant, on the facts of the day, with reason codes.

use super::budget;
use super::eligibility;
use super::service::load;
use super::writing::page;
use crate::commons::events::Note;
use crate::commons::lives::advance;
use crate::commons::texts::{PROSE, all_well, required};
use crate::commons::{calendar, letters};
use crate::core::eligibility::{CODES, is_eligible};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::calls;
use crate::people::members;
use crate::people::permission::{As, Officer};
use entities::kinds::{ApplicationId, PersonId};
use entities::{application, call, conflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Reason an officer may give beside the codes of the rules.
pub const OTHER_REASON: &str = "screening-other";

/// Whether a person belongs to the applicant or its host, also as whom it employs, or has a conflict on record.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_partial(db: &impl ConnectionTrait, person: PersonId, row: &application::Model) -> Result<bool> {
    let mut sides = vec![row.organisation_id];
    sides.extend(row.host_id);
    sides.extend(super::sides::of(db, row.id).await?.into_iter().map(|side| side.organisation_id));
    if members::belongs(db, person, &sides).await? {
        return Ok(true);
    }
    let conflict = conflict::Entity::find()
        .filter(conflict::Column::PersonId.eq(person))
        .filter(conflict::Column::ApplicationId.eq(row.id))
        .one(db)
        .await?;
    Ok(conflict.is_some())
}

/// The call of an application, if its bids are open: a sealed one is there for nobody.
async fn unsealed(tx: &Tx, row: &application::Model) -> Result<call::Model> {
    let call = calls::service::load(tx, row.call_id).await?;
    if calls::rules::is_sealed(&call) { Err(Error::NotFound) } else { Ok(call) }
}

async fn impartial(tx: &Tx, by: &As<Officer>, row: &application::Model) -> Result<()> {
    if is_partial(tx, by.person()?, row).await? {
        return Err(Error::Forbidden("forbidden-application-own"));
    }
    Ok(())
}

/// Decides whether a submitted application is eligible. A refusal has reason codes; what the rules find broken today is
/// not let through.
///
/// # Errors
/// [`Error::Forbidden`] for people of the applicant; the codes of broken rules; by the field without reasons.
pub async fn screen(
    by: &As<Officer>,
    id: ApplicationId,
    eligible: bool,
    reasons: Vec<String>,
    note: &str,
) -> Result<()> {
    let note = note.trim();
    let known = |reason: &String| reason == OTHER_REASON || CODES.contains(&reason.as_str());
    if !eligible && (reasons.is_empty() || !reasons.iter().all(known)) {
        return Err(Error::field("reasons", "refused-application-reasons"));
    }
    if !eligible && reasons.iter().any(|reason| reason == OTHER_REASON) && note.is_empty() {
        return Err(Error::field("note", "refused-empty"));
    }
    let reasons = &reasons;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let call = unsealed(tx, &row).await?;
        impartial(tx, by, &row).await?;
        let lines = budget::lines_of(tx, id).await?;
        let day = by.day_of(tx.now());
        let found =
            eligibility::findings(tx, &call, row.organisation_id, row.host_id, row.ask_minor, &lines, day).await?;
        if eligible && !is_eligible(&found) {
            return Err(Error::Refused(super::writing::broken(&found)));
        }
        let reasons = if eligible { Vec::new() } else { reasons.clone() };
        let said = if note.is_empty() { reasons.join(", ") } else { note.to_owned() };
        let act = if eligible { "accept" } else { "refuse" };
        advance(tx, by, &row, act, Note::act("").because(said.clone()).with(serde_json::json!({ "reasons": reasons })))
            .await?;
        let changed = application::ActiveModel {
            id: Set(id),
            findings: Set(serde_json::to_value(found)?),
            policy_on: Set(Some(day)),
            screened_by: Set(by.actor.person),
            reasons: Set(serde_json::to_value(&reasons)?),
            version: Set(row.version + 1),
            ..Default::default()
        };
        application::Entity::update(changed).exec(tx).await?;
        let letter = if eligible { "application-eligible" } else { "application-ineligible" };
        let args = [("title", row.title.clone()), ("days", call.appeal_days.to_string())];
        letters::to_organisation(tx, row.organisation_id, letter, &args, &page(id)).await
    })
    .await
}

/// Asks the applicant for information, to be answered within so many working days.
///
/// # Errors
/// [`Error::Forbidden`] for people of the applicant; by the field without a question or with days out of range.
pub async fn ask_information(by: &As<Officer>, id: ApplicationId, question: &str, days: i32) -> Result<()> {
    let mut violations = Vec::new();
    let question = &required(&mut violations, "question", question, PROSE);
    if !(1..=60).contains(&days) {
        violations.push(crate::error::Violation::at("days", "refused-out-of-range").with("least", 1).with("most", 60));
    }
    all_well(violations)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        unsealed(tx, &row).await?;
        impartial(tx, by, &row).await?;
        advance(tx, by, &row, "ask-information", Note::act("").because(question.as_str())).await?;
        let last = calendar::after(tx, by.day_of(tx.now()), i64::from(days)).await?;
        let changed = application::ActiveModel {
            id: Set(id),
            question: Set(question.clone()),
            question_due_at: Set(Some(calendar::end(last, by.edges.config.zone))),
            version: Set(row.version + 1),
            ..Default::default()
        };
        application::Entity::update(changed).exec(tx).await?;
        let args = [("title", row.title.clone()), ("question", question.clone()), ("day.day", last.to_string())];
        letters::to_organisation(tx, row.organisation_id, "application-question", &args, &page(id)).await
    })
    .await
}
