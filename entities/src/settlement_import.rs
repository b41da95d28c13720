//! A designated platform's settlement file: proposed by one, applied by another.

use crate::kinds::{Currency, FundId, ImportStage, NeedId, PersonId, SettlementImportId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A designated platform's settlement file: proposed by one, applied by another.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "settlement_import")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: SettlementImportId,
    /// For which fund.
    pub fund_id: FundId,
    /// Of the file: the same file never twice.
    pub sha256: String,
    /// As uploaded.
    pub file_name: String,
    /// The one bank line that carries it.
    pub bank_line: String,
    /// Day of that line.
    pub received_on: Date,
    /// Of every row.
    pub currency: Currency,
    /// Rows.
    pub row_count: i32,
    /// Sum of the rows.
    pub total_minor: i64,
    /// The checked rows.
    pub rows: Json,
    /// Only for this need.
    pub restriction_need_id: Option<NeedId>,
    /// Where it stands.
    pub stage: ImportStage,
    /// Who.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
    /// Another.
    pub confirmed_by: Option<PersonId>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
