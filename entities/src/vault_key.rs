//! By what the vault's key is known again; the key itself is in no table.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// By what the vault's key is known again; the key itself is in no table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "vault_key")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Made with the key.
    pub mark: String,
    /// Since when it is being changed, if it is.
    pub changing_since: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
