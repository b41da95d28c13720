//! One criterion of a review; N/A is missing, never zero.

use crate::kinds::{ReviewId, ReviewScoreId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One criterion of a review; N/A is missing, never zero.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "review_score")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ReviewScoreId,
    /// Of which review.
    pub review_id: ReviewId,
    /// Criterion id of the rubric.
    pub criterion: String,
    /// 0…max, null for N/A.
    pub value: Option<i32>,
    /// Where the rubric asks for one.
    pub comment: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
