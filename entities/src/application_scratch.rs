//! What one editor has typed and not saved yet, kept as it was typed.

use crate::kinds::{ApplicationId, ApplicationScratchId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What one editor has typed and not saved yet, kept as it was typed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "application_scratch")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ApplicationScratchId,
    /// Whose bid.
    pub application_id: ApplicationId,
    /// Who typed it.
    pub person_id: PersonId,
    /// The version of the draft that the form showed.
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
