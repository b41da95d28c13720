//! A published change of an open call; only ever added to.

use crate::kinds::{CallAmendmentId, CallId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A published change of an open call; only ever added to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "call_amendment")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: CallAmendmentId,
    /// Which call.
    pub call_id: CallId,
    /// What changed.
    pub text_zh: String,
    /// The same in English.
    pub text_en: String,
    /// Deadline before.
    pub closes_before: DateTimeUtc,
    /// Deadline after, never earlier.
    pub closes_after: DateTimeUtc,
    /// Officer.
    pub published_by: PersonId,
    /// When.
    pub published_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
