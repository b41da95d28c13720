//! An account of the foundation at a bank, into which statements are imported.

use crate::kinds::{BankAccountId, Currency, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// An account of the foundation at a bank, into which statements are imported.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "bank_account")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: BankAccountId,
    /// What the foundation calls it.
    pub name: String,
    /// Mark, made with the vault's key, of its number: a statement of another account is not taken.
    pub number_hash: String,
    /// The last figures, for people.
    pub number_tail: String,
    /// One account, one currency.
    pub currency: Currency,
    /// Who entered it.
    pub opened_by: PersonId,
    /// When.
    pub opened_at: DateTimeUtc,
    /// Name of the key that its mark was made with; '' for the first.
    pub mark_key: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
