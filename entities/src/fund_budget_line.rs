//! A line of a fund's budget of a year; a later revision replaces the whole year, and nothing is lost.

use crate::kinds::{BudgetHead, FundBudgetLineId, FundId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A line of a fund's budget of a year; a later revision replaces the whole year, and nothing is lost.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "fund_budget_line")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: FundBudgetLineId,
    /// The fund.
    pub fund_id: FundId,
    /// Calendar year.
    pub year: i32,
    /// The highest of a year counts.
    pub revision: i32,
    /// What for.
    pub head: BudgetHead,
    /// Planned.
    pub amount_minor: i64,
    /// Signatory of the initiator.
    pub proposed_by: PersonId,
    /// Programme officer.
    pub confirmed_by: PersonId,
    /// When.
    pub at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
