//! A reminder that was sent, so that it is sent once.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A reminder that was sent, so that it is sent once.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "pledge_reminder")]
pub struct Model {
    /// What it reminded of: `instalment:5:before`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub mark: String,
    /// When.
    pub at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
