//! The number of a gift's fiscal e-bill as finance recorded it; the newest counts, and none is ever taken away.

use crate::kinds::{GiftBillId, GiftId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The number of a gift's fiscal e-bill as finance recorded it; the newest counts, and none is ever taken away.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "gift_bill")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: GiftBillId,
    /// Of which gift.
    pub gift_id: GiftId,
    /// Number of the bill; '' when it was cancelled.
    pub number: String,
    /// Why it was changed, '' for the first.
    pub reason: String,
    /// Finance officer.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
