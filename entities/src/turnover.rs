//! What sealed transfers moved in all from one account to another, by recipe, fund and award, once by day and once by month; only the sealer adds to it.

use crate::kinds::{AccountId, Recipe, Span, TurnoverId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What sealed transfers moved in all from one account to another, by recipe, fund and award, once by day and once by month; only the sealer adds to it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "turnover")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: TurnoverId,
    /// How long it counts.
    pub span: Span,
    /// The day, or the first of the month.
    pub starts_on: Date,
    /// Account debited.
    pub debit_id: AccountId,
    /// Account credited.
    pub credit_id: AccountId,
    /// Which row of the table of postings.
    pub recipe: Recipe,
    /// Fund it concerns; 0 for none.
    pub fund_id: i64,
    /// Award it concerns; 0 for none.
    pub award_id: i64,
    /// In all, in minor units.
    pub amount_minor: i64,
    /// How many.
    pub transfers: i64,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
