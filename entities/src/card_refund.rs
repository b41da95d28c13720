//! A refund through the processor: decided by two, held in the books before the processor is asked.

use crate::kinds::{CardRefundId, CardRefundStage, Currency, GiftId, OrderId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A refund through the processor: decided by two, held in the books before the processor is asked.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "card_refund")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: CardRefundId,
    /// The order that was paid.
    pub order_id: OrderId,
    /// Its gift.
    pub gift_id: GiftId,
    /// Whole or in part.
    pub amount_minor: i64,
    /// As paid.
    pub currency: Currency,
    /// The same call twice is one refund.
    pub idempotency_key: String,
    /// The processor's.
    pub refund_id: Option<String>,
    /// Where it stands.
    pub stage: CardRefundStage,
    /// In words.
    pub reason: String,
    /// When the processor was first asked.
    pub first_called_at: Option<DateTimeUtc>,
    /// First of the two.
    pub proposed_by: PersonId,
    /// Second.
    pub confirmed_by: PersonId,
    /// When it was held.
    pub created_at: DateTimeUtc,
    /// When it was posted or void.
    pub ended_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
