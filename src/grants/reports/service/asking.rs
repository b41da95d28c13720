//! Questions that the reports and evaluations of an award ask beside their own: of the versions of forms that the call named before it
//! opened and the award keeps for ever, whatever becomes of the form.

use crate::core::answers::{Answers, FormDefinition, check_answers};
use crate::error::{Error, Result, Violation};
use crate::grants::forms::service::violations;
use chrono::NaiveDate;
use entities::kinds::FormVersionId;
use entities::{award, form_version};
use sea_orm::{ConnectionTrait, EntityTrait};

/// The questions of an award's reports.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_report(db: &impl ConnectionTrait, award: &award::Model) -> Result<Option<FormDefinition>> {
    kept(db, award.report_form_version_id).await
}

/// The questions of an award's evaluations.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_evaluation(db: &impl ConnectionTrait, award: &award::Model) -> Result<Option<FormDefinition>> {
    kept(db, award.evaluation_form_version_id).await
}

async fn kept(db: &impl ConnectionTrait, version: Option<FormVersionId>) -> Result<Option<FormDefinition>> {
    let Some(version) = version else { return Ok(None) };
    let row = form_version::Entity::find_by_id(version).one(db).await?.ok_or(Error::NotFound)?;
    Ok(Some(serde_json::from_value(row.definition)?))
}

/// Answers that belong to no question; a draft may be wrong in every other way.
pub fn unknown(form: Option<&FormDefinition>, answers: &Answers, today: NaiveDate) -> Vec<Violation> {
    match form {
        None if answers.0.is_empty() => Vec::new(),
        None => vec![Violation::whole("refused-unknown")],
        Some(form) => {
            let mut problems = check_answers(form, answers, today);
            problems.retain(|problem| problem.code == "answer-unknown");
            violations(problems)
        }
    }
}

/// Everything that stands between the answers and a signature.
pub fn lacking(form: Option<&FormDefinition>, answers: &Answers, today: NaiveDate) -> Vec<Violation> {
    match form {
        None => Vec::new(),
        Some(form) => violations(check_answers(form, answers, today)),
    }
}

/// Answers as they were kept.
pub fn answers(kept: &serde_json::Value) -> Answers {
    serde_json::from_value(kept.clone()).unwrap_or_default()
}
