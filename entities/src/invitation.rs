//! A one-time way in, for one e-mail address.

use crate::kinds::{InvitationId, Locale, MemberRole, OrganisationId, PersonId, Role};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A one-time way in, for one e-mail address.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "invitation")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: InvitationId,
    /// SHA-256 of the token in the link.
    pub token_hash: String,
    /// Lower case.
    pub email: String,
    /// How the invitation greets.
    pub name: String,
    /// Language of the mail.
    pub locale: Locale,
    /// Role that comes with it; only for the first administrators or roles one person may give.
    pub role: Option<Role>,
    /// Organisation joined.
    pub organisation_id: Option<OrganisationId>,
    /// Part played there.
    pub member_role: Option<MemberRole>,
    /// Who invited; nobody for the first two.
    pub invited_by: Option<PersonId>,
    /// When.
    pub created_at: DateTimeUtc,
    /// After this it is void.
    pub expires_at: DateTimeUtc,
    /// When it was used.
    pub accepted_at: Option<DateTimeUtc>,
    /// Who used it.
    pub person_id: Option<PersonId>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
