//! A form's key with its answer: the same key answers the same, another body is refused.

use crate::kinds::PersonId;
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A form's key with its answer: the same key answers the same, another body is refused.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "posted_form")]
pub struct Model {
    /// Random, made with the page.
    #[sea_orm(primary_key, auto_increment = false)]
    pub form_key: String,
    /// Whose.
    pub person_id: Option<PersonId>,
    /// Mark of path and body, made with the vault's key.
    pub fingerprint: String,
    /// What the first posting answered.
    pub answer: Json,
    /// When.
    pub at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
