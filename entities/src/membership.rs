//! A person's part in an organisation.

use crate::kinds::{MemberRole, MembershipId, MembershipStage, OrganisationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A person's part in an organisation.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "membership")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: MembershipId,
    /// Where.
    pub organisation_id: OrganisationId,
    /// Who.
    pub person_id: PersonId,
    /// Signs, or writes.
    pub role: MemberRole,
    /// Where it stands.
    pub stage: MembershipStage,
    /// Who asked them in.
    pub invited_by: Option<PersonId>,
    /// When.
    pub created_at: DateTimeUtc,
    /// When it ended.
    pub ended_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
