//! An outcome with baseline and target; reports add the actual.

use crate::kinds::{ApplicationId, IndicatorId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// An outcome with baseline and target; reports add the actual.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "indicator")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: IndicatorId,
    /// Whose.
    pub application_id: ApplicationId,
    /// What is measured.
    pub name: String,
    /// In what.
    pub unit: String,
    /// Before.
    pub baseline: i32,
    /// Promised.
    pub target: i32,
    /// Order.
    pub position: i32,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
