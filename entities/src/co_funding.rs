//! Money beside the grant: who promised it, what came, each with its evidence.

use crate::kinds::{ApplicationId, BudgetSource, CoFundingId, Currency, DocumentId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Money beside the grant: who promised it, what came, each with its evidence.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "co_funding")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: CoFundingId,
    /// Whose bid.
    pub application_id: ApplicationId,
    /// From where.
    pub source: BudgetSource,
    /// Who gives it.
    pub giver: String,
    /// Same as the application's.
    pub currency: Currency,
    /// How much was promised.
    pub promised_minor: i64,
    /// The promise in writing.
    pub promise_document_id: Option<DocumentId>,
    /// How much came.
    pub received_minor: i64,
    /// What proves it.
    pub received_document_id: Option<DocumentId>,
    /// Editor.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
