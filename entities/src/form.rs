//! A form's name; its versions hold the questions.

use crate::kinds::{FormId, FormPurpose, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A form's name; its versions hold the questions.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "form")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: FormId,
    /// For staff.
    pub name: String,
    /// What it is for.
    pub purpose: FormPurpose,
    /// Who.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
