//! A line of a statement, kept once however often it is imported.

use crate::kinds::{BankAccountId, Currency, PersonId, StatementId, StatementLineId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A line of a statement, kept once however often it is imported.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "bank_statement_line")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: StatementLineId,
    /// Of which account.
    pub account_id: BankAccountId,
    /// The file that brought it first; where a hand wrote it before, the file that shows it.
    pub statement_id: StatementId,
    /// The bank's mark, unique within the account.
    pub reference: String,
    /// The same as the books use it: what it proves, it proves once.
    pub mark: String,
    /// Day it was booked.
    pub day: Date,
    /// Above zero came in, below zero went out.
    pub amount_minor: i64,
    /// Same as the account's.
    pub currency: Currency,
    /// Whom it came from or went to; never public.
    pub name: String,
    /// The last figures of their account; the rest is not kept.
    pub tail: String,
    /// What was written on it; never public.
    pub text: String,
    /// Line in the file.
    pub row_number: i32,
    /// Who imported it.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
