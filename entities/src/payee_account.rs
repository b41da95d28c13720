//! A bank account money may be paid to, entered, verified and approved by three people.

use crate::kinds::{Currency, OrganisationId, PayeeAccountId, PayeeStage, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A bank account money may be paid to, entered, verified and approved by three people.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "payee_account")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PayeeAccountId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Name on the account.
    pub holder: String,
    /// Bank and branch.
    pub bank_name: String,
    /// The number, sealed by the vault.
    #[serde(skip)]
    pub account_sealed: String,
    /// Of the account.
    pub currency: Currency,
    /// Where it stands.
    pub stage: PayeeStage,
    /// Signatory.
    pub entered_by: PersonId,
    /// When.
    pub entered_at: DateTimeUtc,
    /// What finance compared it with, '' before.
    pub evidence: String,
    /// Finance officer.
    pub verified_by: Option<PersonId>,
    /// When.
    pub verified_at: Option<DateTimeUtc>,
    /// A different approver.
    pub approved_by: Option<PersonId>,
    /// When; cooling starts.
    pub approved_at: Option<DateTimeUtc>,
    /// End of the cooling period.
    pub usable_from: Option<DateTimeUtc>,
    /// Counts every save.
    pub version: i32,
    /// The same number has the same mark; nobody without the vault's key can make one.
    #[serde(skip)]
    pub account_mark: String,
    /// The last figures, for people.
    pub account_tail: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
