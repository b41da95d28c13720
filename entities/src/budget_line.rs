//! A line of an application's budget.

use crate::kinds::{ApplicationId, BudgetLineId, BudgetSource};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A line of an application's budget.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "budget_line")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: BudgetLineId,
    /// Whose.
    pub application_id: ApplicationId,
    /// Budget head code.
    pub head: String,
    /// What for.
    pub label: String,
    /// How many.
    pub quantity: i32,
    /// Each.
    pub unit_minor: i64,
    /// Who pays.
    pub source: BudgetSource,
    /// Order.
    pub position: i32,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
