//! One attempt to pay a tranche: who asked, who approved, who prepared, who checked.

use crate::kinds::{Currency, DocumentId, PayeeAccountId, PaymentId, PaymentOutcome, PersonId, TrancheId, TransferId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One attempt to pay a tranche: who asked, who approved, who prepared, who checked.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "payment")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PaymentId,
    /// What is paid.
    pub tranche_id: TrancheId,
    /// How much.
    pub amount_minor: i64,
    /// In what.
    pub currency: Currency,
    /// Where to.
    pub payee_account_id: PayeeAccountId,
    /// Who entered that account.
    pub payee_entered_by: PersonId,
    /// Payment request.
    pub request_document_id: Option<DocumentId>,
    /// Signatory of the payee.
    pub requested_by: PersonId,
    /// When.
    pub requested_at: DateTimeUtc,
    /// Officer who approved the work.
    pub programme_by: Option<PersonId>,
    /// Maker.
    pub prepared_by: Option<PersonId>,
    /// When.
    pub prepared_at: Option<DateTimeUtc>,
    /// Checker.
    pub approved_by: Option<PersonId>,
    /// When.
    pub approved_at: Option<DateTimeUtc>,
    /// Third approver, above the threshold.
    pub third_by: Option<PersonId>,
    /// By the policy of the day it was prepared.
    pub third_required: bool,
    /// Reference on the bank instruction, made once.
    pub instruction: Option<String>,
    /// Who sent it.
    pub sent_by: Option<PersonId>,
    /// When.
    pub sent_at: Option<DateTimeUtc>,
    /// The hold in the books.
    pub pending_transfer_id: Option<TransferId>,
    /// How it ended.
    pub outcome: Option<PaymentOutcome>,
    /// When.
    pub ended_at: Option<DateTimeUtc>,
    /// Who saw it on the statement.
    pub confirmed_by: Option<PersonId>,
    /// Statement line that confirmed it.
    pub bank_line: Option<String>,
    /// The voucher, original.
    pub voucher_id: Option<DocumentId>,
    /// Of a failure, return or rejection.
    pub reason: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
