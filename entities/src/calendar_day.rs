//! A day that differs from Monday-to-Friday.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A day that differs from Monday-to-Friday.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "calendar_day")]
pub struct Model {
    /// The day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Its year.
    pub year: i32,
    /// A make-up day, or a day off.
    pub working: bool,
    /// Name of the holiday.
    pub note: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
