//! An invitation to bid, with everything fixed before it opens.

use crate::kinds::{
    AwardKind, CallId, CallKind, CallStage, Currency, FormVersionId, FundId, NeedId, PersonId, ProgrammeId,
    ScoringMethod,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// An invitation to bid, with everything fixed before it opens.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "call")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: CallId,
    /// Of which programme.
    pub programme_id: Option<ProgrammeId>,
    /// Which fund pays.
    pub fund_id: FundId,
    /// Which need it answers; lots restricted to it may be used.
    pub need_id: Option<NeedId>,
    /// Kind.
    pub kind: CallKind,
    /// Category within a venture round, or ''.
    pub category: String,
    /// Title in Chinese, or ''.
    pub title_zh: String,
    /// Title in English, or ''.
    pub title_en: String,
    /// What is asked for.
    pub summary_zh: String,
    /// The same in English.
    pub summary_en: String,
    /// Same as the fund's.
    pub currency: Currency,
    /// Most that one application may ask.
    pub cap_minor: i64,
    /// Most for all.
    pub envelope_minor: i64,
    /// Area code.
    pub area: String,
    /// Rules, `Vec<core::eligibility::Rule>`.
    pub eligibility: Json,
    /// Criteria, `Vec<core::rubric::Criterion>`.
    pub rubric: Json,
    /// How scores are aggregated.
    pub method: ScoringMethod,
    /// Reviewers do not see who applies.
    pub blind: bool,
    /// Reviews an application needs.
    pub reviews_required: i32,
    /// Allowed heads, list of codes.
    pub budget_heads: Json,
    /// What is never paid for, list of codes.
    pub negative_list: Json,
    /// `Vec<core::plan::PlannedTranche>`.
    pub tranche_plan: Json,
    /// `Vec<core::plan::PlannedReport>`.
    pub reporting_plan: Json,
    /// Its questions.
    pub form_version_id: FormVersionId,
    /// Working days of public notice.
    pub notice_days: i32,
    /// Working days to appeal.
    pub appeal_days: i32,
    /// Residents' groups may bid through a host.
    pub host_allowed: bool,
    /// Opening hour.
    pub opens_at: DateTimeUtc,
    /// Deadline; only moves later.
    pub closes_at: DateTimeUtc,
    /// Where it stands.
    pub stage: CallStage,
    /// Officer.
    pub drafted_by: PersonId,
    /// A different officer.
    pub checked_by: Option<PersonId>,
    /// Public, when cancelled.
    pub cancel_reason: String,
    /// When drafted.
    pub created_at: DateTimeUtc,
    /// Counts every save.
    pub version: i32,
    /// Which round or phase of its programme, or ''.
    pub round: String,
    /// Whose rules it began with.
    pub copied_from_id: Option<CallId>,
    /// The call for concept notes from which it invites.
    pub concept_call_id: Option<CallId>,
    /// Nobody sees a bid before two people open them all.
    pub sealed: bool,
    /// Who asked for the opening of the bids.
    pub opening_by: Option<PersonId>,
    /// Who opened them with that person.
    pub opened_by: Option<PersonId>,
    /// When they were opened.
    pub opened_at: Option<DateTimeUtc>,
    /// What an approval becomes, fixed before the call opens.
    pub award_kind: AwardKind,
    /// The questions of its reports, beside what every report tells.
    pub report_form_version_id: Option<FormVersionId>,
    /// The questions of its evaluations, beside score and findings.
    pub evaluation_form_version_id: Option<FormVersionId>,
    /// A blind call names who applies to each reviewer whose own reviews are all in; otherwise not before the decision.
    pub named_after_review: bool,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
