//! How an account of the foundation pays; its number is sealed.

use crate::kinds::{BankAccountId, PayProfile, PayingAccountId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// How an account of the foundation pays; its number is sealed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "paying_account")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PayingAccountId,
    /// Which account.
    pub account_id: BankAccountId,
    /// The file its bank takes.
    pub profile: PayProfile,
    /// Name on the account.
    pub holder: String,
    /// Of its bank, or ''.
    pub bic: String,
    /// Its number, sealed.
    pub number_sealed: String,
    /// Who entered it.
    pub set_by: PersonId,
    /// When.
    pub set_at: DateTimeUtc,
    /// Counts every save.
    pub version: i32,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
