//! One organisation's bid.

use crate::kinds::{ApplicationId, ApplicationStage, CallId, Currency, OrganisationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One organisation's bid.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "application")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ApplicationId,
    /// For which call.
    pub call_id: CallId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Fiscal host, for a residents' group.
    pub host_id: Option<OrganisationId>,
    /// Of the project.
    pub title: String,
    /// What will be done.
    pub summary: String,
    /// Where.
    pub site: String,
    /// By whom.
    pub team: String,
    /// Answers to the call's form.
    pub answers: Json,
    /// A child project without scores of its own, or ''.
    pub child_name: String,
    /// What the child does.
    pub child_summary: String,
    /// Sum of its grant lines.
    pub ask_minor: i64,
    /// Same as the call's.
    pub currency: Currency,
    /// Where it stands.
    pub stage: ApplicationStage,
    /// Eligibility as last computed.
    pub findings: Json,
    /// Day of the policy it was computed under.
    pub policy_on: Option<Date>,
    /// SHA-256 of what was signed.
    pub content_hash: String,
    /// Editor.
    pub drafted_by: PersonId,
    /// When started.
    pub created_at: DateTimeUtc,
    /// Signatory.
    pub submitted_by: Option<PersonId>,
    /// Server time of the acknowledgement.
    pub submitted_at: Option<DateTimeUtc>,
    /// Officer.
    pub screened_by: Option<PersonId>,
    /// Reason codes of a refusal.
    pub reasons: Json,
    /// Information asked for.
    pub question: String,
    /// Until when.
    pub question_due_at: Option<DateTimeUtc>,
    /// Counts every save; a stale save is refused.
    pub version: i32,
    /// Number of the policy it was signed under.
    pub policy_version: Option<i32>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
