//! A grant: offered, signed by both, paid in tranches, closed.

use crate::kinds::{
    ApplicationId, AwardId, AwardKind, AwardStage, CallId, Currency, DecisionItemId, FormVersionId, FundId,
    OrganisationId, PayeeAccountId, PersonId,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A grant: offered, signed by both, paid in tranches, closed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "award")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: AwardId,
    /// The decision.
    pub item_id: DecisionItemId,
    /// The bid.
    pub application_id: ApplicationId,
    /// The call.
    pub call_id: CallId,
    /// Who pays.
    pub fund_id: FundId,
    /// Who is paid: the applicant, or its host.
    pub organisation_id: OrganisationId,
    /// Kind.
    pub kind: AwardKind,
    /// Of the project.
    pub title: String,
    /// As agreed.
    pub amount_minor: i64,
    /// Management fee on payments.
    pub fee_bps: i32,
    /// Same as the fund's.
    pub currency: Currency,
    /// Where it stands.
    pub stage: AwardStage,
    /// When.
    pub offered_at: DateTimeUtc,
    /// Last day to accept and sign.
    pub offer_expires_on: Date,
    /// SHA-256 of the agreement's text as signed.
    pub agreement_hash: String,
    /// Signatory.
    pub grantee_signed_by: Option<PersonId>,
    /// When.
    pub grantee_signed_at: Option<DateTimeUtc>,
    /// Administrator.
    pub foundation_signed_by: Option<PersonId>,
    /// When.
    pub foundation_signed_at: Option<DateTimeUtc>,
    /// Where money goes.
    pub payee_account_id: Option<PayeeAccountId>,
    /// Confirmed by finance; it pays the lesser.
    pub allowable_cost_minor: Option<i64>,
    /// Who confirmed.
    pub allowable_by: Option<PersonId>,
    /// To be returned after a termination.
    pub clawback_minor: Option<i64>,
    /// Returned or waived by the board.
    pub clawback_settled: bool,
    /// Planned end of the project.
    pub ends_on: Option<Date>,
    /// The new fund of a seed-fund award.
    pub seed_fund_id: Option<FundId>,
    /// Officer.
    pub closed_by: Option<PersonId>,
    /// Finance, somebody else.
    pub closed_finance_by: Option<PersonId>,
    /// When.
    pub closed_at: Option<DateTimeUtc>,
    /// Counts every save.
    pub version: i32,
    /// A, B or C, of the last final evaluation that was published.
    pub grade: Option<String>,
    /// Number of the policy it was offered under.
    pub policy_version: Option<i32>,
    /// The questions of its reports, as the call fixed them.
    pub report_form_version_id: Option<FormVersionId>,
    /// The questions of its evaluations, as the call fixed them.
    pub evaluation_form_version_id: Option<FormVersionId>,
    /// When officers were reminded that the case is not told yet.
    pub case_asked_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
