//! The signed head of a batch of sealed transfers; only ever added to.

use crate::kinds::{SealHeadId, TransferId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The signed head of a batch of sealed transfers; only ever added to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "seal_head")]
pub struct Model {
    /// Key: the number of the batch, from 1 without a gap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SealHeadId,
    /// First transfer of the batch.
    pub first_transfer_id: TransferId,
    /// Last transfer of the batch.
    pub last_transfer_id: TransferId,
    /// Transfers in the batch.
    pub transfers: i64,
    /// Transfers in all batches up to this one.
    pub total: i64,
    /// Root of the tree over the batch, hex.
    pub root: String,
    /// Hash of the head before, hex.
    pub previous: String,
    /// When.
    pub at: DateTimeUtc,
    /// Public key that signs, hex.
    pub public_key: String,
    /// Ed25519, hex.
    pub signature: String,
    /// Hashes of the lines one after the other, hex.
    pub leaves: String,
    /// Numbers of the transfers with commas; empty when none is missing between the first and the last.
    pub ids: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
