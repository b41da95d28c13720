//! A line of the bank's statement, used once for whatever it proves.

use crate::kinds::{BankLineId, Subject};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A line of the bank's statement, used once for whatever it proves.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "bank_line")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: BankLineId,
    /// The bank's mark for it.
    pub line: String,
    /// What it was used for.
    pub subject: Subject,
    /// Which one.
    pub subject_id: i64,
    /// When.
    pub at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
