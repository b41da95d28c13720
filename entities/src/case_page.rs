//! What a finished project tells everybody, made from its final report.

use crate::kinds::{AwardId, CasePageId, DocumentId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What a finished project tells everybody, made from its final report.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "case_page")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: CasePageId,
    /// Of which award.
    pub award_id: AwardId,
    /// Heading.
    pub title: String,
    /// What came of it, in words.
    pub story: String,
    /// The public copy of a photo of the report.
    pub photo_id: Option<DocumentId>,
    /// What it shows, or ''.
    pub photo_caption: String,
    /// Officer.
    pub published_by: PersonId,
    /// When.
    pub published_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
