//! A file, kept by its hash; a redacted one points to its original.

use crate::kinds::{DocumentId, DocumentPurpose, OrganisationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A file, kept by its hash; a redacted one points to its original.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "document")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: DocumentId,
    /// Of the bytes, hex.
    pub sha256: String,
    /// File name shown.
    pub name: String,
    /// Sniffed, not believed.
    pub media_type: String,
    /// Size.
    pub bytes: i64,
    /// What it proves.
    pub purpose: DocumentPurpose,
    /// Whose members may read it.
    pub organisation_id: Option<OrganisationId>,
    /// Published (redacted) or private.
    pub public: bool,
    /// The private original.
    pub redacts_id: Option<DocumentId>,
    /// Who.
    pub uploaded_by: Option<PersonId>,
    /// When.
    pub uploaded_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
