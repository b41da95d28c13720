//! What was said when a panel talked about a bid or about the round. It only grows.

use crate::kinds::{ApplicationId, CallId, PanelNoteId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What was said when a panel talked about a bid or about the round. It only grows.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "panel_note")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PanelNoteId,
    /// Whose panel.
    pub call_id: CallId,
    /// About which bid, or about the round.
    pub application_id: Option<ApplicationId>,
    /// What was said.
    pub text: String,
    /// Officer or chair.
    pub written_by: PersonId,
    /// When.
    pub written_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
