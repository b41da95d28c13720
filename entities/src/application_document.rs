//! A file of a bid.

use crate::kinds::{ApplicationDocumentId, ApplicationId, DocumentId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A file of a bid.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "application_document")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ApplicationDocumentId,
    /// Whose bid.
    pub application_id: ApplicationId,
    /// The file.
    pub document_id: DocumentId,
    /// What it is.
    pub label: String,
    /// Editor.
    pub attached_by: PersonId,
    /// When.
    pub attached_at: DateTimeUtc,
    /// The question of the form that it answers, or ''.
    pub question: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
