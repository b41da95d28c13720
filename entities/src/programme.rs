//! A line of funding with rounds.

use crate::kinds::{PersonId, ProgrammeId, ProgrammeStage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A line of funding with rounds.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "programme")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ProgrammeId,
    /// Name in Chinese, or ''.
    pub name_zh: String,
    /// Name in English, or ''.
    pub name_en: String,
    /// Where it stands.
    pub stage: ProgrammeStage,
    /// Officer.
    pub created_by: PersonId,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
