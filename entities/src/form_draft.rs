//! The questions as an officer is writing them; publishing makes a version of them.

use crate::kinds::{FormDraftId, FormId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The questions as an officer is writing them; publishing makes a version of them.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "form_draft")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: FormDraftId,
    /// Which form.
    pub form_id: FormId,
    /// A `core::answers::FormDefinition`, perhaps without questions yet.
    pub definition: Json,
    /// Counts every save.
    pub version: i32,
    /// Who saved last.
    pub changed_by: PersonId,
    /// When.
    pub changed_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
