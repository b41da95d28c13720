//! A concept note whose author may write a proposal.

use crate::kinds::{ApplicationId, CallId, CallInvitationId, OrganisationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A concept note whose author may write a proposal.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "call_invitation")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: CallInvitationId,
    /// The call for proposals.
    pub call_id: CallId,
    /// The concept note.
    pub application_id: ApplicationId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Officer.
    pub invited_by: PersonId,
    /// When.
    pub invited_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
