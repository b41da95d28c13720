//! Terms that every grant agreement carries from a day on, in both languages, with named places.

use crate::kinds::{AgreementTermsId, PersonId, PolicyStage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Terms that every grant agreement carries from a day on, in both languages, with named places.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "agreement_terms")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: AgreementTermsId,
    /// In Chinese.
    pub text_zh: String,
    /// In English.
    pub text_en: String,
    /// Who resolved it, and where it is written.
    pub source: String,
    /// Offers from this day on carry them.
    pub effective_on: Date,
    /// Where they stand.
    pub stage: PolicyStage,
    /// Administrator.
    pub proposed_by: PersonId,
    /// When.
    pub proposed_at: DateTimeUtc,
    /// A different administrator.
    pub confirmed_by: Option<PersonId>,
    /// When.
    pub confirmed_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
