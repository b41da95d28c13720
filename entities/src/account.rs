//! A ledger account; floored ones carry their balance, constrained by the database.

use crate::kinds::{AccountId, AccountKind, Currency, Side, TransferId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A ledger account; floored ones carry their balance, constrained by the database.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: AccountId,
    /// e.g. `bank:CNY`, `fund_available:7`.
    pub code: String,
    /// What it is for.
    pub kind: AccountKind,
    /// Fund, decision item, tranche or pool.
    pub subject_id: Option<i64>,
    /// One account, one currency.
    pub currency: Currency,
    /// Normal side.
    pub side: Side,
    /// May never go below zero.
    pub floored: bool,
    /// Takes no more transfers.
    pub closed: bool,
    /// Floored accounts only.
    pub posted_debit_minor: i64,
    /// Floored accounts only.
    pub posted_credit_minor: i64,
    /// Pending transfers out.
    pub held_debit_minor: i64,
    /// Pending transfers in.
    pub held_credit_minor: i64,
    /// The transfer that moved it last: no other write may change a balance.
    pub last_transfer_id: Option<TransferId>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
