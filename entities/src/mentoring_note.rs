//! A visit or a word of advice, kept with the award.

use crate::kinds::{AwardId, MentoringNoteId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A visit or a word of advice, kept with the award.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "mentoring_note")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: MentoringNoteId,
    /// Which award.
    pub award_id: AwardId,
    /// What was seen and advised.
    pub text: String,
    /// Who.
    pub written_by: PersonId,
    /// When.
    pub at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
