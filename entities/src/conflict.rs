//! Why a person may not judge an application: declared or derived.

use crate::kinds::{ApplicationId, ConflictGround, ConflictId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Why a person may not judge an application: declared or derived.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "conflict")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ConflictId,
    /// Which application.
    pub application_id: ApplicationId,
    /// Who.
    pub person_id: PersonId,
    /// Why.
    pub ground: ConflictGround,
    /// Where it shows.
    pub evidence: String,
    /// Nobody when derived.
    pub recorded_by: Option<PersonId>,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
