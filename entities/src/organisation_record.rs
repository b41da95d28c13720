//! Dated history of grade, credit, stage and annual check; only ever added to.

use crate::kinds::{DocumentId, OrganisationId, OrganisationRecordId, PersonId, RecordKind};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Dated history of grade, credit, stage and annual check; only ever added to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "organisation_record")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: OrganisationRecordId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// What is recorded.
    pub kind: RecordKind,
    /// `1A`–`5A`; `none|abnormal|serious|other`; `observed|start_up|seed|certified|exited`; `passed|failed`.
    pub value: String,
    /// Of a certification.
    pub certificate_number: Option<String>,
    /// First day.
    pub valid_from: Date,
    /// Last day; open when null.
    pub valid_until: Option<Date>,
    /// Where it was seen.
    pub evidence: String,
    /// Copy of the evidence.
    pub document_id: Option<DocumentId>,
    /// Who.
    pub recorded_by: Option<PersonId>,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
