//! A payment in a batch.

use crate::kinds::{PaymentBatchId, PaymentBatchLineId, PaymentId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A payment in a batch.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "payment_batch_line")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PaymentBatchLineId,
    /// In which batch.
    pub batch_id: PaymentBatchId,
    /// Which payment.
    pub payment_id: PaymentId,
    /// When it was taken out before the batch was sent.
    pub left_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
