//! What an enterprise said of a year's profit; the newest of a year counts.

use crate::kinds::{InstalmentId, PersonId, PledgePlanId, ProfitDeclarationId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What an enterprise said of a year's profit; the newest of a year counts.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "profit_declaration")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ProfitDeclarationId,
    /// Of which plan.
    pub plan_id: PledgePlanId,
    /// Business year.
    pub year: i32,
    /// Its profit; a loss is below zero.
    pub profit_minor: i64,
    /// The share of it.
    pub due_minor: i64,
    /// What it became; none when nothing is due.
    pub instalment_id: Option<InstalmentId>,
    /// Why it was declared anew, '' for the first.
    pub note: String,
    /// Signatory.
    pub declared_by: PersonId,
    /// When.
    pub declared_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
