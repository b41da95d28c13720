//! Programmes, forms and the draft of a call: everything is fixed, and checked, before a call opens.

use super::rules;
use super::service::load;
use super::stages;
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::commons::texts;
use crate::core::eligibility::{MAX_RULES, Rule};
use crate::core::money::MAX_MINOR;
use crate::core::plan::{Criterion, PlannedReport, PlannedTranche};
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::forms;
pub use crate::grants::forms::service::form_version;
use crate::people::permission::{As, Officer};
use chrono::{DateTime, Utc};
use entities::kinds::{
    AwardKind, CallId, CallKind, CallStage, Currency, FormPurpose, FormVersionId, FundId, NeedId, NeedStage,
    ProgrammeId, ProgrammeStage, ScoringMethod, Subject,
};
use entities::{call, fund, need, programme};
use sea_orm::{ActiveValue::Set, EntityTrait};

/// Longest list of heads.
const MAX_HEADS: usize = 40;

/// A call as drafted.
#[derive(Debug, Clone)]
pub struct Drafted {
    /// Of which programme.
    pub programme: Option<ProgrammeId>,
    /// Which fund pays.
    pub fund: FundId,
    /// Which need it answers.
    pub need: Option<NeedId>,
    /// Which round or phase of its programme, or `""`.
    pub round: String,
    /// The call for concept notes from which it invites.
    pub concept: Option<CallId>,
    /// Nobody sees a bid before two people open them all.
    pub sealed: bool,
    /// Kind.
    pub kind: CallKind,
    /// Category within a round, or `""`.
    pub category: String,
    /// What an approval becomes: a project, or a fund of the grantee's own.
    pub award_kind: AwardKind,
    /// Title in Chinese.
    pub title_zh: String,
    /// Title in English.
    pub title_en: String,
    /// What is asked for, in Chinese.
    pub summary_zh: String,
    /// The same in English.
    pub summary_en: String,
    /// Most that one application may ask.
    pub cap_minor: i64,
    /// Most for all.
    pub envelope_minor: i64,
    /// Area code.
    pub area: String,
    /// Who may apply.
    pub eligibility: Vec<Rule>,
    /// What is scored.
    pub rubric: Vec<Criterion>,
    /// How scores are aggregated.
    pub method: ScoringMethod,
    /// Reviewers do not see who applies.
    pub blind: bool,
    /// Of a blind call: whoever has handed in all own reviews sees who applies.
    pub named_after_review: bool,
    /// Reviews an application needs.
    pub reviews_required: i32,
    /// Allowed heads.
    pub budget_heads: Vec<String>,
    /// Never paid for.
    pub negative_list: Vec<String>,
    /// Tranches.
    pub tranche_plan: Vec<PlannedTranche>,
    /// Reports.
    pub reporting_plan: Vec<PlannedReport>,
    /// Its questions.
    pub form_version: FormVersionId,
    /// The questions of its reports, if it has any of its own.
    pub report_form: Option<FormVersionId>,
    /// The questions of its evaluations, if it has any of its own.
    pub evaluation_form: Option<FormVersionId>,
    /// Working days of public notice.
    pub notice_days: i32,
    /// Working days to appeal.
    pub appeal_days: i32,
    /// Residents' groups may bid through a host.
    pub host_allowed: bool,
    /// Opening hour.
    pub opens_at: DateTime<Utc>,
    /// Deadline.
    pub closes_at: DateTime<Utc>,
}

/// Drafts a programme.
///
/// # Errors
/// When no language is filled in.
pub async fn draft_programme(by: &As<Officer>, name_zh: &str, name_en: &str) -> Result<ProgrammeId> {
    if name_zh.trim().is_empty() && name_en.trim().is_empty() {
        return Err(Error::field("name_zh", "refused-one-language"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = programme::ActiveModel {
            name_zh: Set(name_zh.trim().to_owned()),
            name_en: Set(name_en.trim().to_owned()),
            stage: Set(ProgrammeStage::Draft),
            created_by: Set(by.person()?),
            ..Default::default()
        };
        let row = programme::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Programme, row.id.0, Note::act("draft")).await?;
        Ok(row.id)
    })
    .await
}

/// Starts a drafted programme.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it runs already.
pub async fn start_programme(by: &As<Officer>, id: ProgrammeId) -> Result<()> {
    move_programme(by, id, "start").await
}

