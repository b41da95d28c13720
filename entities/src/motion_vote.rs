//! A seat on the roll of a motion, and how it voted.

use crate::kinds::{Ballot, MotionId, MotionVoteId, OrganisationId, PersonId, SeatPart};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A seat on the roll of a motion, and how it voted.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "motion_vote")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: MotionVoteId,
    /// The motion.
    pub motion_id: MotionId,
    /// Number of the seat on this roll.
    pub seat: i32,
    /// Who sat there when it opened.
    pub person_id: PersonId,
    /// Part in the committee.
    pub part: SeatPart,
    /// Initiator for whom the seat votes.
    pub organisation_id: Option<OrganisationId>,
    /// Votes of the seat.
    pub weight: i64,
    /// How it voted.
    pub ballot: Ballot,
    /// Why recused, or ''.
    pub reason: String,
    /// When it last voted.
    pub voted_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
