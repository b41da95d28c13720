//! One donor's consent to another purpose; which donor, staff may see.

use crate::kinds::{ChangeConsentId, ChangeRequestId, OrganisationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One donor's consent to another purpose; which donor, staff may see.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "change_consent")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ChangeConsentId,
    /// To which wish.
    pub change_id: ChangeRequestId,
    /// The donor.
    pub organisation_id: OrganisationId,
    /// Evidence of it.
    pub evidence: String,
    /// The donor's signatory.
    pub given_by: PersonId,
    /// When.
    pub given_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
