//! What was done and spent, from the grantee.

use crate::kinds::{AwardId, PersonId, ReportId, ReportKind, ReportStage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What was done and spent, from the grantee.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "report")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ReportId,
    /// On which award.
    pub award_id: AwardId,
    /// Kind.
    pub kind: ReportKind,
    /// Late is derived from it.
    pub due_on: Date,
    /// From this day it can be written.
    pub opens_on: Date,
    /// What happened, public once accepted.
    pub narrative: String,
    /// Indicator id → actual.
    pub actuals: Json,
    /// `Vec<core::plan::SpendingLine>`.
    pub spending: Json,
    /// Hours.
    pub volunteer_hours: i32,
    /// A count, never names.
    pub beneficiaries: i32,
    /// Where it stands.
    pub stage: ReportStage,
    /// Who wrote.
    pub drafted_by: Option<PersonId>,
    /// Signatory.
    pub submitted_by: Option<PersonId>,
    /// When.
    pub submitted_at: Option<DateTimeUtc>,
    /// Officer.
    pub decided_by: Option<PersonId>,
    /// Changes requested, or why waived.
    pub reason: String,
    /// Counts every save.
    pub version: i32,
    /// When it was reminded of, before its day.
    pub before_at: Option<DateTimeUtc>,
    /// When it was reminded of, after its day.
    pub after_at: Option<DateTimeUtc>,
    /// Answers to the questions of its form.
    pub answers: Json,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
