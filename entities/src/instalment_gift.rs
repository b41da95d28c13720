//! A gift that pays an instalment, or waits to: one that waits at a time, as many as came.

use crate::kinds::{GiftId, InstalmentId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A gift that pays an instalment, or waits to: one that waits at a time, as many as came.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "instalment_gift")]
pub struct Model {
    /// The gift.
    #[sea_orm(primary_key, auto_increment = false)]
    pub gift_id: GiftId,
    /// What it pays.
    pub instalment_id: InstalmentId,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
