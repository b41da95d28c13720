//! The secret behind the salts of sealed rows; one row, written once.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The secret behind the salts of sealed rows; one row, written once.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "seal_secret")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// 32 bytes, hex.
    pub secret: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
