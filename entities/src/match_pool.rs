//! Money set aside to match gifts.

use crate::kinds::{Currency, FundId, MatchPoolId, MatchPoolStage, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Money set aside to match gifts.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "match_pool")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: MatchPoolId,
    /// Name in Chinese, or ''.
    pub name_zh: String,
    /// Name in English, or ''.
    pub name_en: String,
    /// Gifts to this fund are matched.
    pub fund_id: FundId,
    /// Of the pool.
    pub currency: Currency,
    /// 10000 is one to one.
    pub ratio_bps: i32,
    /// Most for one gift.
    pub cap_per_gift_minor: Option<i64>,
    /// Most in all.
    pub cap_total_minor: i64,
    /// First day of the window.
    pub opens_on: Date,
    /// Last day of the window.
    pub closes_on: Date,
    /// Where it stands.
    pub stage: MatchPoolStage,
    /// Finance officer.
    pub proposed_by: PersonId,
    /// A different approver.
    pub confirmed_by: Option<PersonId>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
