//! One figure of the rules, from a day on, with its source; only ever added to.

use crate::kinds::{PersonId, PolicyStage, PolicyVersionId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One figure of the rules, from a day on, with its source; only ever added to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "policy_version")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PolicyVersionId,
    /// Name in `core::policy`.
    pub key: String,
    /// The figure.
    pub value: Json,
    /// Law, regulation or board decision.
    pub source: String,
    /// First day it counts.
    pub effective_on: Date,
    /// Where it stands.
    pub stage: PolicyStage,
    /// Nobody for the seeded profile.
    pub proposed_by: Option<PersonId>,
    /// When.
    pub proposed_at: DateTimeUtc,
    /// A second administrator.
    pub confirmed_by: Option<PersonId>,
    /// When.
    pub confirmed_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
