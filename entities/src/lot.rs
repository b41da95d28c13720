//! A received gift or match, kept with its own restriction.

use crate::kinds::{FundId, GiftId, LotId, NeedId, TransferId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A received gift or match, kept with its own restriction.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "lot")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: LotId,
    /// Fund that received it.
    pub fund_id: FundId,
    /// The gift.
    pub gift_id: GiftId,
    /// Only for this need.
    pub restriction_need_id: Option<NeedId>,
    /// As received.
    pub amount_minor: i64,
    /// Order of use.
    pub received_at: DateTimeUtc,
    /// The receipt in the books.
    pub transfer_id: TransferId,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
