//! A proposal on the use of a fund, voted on by its committee.

use crate::kinds::{ApplicationId, AwardId, CallId, Currency, FundId, MotionId, MotionStage, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A proposal on the use of a fund, voted on by its committee.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "motion")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: MotionId,
    /// The fund.
    pub fund_id: FundId,
    /// Public; names nobody.
    pub title: String,
    /// For the committee and staff.
    pub text: String,
    /// Of the fund.
    pub currency: Currency,
    /// Most that it allows; none for no limit.
    pub amount_minor: Option<i64>,
    /// Call it concerns.
    pub call_id: Option<CallId>,
    /// Application it concerns.
    pub application_id: Option<ApplicationId>,
    /// Award it concerns.
    pub award_id: Option<AwardId>,
    /// Where it stands.
    pub stage: MotionStage,
    /// Votes that must be given, of all, as the agreement said when it opened.
    pub quorum_bps: i32,
    /// More than this of the votes given must be for it.
    pub majority_bps: i32,
    /// Votes there are, empty seats included.
    pub votes: i64,
    /// Who.
    pub opened_by: PersonId,
    /// When.
    pub opened_at: DateTimeUtc,
    /// No vote counts from then on.
    pub closes_at: DateTimeUtc,
    /// When it was decided.
    pub closed_at: Option<DateTimeUtc>,
    /// The chair; nobody when the clock closed it.
    pub closed_by: Option<PersonId>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
