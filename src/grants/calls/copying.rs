//! Last year's call as this year's draft: its rules, never what happened to it.

use super::service::load;
use crate::commons::events::{self, Note};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::forms;
use crate::people::permission::{As, Officer};
use chrono::{DateTime, Datelike, Months, Utc};
use entities::kinds::{CallId, CallStage, FormVersionId, ProgrammeStage, Subject};
use entities::{call, form_version, programme};
use sea_orm::{ActiveValue::Set, EntityTrait};

/// Drafts a new call with the rules of another, its hours moved on by whole years until they lie ahead.
///
/// What belongs to the old call stays there: who drafted and checked it, its amendments, questions, invitations, bids and their
/// opening, the need that it answers, the figures of a formula, and why it was cancelled. The form is the newest version of the same form.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn copy(by: &As<Officer>, id: CallId) -> Result<CallId> {
    by.write(|tx| async move {
        let tx = &tx;
        let last = load(tx, id).await?;
        let newest = newest_of(tx, Some(last.form_version_id)).await?.ok_or(Error::NotFound)?;
        let running = match last.programme_id {
            Some(programme) => programme::Entity::find_by_id(programme).one(tx).await?,
            None => None,
        };
        let years = years_on(last.opens_at, tx.now());
        let row = call::ActiveModel {
            programme_id: Set(running.filter(|row| row.stage == ProgrammeStage::Running).map(|row| row.id)),
            fund_id: Set(last.fund_id),
            need_id: Set(None),
            kind: Set(last.kind),
            category: Set(last.category.clone()),
            award_kind: Set(last.award_kind),
            title_zh: Set(last.title_zh.clone()),
            title_en: Set(last.title_en.clone()),
            summary_zh: Set(last.summary_zh.clone()),
            summary_en: Set(last.summary_en.clone()),
            currency: Set(last.currency),
            cap_minor: Set(last.cap_minor),
            envelope_minor: Set(last.envelope_minor),
            area: Set(last.area.clone()),
            eligibility: Set(last.eligibility.clone()),
            rubric: Set(last.rubric.clone()),
            method: Set(last.method),
            blind: Set(last.blind),
            named_after_review: Set(last.named_after_review),
            reviews_required: Set(last.reviews_required),
            budget_heads: Set(last.budget_heads.clone()),
            negative_list: Set(last.negative_list.clone()),
            tranche_plan: Set(last.tranche_plan.clone()),
            reporting_plan: Set(last.reporting_plan.clone()),
            form_version_id: Set(newest),
            report_form_version_id: Set(newest_of(tx, last.report_form_version_id).await?),
            evaluation_form_version_id: Set(newest_of(tx, last.evaluation_form_version_id).await?),
            notice_days: Set(last.notice_days),
            appeal_days: Set(last.appeal_days),
            host_allowed: Set(last.host_allowed),
            opens_at: Set(later(last.opens_at, years)),
            closes_at: Set(later(last.closes_at, years)),
            stage: Set(CallStage::Draft),
            drafted_by: Set(by.person()?),
            checked_by: Set(None),
            cancel_reason: Set(String::new()),
            created_at: Set(tx.now()),
            version: Set(1),
            round: Set(String::new()),
            copied_from_id: Set(Some(id)),
            concept_call_id: Set(None),
            sealed: Set(last.sealed),
            opening_by: Set(None),
            opened_by: Set(None),
            opened_at: Set(None),
            ..Default::default()
        };
        let row = call::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Call, row.id.0, Note::act("copy")).await?;
        Ok(row.id)
    })
    .await
}

/// The newest version of the form that a version belongs to.
async fn newest_of(tx: &Tx, version: Option<FormVersionId>) -> Result<Option<FormVersionId>> {
    let Some(version) = version else { return Ok(None) };
    let kept = form_version::Entity::find_by_id(version).one(tx).await?.ok_or(Error::NotFound)?;
    Ok(forms::service::last_version(tx, kept.form_id).await?.map(|newest| newest.id))
}

/// Whole years by which an hour moves until it lies ahead, at least one.
fn years_on(opens_at: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    let least = u32::try_from(now.year() - opens_at.year()).unwrap_or(0).max(1);
    if later(opens_at, least) > now { least } else { least + 1 }
}

fn later(at: DateTime<Utc>, years: u32) -> DateTime<Utc> {
    at.checked_add_months(Months::new(years.saturating_mul(12))).unwrap_or(at)
}
