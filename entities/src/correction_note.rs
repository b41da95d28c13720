//! A published correction of an entry; the entry itself stays.

use crate::kinds::{CorrectionNoteId, PersonId, PostingId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A published correction of an entry; the entry itself stays.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "correction_note")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: CorrectionNoteId,
    /// The entry corrected.
    pub posting_id: PostingId,
    /// The reversing entry.
    pub reversal_id: Option<PostingId>,
    /// In words, public.
    pub reason: String,
    /// Who.
    pub written_by: PersonId,
    /// When.
    pub at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
