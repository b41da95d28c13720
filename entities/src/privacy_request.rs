//! What a person asks about the data kept about them.

use crate::kinds::{PersonId, PrivacyKind, PrivacyRequestId, PrivacyStage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What a person asks about the data kept about them.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "privacy_request")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PrivacyRequestId,
    /// Who asks, about themselves.
    pub person_id: PersonId,
    /// What is asked.
    pub kind: PrivacyKind,
    /// In their words; taken out when the account is erased.
    pub told: String,
    /// Where it stands.
    pub stage: PrivacyStage,
    /// When.
    pub asked_at: DateTimeUtc,
    /// Administrator, somebody else.
    pub answered_by: Option<PersonId>,
    /// When.
    pub answered_at: Option<DateTimeUtc>,
    /// With its reasons.
    pub answer: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
