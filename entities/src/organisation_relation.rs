//! Ownership and related parties, from which conflicts follow.

use crate::kinds::{OrganisationId, OrganisationRelationId, PersonId, RelationKind};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Ownership and related parties, from which conflicts follow.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "organisation_relation")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: OrganisationRelationId,
    /// The one that owns or is related.
    pub organisation_id: OrganisationId,
    /// The one owned or related.
    pub related_id: OrganisationId,
    /// How.
    pub kind: RelationKind,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Option<Date>,
    /// Where it was seen.
    pub evidence: String,
    /// Who.
    pub recorded_by: Option<PersonId>,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
