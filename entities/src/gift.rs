//! A pledge, a bank gift, goods, a row of a platform's file, or a match.

use crate::kinds::{
    Anonymity, Currency, DocumentId, FundId, GiftId, GiftKind, GiftStage, MatchPoolId, NeedId, OrganisationId,
    PersonId, SettlementImportId,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A pledge, a bank gift, goods, a row of a platform's file, or a match.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "gift")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: GiftId,
    /// To which fund.
    pub fund_id: FundId,
    /// How it comes.
    pub kind: GiftKind,
    /// Where it stands.
    pub stage: GiftStage,
    /// The donor, where an organisation.
    pub donor_organisation_id: Option<OrganisationId>,
    /// The donor, where a person with an account.
    pub donor_person_id: Option<PersonId>,
    /// As told; private unless `named`.
    pub donor_name: String,
    /// What the public may see.
    pub anonymity: Anonymity,
    /// Or waived.
    pub receipt_wanted: bool,
    /// Cash, or the value of goods.
    pub amount_minor: i64,
    /// Same as the fund's.
    pub currency: Currency,
    /// Only for this need.
    pub restriction_need_id: Option<NeedId>,
    /// Transfer reference issued to the donor.
    pub reference: Option<String>,
    /// Day a pledge falls due.
    pub pledge_due_on: Option<Date>,
    /// Statement line it came with.
    pub bank_line: Option<String>,
    /// Day of the bank line or hand-over.
    pub received_on: Option<Date>,
    /// Of goods in kind, or ''.
    pub description: String,
    /// Invoice, appraisal…, or ''.
    pub valuation_basis: String,
    /// Proof of value.
    pub valuation_document_id: Option<DocumentId>,
    /// Platform file it came in.
    pub import_id: Option<SettlementImportId>,
    /// Its row.
    pub import_row: Option<i32>,
    /// Pool of a match.
    pub pool_id: Option<MatchPoolId>,
    /// The gift that was matched.
    pub matched_gift_id: Option<GiftId>,
    /// Who recorded the receipt.
    pub recorded_by: Option<PersonId>,
    /// Who confirmed it.
    pub confirmed_by: Option<PersonId>,
    /// SHA-256 of the private trace link's token.
    pub trace_token_hash: Option<String>,
    /// Who entered it.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
