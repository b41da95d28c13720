//! An organisation that may not apply for a time, after a breach.

use crate::kinds::{AwardId, BanId, OrganisationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// An organisation that may not apply for a time, after a breach.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "ban")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: BanId,
    /// Who.
    pub organisation_id: OrganisationId,
    /// After which award.
    pub award_id: AwardId,
    /// What was broken, and where it is written.
    pub evidence: String,
    /// First day.
    pub from_on: Date,
    /// Last day.
    pub until_on: Date,
    /// Officer.
    pub proposed_by: PersonId,
    /// A different approver.
    pub confirmed_by: PersonId,
    /// When.
    pub confirmed_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
