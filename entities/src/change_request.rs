//! A wish to change an award.

use crate::kinds::{AwardId, ChangeKind, ChangeRequestId, ChangeStage, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A wish to change an award.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "change_request")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ChangeRequestId,
    /// Which award.
    pub award_id: AwardId,
    /// What kind.
    pub kind: ChangeKind,
    /// From head, to head, amount; or the new day.
    pub detail: Json,
    /// Why.
    pub explanation: String,
    /// Purpose changes need it.
    pub donor_consent_required: bool,
    /// Where it stands.
    pub stage: ChangeStage,
    /// Signatory.
    pub requested_by: PersonId,
    /// When.
    pub requested_at: DateTimeUtc,
    /// Officer.
    pub decided_by: Option<PersonId>,
    /// Why declined.
    pub reason: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
