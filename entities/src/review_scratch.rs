//! What a reviewer has typed and not saved yet, kept as it was typed.

use crate::kinds::{PersonId, ReviewId, ReviewScratchId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What a reviewer has typed and not saved yet, kept as it was typed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "review_scratch")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ReviewScratchId,
    /// Whose form.
    pub review_id: ReviewId,
    /// Who typed it.
    pub person_id: PersonId,
    /// The version of the review that the form showed.
    pub version: i32,
    /// Name and text of every field.
    pub fields: Json,
    /// When it was kept last.
    pub at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
