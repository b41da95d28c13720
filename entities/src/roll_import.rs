//! A file of organisations or experts: read whole, looked at, then taken over whole.

use crate::kinds::{ImportStage, PersonId, RollImportId, RollKind};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A file of organisations or experts: read whole, looked at, then taken over whole.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "roll_import")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: RollImportId,
    /// What it lists.
    pub kind: RollKind,
    /// Of the file.
    pub sha256: String,
    /// As it was called.
    pub file_name: String,
    /// What was read.
    pub rows: Json,
    /// How many.
    pub row_count: i32,
    /// Where it stands.
    pub stage: ImportStage,
    /// Who uploaded it.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
    /// Who took it over.
    pub applied_by: Option<PersonId>,
    /// When.
    pub applied_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
