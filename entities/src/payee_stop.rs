//! A link in a letter about a new payee account, by which whoever is written to stops it without signing in.

use crate::kinds::{PayeeAccountId, PayeeStopId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A link in a letter about a new payee account, by which whoever is written to stops it without signing in.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "payee_stop")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PayeeStopId,
    /// SHA-256 of the token in the link.
    pub token_hash: String,
    /// Which account it stops.
    pub payee_account_id: PayeeAccountId,
    /// Who was written to.
    pub person_id: PersonId,
    /// When.
    pub made_at: DateTimeUtc,
    /// After this it is void.
    pub expires_at: DateTimeUtc,
    /// When it was used: once.
    pub used_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
