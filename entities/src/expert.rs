//! Somebody of the expert pool (专家库), who may have an account or none yet.

use crate::kinds::{ExpertId, OrganisationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Somebody of the expert pool (专家库), who may have an account or none yet.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "expert")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ExpertId,
    /// Lower case.
    pub email: String,
    /// As the person is called.
    pub name: String,
    /// Employer, where it is in the registry.
    pub employer_id: Option<OrganisationId>,
    /// Fields of work, split by commas.
    pub fields: String,
    /// Area codes, split by commas.
    pub areas: String,
    /// Languages, split by commas.
    pub languages: String,
    /// Most reviews at a time.
    pub load_limit: i32,
    /// Officer.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
