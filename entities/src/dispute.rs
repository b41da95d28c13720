//! A donor's bank takes a payment back, or asks about it.

use crate::kinds::{Currency, DisputeId, DisputeStage, OrderId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A donor's bank takes a payment back, or asks about it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "dispute")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: DisputeId,
    /// The order that was paid.
    pub order_id: OrderId,
    /// The processor's.
    pub dispute_id: String,
    /// What is disputed.
    pub amount_minor: i64,
    /// As paid.
    pub currency: Currency,
    /// Where it stands.
    pub stage: DisputeStage,
    /// The processor's word.
    pub reason: String,
    /// What the fund still had of it and lost.
    pub taken_minor: i64,
    /// What was spent already and is the foundation's loss.
    pub lost_minor: i64,
    /// The processor's fees, less those given back.
    pub fee_minor: i64,
    /// When we learnt of it.
    pub created_at: DateTimeUtc,
    /// When it was decided.
    pub ended_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
