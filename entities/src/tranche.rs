//! A part of an award, paid when its gate is met.

use crate::kinds::{AwardId, Currency, TrancheId, TrancheStage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A part of an award, paid when its gate is met.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "tranche")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: TrancheId,
    /// Of which award.
    pub award_id: AwardId,
    /// 1, 2, 3…
    pub ordinal: i32,
    /// As first planned.
    pub planned_minor: i64,
    /// As it stands.
    pub amount_minor: i64,
    /// Same as the award's.
    pub currency: Currency,
    /// `Vec<core::plan::Gate>`.
    pub gates: Json,
    /// Where it stands.
    pub stage: TrancheStage,
    /// Day it fell due.
    pub due_on: Option<Date>,
    /// Counts every save.
    pub version: i32,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
