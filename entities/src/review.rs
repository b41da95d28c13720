//! An assignment and the review that comes of it.

use crate::kinds::{ApplicationId, CallId, PersonId, ReviewId, ReviewStage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// An assignment and the review that comes of it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "review")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ReviewId,
    /// What is judged.
    pub application_id: ApplicationId,
    /// Of which call.
    pub call_id: CallId,
    /// By whom.
    pub reviewer_id: PersonId,
    /// Where it stands.
    pub stage: ReviewStage,
    /// Officer.
    pub assigned_by: PersonId,
    /// When.
    pub assigned_at: DateTimeUtc,
    /// Overall, for the applicant.
    pub comment: String,
    /// Total in hundredths, once submitted.
    pub total: Option<i32>,
    /// When.
    pub submitted_at: Option<DateTimeUtc>,
    /// Of a recusal, decline or reopening.
    pub reason: String,
    /// Counts every save.
    pub version: i32,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
