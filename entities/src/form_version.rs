//! The questions as fixed; a call keeps its version for ever.

use crate::kinds::{FormId, FormVersionId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The questions as fixed; a call keeps its version for ever.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "form_version")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: FormVersionId,
    /// Which form.
    pub form_id: FormId,
    /// 1, 2, 3…
    pub version: i32,
    /// A `core::answers::FormDefinition`.
    pub definition: Json,
    /// Who.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
