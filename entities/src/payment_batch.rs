//! Payments that one file tells a bank to make.

use crate::kinds::{BankAccountId, Currency, PayProfile, PaymentBatchId, PaymentBatchStage, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Payments that one file tells a bank to make.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "payment_batch")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PaymentBatchId,
    /// From which account.
    pub account_id: BankAccountId,
    /// Same as the account's.
    pub currency: Currency,
    /// Working day on which the bank is to pay.
    pub execute_on: Date,
    /// Where it stands.
    pub stage: PaymentBatchStage,
    /// Who put it together.
    pub made_by: PersonId,
    /// When.
    pub made_at: DateTimeUtc,
    /// The file as it was made.
    pub profile: Option<PayProfile>,
    /// Who froze it.
    pub frozen_by: Option<PersonId>,
    /// When.
    pub frozen_at: Option<DateTimeUtc>,
    /// Of the file.
    pub sha256: Option<String>,
    /// The file, sealed: account numbers stand in it.
    pub file_sealed: Option<String>,
    /// The sum of the file.
    pub total_minor: Option<i64>,
    /// Payments of the file.
    pub line_count: Option<i32>,
    /// Another person.
    pub sent_by: Option<PersonId>,
    /// When.
    pub sent_at: Option<DateTimeUtc>,
    /// Counts every save.
    pub version: i32,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
