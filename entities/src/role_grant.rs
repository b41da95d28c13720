//! A role a person holds; those with money or decision power need two granters.

use crate::kinds::{PersonId, Role, RoleGrantId, RoleGrantStage, Scope};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A role a person holds; those with money or decision power need two granters.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "role_grant")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: RoleGrantId,
    /// Who holds it.
    pub person_id: PersonId,
    /// Which.
    pub role: Role,
    /// Where it holds.
    pub scope: Scope,
    /// Fund or call, null for the foundation.
    pub scope_id: Option<i64>,
    /// Where it stands.
    pub stage: RoleGrantStage,
    /// Nobody for the first two administrators.
    pub proposed_by: Option<PersonId>,
    /// When.
    pub proposed_at: DateTimeUtc,
    /// The second administrator, where two are needed.
    pub confirmed_by: Option<PersonId>,
    /// When.
    pub confirmed_at: Option<DateTimeUtc>,
    /// First day it counts.
    pub effective_on: Option<Date>,
    /// Last day, for deputies and terms.
    pub ends_on: Option<Date>,
    /// A deputy's principal: both count as one person.
    pub principal_id: Option<PersonId>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