/// Ends a running programme.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it does not run.
pub async fn end_programme(by: &As<Officer>, id: ProgrammeId) -> Result<()> {
    move_programme(by, id, "end").await
}

async fn move_programme(by: &As<Officer>, id: ProgrammeId, act: &'static str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = programme::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
        advance(tx, by, &row, act, Note::act("")).await.map(|_| ())
    })
    .await
}

/// Drafts a call.
///
/// # Errors
/// By the field, everything that may not be fixed so.
pub async fn draft(by: &As<Officer>, drafted: Drafted) -> Result<CallId> {
    texts::all_well(check(&drafted))?;
    let drafted = &drafted;
    by.write(|tx| async move {
        let tx = &tx;
        let currency = known(tx, drafted).await?;
        let row = call::ActiveModel {
            stage: Set(CallStage::Draft),
            drafted_by: Set(by.person()?),
            cancel_reason: Set(String::new()),
            created_at: Set(tx.now()),
            version: Set(1),
            ..columns(drafted, currency)?
        };
        let row = call::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Call, row.id.0, Note::act("draft")).await?;
        Ok(row.id)
    })
    .await
}

/// Rewrites a draft; whoever did so is its drafter from then on and does not check it.
///
/// # Errors
/// [`Error::Stale`] when somebody saved before; a refusal when it is no draft any more; by the field, as [`draft`].
pub async fn revise(by: &As<Officer>, id: CallId, version: i32, drafted: Drafted) -> Result<i32> {
    texts::all_well(check(&drafted))?;
    let drafted = &drafted;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.stage != CallStage::Draft {
            return Err(Error::refused("refused-call-fixed"));
        }
        if row.version != version {
            return Err(Error::Stale);
        }
        let currency = known(tx, drafted).await?;
        let row = call::ActiveModel {
            id: Set(id),
            drafted_by: Set(by.person()?),
            version: Set(version + 1),
            ..columns(drafted, currency)?
        };
        call::Entity::update(row).exec(tx).await?;
        events::record(tx, by, Subject::Call, id.0, Note::act("revise")).await?;
        Ok(version + 1)
    })
    .await
}

fn columns(drafted: &Drafted, currency: Currency) -> Result<call::ActiveModel> {
    let told = drafted.clone();
    Ok(call::ActiveModel {
        programme_id: Set(told.programme),
        fund_id: Set(told.fund),
        need_id: Set(told.need),
        kind: Set(told.kind),
        round: Set(told.round),
        concept_call_id: Set(told.concept),
        sealed: Set(told.sealed),
        category: Set(told.category),
        award_kind: Set(told.award_kind),
        title_zh: Set(told.title_zh),
        title_en: Set(told.title_en),
        summary_zh: Set(told.summary_zh),
        summary_en: Set(told.summary_en),
        currency: Set(currency),
        cap_minor: Set(told.cap_minor),
        envelope_minor: Set(told.envelope_minor),
        area: Set(told.area),
        eligibility: Set(serde_json::to_value(told.eligibility)?),
        rubric: Set(serde_json::to_value(told.rubric)?),
        method: Set(told.method),
        blind: Set(told.blind),
        named_after_review: Set(told.blind && told.named_after_review),
        reviews_required: Set(told.reviews_required),
        budget_heads: Set(serde_json::to_value(told.budget_heads)?),
        negative_list: Set(serde_json::to_value(told.negative_list)?),
        tranche_plan: Set(serde_json::to_value(told.tranche_plan)?),
        reporting_plan: Set(serde_json::to_value(told.reporting_plan)?),
        form_version_id: Set(told.form_version),
        report_form_version_id: Set(told.report_form),
        evaluation_form_version_id: Set(told.evaluation_form),
        notice_days: Set(told.notice_days),
        appeal_days: Set(told.appeal_days),
        host_allowed: Set(told.host_allowed),
        opens_at: Set(told.opens_at),
        closes_at: Set(told.closes_at),
        ..Default::default()
    })
}

