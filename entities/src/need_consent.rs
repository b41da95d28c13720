//! One owner's consent; the page shows how many, never who.

use crate::kinds::{ConsentStage, NeedConsentId, NeedId, OrganisationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One owner's consent; the page shows how many, never who.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "need_consent")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: NeedConsentId,
    /// The need.
    pub need_id: NeedId,
    /// Who, for staff eyes only.
    pub owner_label: String,
    /// The owner, where it is registered here.
    pub organisation_id: Option<OrganisationId>,
    /// Where it stands.
    pub stage: ConsentStage,
    /// What was signed, '' while asked.
    pub evidence: String,
    /// Officer.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
