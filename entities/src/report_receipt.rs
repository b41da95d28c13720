//! What a report's spending is proven by: a photo of a receipt, or an invoice.

use crate::kinds::{Currency, DocumentId, OrganisationId, PersonId, ReportId, ReportReceiptId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What a report's spending is proven by: a photo of a receipt, or an invoice.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "report_receipt")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ReportReceiptId,
    /// In which report.
    pub report_id: ReportId,
    /// The payee that accounts for it.
    pub organisation_id: OrganisationId,
    /// The file.
    pub document_id: DocumentId,
    /// Of the file: the same one is claimed once.
    pub sha256: String,
    /// Budget head.
    pub head: String,
    /// Number printed on it, or ''.
    pub number: String,
    /// Its day.
    pub issued_on: Date,
    /// How much of it is claimed.
    pub amount_minor: i64,
    /// In what.
    pub currency: Currency,
    /// Editor.
    pub attached_by: PersonId,
    /// When.
    pub attached_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
