//! Another organisation in a bid: the host that answers for a residents' group, or a partner with a child project.

use crate::kinds::{ApplicationId, ApplicationSideId, OrganisationId, PersonId, SideRole, SideStage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Another organisation in a bid: the host that answers for a residents' group, or a partner with a child project.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "application_side")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ApplicationSideId,
    /// Whose bid.
    pub application_id: ApplicationId,
    /// Who is asked.
    pub organisation_id: OrganisationId,
    /// As what.
    pub role: SideRole,
    /// Of the child project, '' for a host.
    pub title: String,
    /// What the partner does.
    pub summary: String,
    /// Its part of the grant.
    pub amount_minor: i64,
    /// Where it stands.
    pub stage: SideStage,
    /// Why it was refused, or ''.
    pub reason: String,
    /// Editor.
    pub asked_by: PersonId,
    /// When.
    pub asked_at: DateTimeUtc,
    /// Signatory of the side.
    pub answered_by: Option<PersonId>,
    /// When.
    pub answered_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
