//! What became of a lot: allocated, consumed, released, reopened, refunded; only ever added to.

use crate::kinds::{DecisionItemId, LotId, LotMoveId, LotMoveKind, TransferId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What became of a lot: allocated, consumed, released, reopened, refunded; only ever added to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "lot_move")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: LotMoveId,
    /// Which lot.
    pub lot_id: LotId,
    /// What.
    pub kind: LotMoveKind,
    /// For which decision item.
    pub item_id: Option<DecisionItemId>,
    /// How much.
    pub amount_minor: i64,
    /// The transfer it goes with.
    pub transfer_id: TransferId,
    /// When.
    pub at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
