//! One part of a plan, with its day. What is open of it is told by its gifts.

use crate::kinds::{InstalmentId, InstalmentStage, PledgePlanId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One part of a plan, with its day. What is open of it is told by its gifts.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "pledge_instalment")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: InstalmentId,
    /// Of which plan.
    pub plan_id: PledgePlanId,
    /// Its place.
    pub ordinal: i32,
    /// Its day.
    pub due_on: Date,
    /// How much.
    pub amount_minor: i64,
    /// Where it stands.
    pub stage: InstalmentStage,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
