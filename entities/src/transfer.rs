//! One debit, one credit, one amount: an unbalanced row cannot exist; only ever added to.

use crate::kinds::{AccountId, Currency, PaymentId, Phase, PostingId, TransferId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One debit, one credit, one amount: an unbalanced row cannot exist; only ever added to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "transfer")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: TransferId,
    /// Asked twice, done once.
    pub idempotency_key: String,
    /// Two-phase state.
    pub phase: Phase,
    /// Account debited.
    pub debit_id: AccountId,
    /// Account credited.
    pub credit_id: AccountId,
    /// In the minor unit of the currency.
    pub amount_minor: i64,
    /// Same as both accounts'.
    pub currency: Currency,
    /// The pending transfer this posts or voids.
    pub resolves_id: Option<TransferId>,
    /// The transfer this undoes whole.
    pub reverses_id: Option<TransferId>,
    /// e.g. the payment partly returned.
    pub relates_id: Option<TransferId>,
    /// The approved payment, for money leaving a payable.
    pub payment_id: Option<PaymentId>,
    /// Its voucher group.
    pub posting_id: PostingId,
    /// When.
    pub at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
