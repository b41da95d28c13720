//! What a donor is asked to pay through the processor: one checkout session; its key stands before the first call.

use crate::kinds::{Currency, GiftId, OrderId, OrderStage, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What a donor is asked to pay through the processor: one checkout session; its key stands before the first call.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "online_order")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: OrderId,
    /// The gift it pays.
    pub gift_id: GiftId,
    /// Told to the processor, by which a lost answer is found again.
    pub reference: String,
    /// The same call twice is one session.
    pub idempotency_key: String,
    /// What must arrive, to the minor unit.
    pub amount_minor: i64,
    /// And in which currency.
    pub currency: Currency,
    /// Where it stands.
    pub stage: OrderStage,
    /// When the processor was first asked; nothing is sent blindly long after.
    pub first_called_at: Option<DateTimeUtc>,
    /// The processor's checkout session.
    pub session_id: Option<String>,
    /// Where the donor pays.
    pub checkout_url: Option<String>,
    /// The payment; never booked for two orders.
    pub payment_intent: Option<String>,
    /// The charge that paid.
    pub charge_id: Option<String>,
    /// The processor's entry with the actual fee.
    pub balance_transaction: Option<String>,
    /// The actual fee, never an estimate.
    pub fee_minor: Option<i64>,
    /// Why a person must look, '' when nobody must.
    pub odd: String,
    /// Who pays.
    pub created_by: PersonId,
    /// When.
    pub created_at: DateTimeUtc,
    /// When the payment was booked.
    pub paid_at: Option<DateTimeUtc>,
    /// Answers of the processor applied so far.
    pub looks: i64,
    /// When it was last looked up, or was to be.
    pub looked_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