/// What is wrong with a draft by itself.
fn check(drafted: &Drafted) -> Vec<Violation> {
    let mut wrong = Vec::new();
    if drafted.title_zh.is_empty() && drafted.title_en.is_empty() {
        wrong.push(Violation::at("title_zh", "refused-one-language"));
    }
    if drafted.summary_zh.is_empty() && drafted.summary_en.is_empty() {
        wrong.push(Violation::at("summary_zh", "refused-one-language"));
    }
    for (field, minor) in [("cap", drafted.cap_minor), ("envelope", drafted.envelope_minor)] {
        if !(1..=MAX_MINOR).contains(&minor) {
            wrong.push(Violation::at(field, "refused-zero"));
        }
    }
    if drafted.cap_minor > drafted.envelope_minor {
        wrong.push(Violation::at("cap", "refused-call-cap-above-envelope"));
    }
    if drafted.closes_at <= drafted.opens_at {
        wrong.push(Violation::at("closes_at", "refused-call-closes-before-opening"));
    }
    if drafted.eligibility.len() > MAX_RULES {
        wrong.push(Violation::at("form_association", "refused-call-rules-count").with("most", MAX_RULES));
    }
    for (field, days) in [("notice_days", drafted.notice_days), ("appeal_days", drafted.appeal_days)] {
        if !(1..=60).contains(&days) {
            wrong.push(Violation::at(field, "refused-out-of-range").with("least", 1).with("most", 60));
        }
    }
    if !(1..=50).contains(&drafted.reviews_required) {
        wrong.push(Violation::at("reviews_required", "refused-out-of-range").with("least", 1).with("most", 50));
    }
    let heads = &drafted.budget_heads;
    if heads.is_empty() || heads.len() > MAX_HEADS || drafted.negative_list.len() > MAX_HEADS {
        wrong.push(Violation::at("budget_heads", "refused-call-heads").with("most", MAX_HEADS));
    }
    if heads.iter().any(|head| drafted.negative_list.contains(head)) {
        wrong.push(Violation::at("negative_list", "refused-call-head-both"));
    }
    // Money that a donor bound to a need answers that need, and becomes no fund.
    if drafted.award_kind == AwardKind::SeedFund && drafted.need.is_some() {
        wrong.push(Violation::at("award_kind", "refused-seed-fund-need"));
    }
    wrong.extend(rules::check_eligibility(&drafted.eligibility));
    wrong.extend(rules::check_rubric(&drafted.rubric));
    wrong.extend(rules::check_tranches(&drafted.tranche_plan));
    wrong.extend(rules::check_reports(&drafted.reporting_plan));
    wrong
}

/// What the draft points to exists; the currency is the fund's.
async fn known(tx: &Tx, drafted: &Drafted) -> Result<Currency> {
    let mut wrong = Vec::new();
    let fund = fund::Entity::find_by_id(drafted.fund).one(tx).await?;
    if fund.is_none() {
        wrong.push(Violation::at("fund", "refused-unknown"));
    }
    if entities::form_version::Entity::find_by_id(drafted.form_version).one(tx).await?.is_none() {
        wrong.push(Violation::at("form_version", "refused-unknown"));
    }
    for (field, form, purpose) in [
        ("report_form", drafted.report_form, FormPurpose::Report),
        ("evaluation_form", drafted.evaluation_form, FormPurpose::Evaluation),
    ] {
        let fits = match form {
            Some(form) => forms::service::asks_only(tx, form, purpose).await?,
            None => true,
        };
        if !fits {
            wrong.push(Violation::at(field, "refused-call-later-form"));
        }
    }
    if let Some(need) = drafted.need {
        let need = need::Entity::find_by_id(need).one(tx).await?;
        if !need.is_some_and(|need| matches!(need.stage, NeedStage::Listed | NeedStage::Adopted)) {
            wrong.push(Violation::at("need", "refused-need-not-listed"));
        }
    }
    if let Some(programme) = drafted.programme {
        let programme = programme::Entity::find_by_id(programme).one(tx).await?;
        if programme.is_none_or(|programme| programme.stage != ProgrammeStage::Running) {
            wrong.push(Violation::at("programme", "refused-call-programme"));
        }
    }
    if let Some(concept) = drafted.concept {
        let concept = call::Entity::find_by_id(concept).one(tx).await?;
        let announced = concept.filter(|row| row.checked_by.is_some());
        let asks = match &announced {
            Some(row) => stages::is_concept(tx, row).await?,
            None => false,
        };
        if !asks {
            wrong.push(Violation::at("concept", "refused-call-concept"));
        }
    }
    texts::all_well(wrong)?;
    fund.map(|fund| fund.currency).ok_or(Error::NotFound)
}
