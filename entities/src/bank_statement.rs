//! A file of the bank: checked first, then imported whole or discarded.

use crate::kinds::{BankAccountId, Currency, KnownBy, PersonId, StatementFormat, StatementId, StatementStage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A file of the bank: checked first, then imported whole or discarded.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "bank_statement")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: StatementId,
    /// Of which account.
    pub account_id: BankAccountId,
    /// Of the file: the same file never twice.
    pub sha256: String,
    /// As uploaded.
    pub file_name: String,
    /// How it came.
    pub format: StatementFormat,
    /// Same as the account's.
    pub currency: Currency,
    /// First day it speaks of.
    pub from_day: Date,
    /// Last day it speaks of.
    pub to_day: Date,
    /// What stood there before it, where it says.
    pub opening_minor: Option<i64>,
    /// What stood there after it, where it says.
    pub closing_minor: Option<i64>,
    /// Lines of the file.
    pub line_count: i32,
    /// Lines that no import brought before.
    pub new_count: i32,
    /// The checked lines, until they are lines of their own.
    pub rows: Json,
    /// Where it stands.
    pub stage: StatementStage,
    /// By what it is known to be of this account.
    pub known_by: KnownBy,
    /// Who uploaded it.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
