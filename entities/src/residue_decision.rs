//! What becomes of what is left; due and published within three months.

use crate::kinds::{AwardId, Currency, FundId, PersonId, ResidueDecisionId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What becomes of what is left; due and published within three months.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "residue_decision")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ResidueDecisionId,
    /// After an award.
    pub award_id: Option<AwardId>,
    /// After a fund.
    pub fund_id: Option<FundId>,
    /// How much is left.
    pub amount_minor: i64,
    /// In what.
    pub currency: Currency,
    /// In words, public; '' until decided.
    pub decision: String,
    /// Three months after the end.
    pub due_on: Date,
    /// Officer.
    pub proposed_by: Option<PersonId>,
    /// A different approver.
    pub decided_by: Option<PersonId>,
    /// When.
    pub published_at: Option<DateTimeUtc>,
    /// When it was reminded of, before its day.
    pub before_at: Option<DateTimeUtc>,
    /// When it was reminded of, after its day.
    pub after_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
