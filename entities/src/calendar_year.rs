//! A year whose working days are known.

use crate::kinds::PersonId;
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A year whose working days are known.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "calendar_year")]
pub struct Model {
    /// The year.
    #[sea_orm(primary_key, auto_increment = false)]
    pub year: i32,
    /// Who published it.
    pub source: String,
    /// Who imported it.
    pub imported_by: Option<PersonId>,
    /// When.
    pub imported_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
