//! The very text that was signed, whatever became of its parts since.

use crate::kinds::{AgreementCopyId, AwardId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The very text that was signed, whatever became of its parts since.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "agreement_copy")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: AgreementCopyId,
    /// Of which award.
    pub award_id: AwardId,
    /// What both signed.
    pub text: String,
    /// Of the text.
    pub sha256: String,
    /// With the first signature.
    pub kept_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
