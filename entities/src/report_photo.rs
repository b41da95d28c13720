//! A photo in a report; the case page may show it.

use crate::kinds::{DocumentId, PersonId, ReportId, ReportPhotoId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A photo in a report; the case page may show it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "report_photo")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ReportPhotoId,
    /// In which report.
    pub report_id: ReportId,
    /// The file.
    pub document_id: DocumentId,
    /// What it shows.
    pub caption: String,
    /// Editor.
    pub attached_by: PersonId,
    /// When.
    pub attached_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
