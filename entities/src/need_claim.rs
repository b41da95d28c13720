//! What a partner promises of a part that has an amount.

use crate::kinds::{NeedClaimId, NeedPartId, OrganisationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What a partner promises of a part that has an amount; a promise is never money.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "need_claim")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: NeedClaimId,
    /// Of which part.
    pub part_id: NeedPartId,
    /// Partner.
    pub organisation_id: OrganisationId,
    /// How much of it, in the part's currency.
    pub amount_minor: i64,
    /// Signatory.
    pub claimed_by: PersonId,
    /// When.
    pub claimed_at: DateTimeUtc,
    /// When it was taken back.
    pub withdrawn_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
