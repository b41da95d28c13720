//! What somebody objects to during the public notice.

use crate::kinds::{DecisionItemId, ObjectionId, ObjectionStage, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What somebody objects to during the public notice.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "objection")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ObjectionId,
    /// To which decision.
    pub item_id: DecisionItemId,
    /// In words; public without the name.
    pub ground: String,
    /// The same ground once.
    pub ground_hash: String,
    /// Private.
    pub contact: String,
    /// Where signed in.
    pub filed_by: Option<PersonId>,
    /// When.
    pub filed_at: DateTimeUtc,
    /// Answer by.
    pub due_on: Date,
    /// Where it stands.
    pub stage: ObjectionStage,
    /// Public answer.
    pub answer: String,
    /// An officer not of the panel, or the administrator.
    pub answered_by: Option<PersonId>,
    /// When.
    pub answered_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
