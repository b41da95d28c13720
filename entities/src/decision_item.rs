//! What was decided about one application.

use crate::kinds::{ApplicationId, AwardKind, Currency, DecisionBatchId, DecisionItemId, ItemStage, Outcome};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What was decided about one application.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "decision_item")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: DecisionItemId,
    /// Of which batch.
    pub batch_id: DecisionBatchId,
    /// About which application.
    pub application_id: ApplicationId,
    /// What.
    pub outcome: Outcome,
    /// What an approval becomes.
    pub award_kind: AwardKind,
    /// Awarded, 0 unless approved or reserved.
    pub amount_minor: i64,
    /// Management fee committed with it.
    pub fee_minor: i64,
    /// Same as the call's.
    pub currency: Currency,
    /// Where it stands.
    pub stage: ItemStage,
    /// Aggregated, in hundredths.
    pub score: Option<i32>,
    /// Rank by score.
    pub rank: Option<i32>,
    /// Place on the reserve list.
    pub reserve_order: Option<i32>,
    /// Why, where it departs from the ranking; feedback to the applicant.
    pub reason: String,
    /// Money is committed in the books.
    pub committed: bool,
    /// First day of notice.
    pub noticed_on: Option<Date>,
    /// Last day objections may be filed.
    pub notice_ends_on: Option<Date>,
    /// Working days left when it was held.
    pub days_left: Option<i32>,
    /// When it became final.
    pub final_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
