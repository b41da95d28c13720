//! A list of decisions drafted by one, approved by another.

use crate::kinds::{BatchStage, CallId, DecisionBatchId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A list of decisions drafted by one, approved by another.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "decision_batch")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: DecisionBatchId,
    /// Of which call.
    pub call_id: CallId,
    /// Where it stands.
    pub stage: BatchStage,
    /// Input and answer of the aggregation, as fixed.
    pub scores: Json,
    /// Minutes of the panel.
    pub note: String,
    /// Chair or officer.
    pub drafted_by: PersonId,
    /// When.
    pub drafted_at: DateTimeUtc,
    /// When.
    pub submitted_at: Option<DateTimeUtc>,
    /// A different approver.
    pub approved_by: Option<PersonId>,
    /// When.
    pub approved_at: Option<DateTimeUtc>,
    /// Why it came back.
    pub returned_reason: String,
    /// Counts every save.
    pub version: i32,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
