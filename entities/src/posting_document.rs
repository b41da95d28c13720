//! The voucher of a posting; added, never replaced.

use crate::kinds::{DocumentId, PostingDocumentId, PostingId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The voucher of a posting; added, never replaced.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "posting_document")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PostingDocumentId,
    /// The entry.
    pub posting_id: PostingId,
    /// The voucher.
    pub document_id: DocumentId,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
