//! Somebody on the roll of a poll, and by which way the vote came: never which one it is, nor when.

use crate::kinds::{PersonId, PollId, PollVoterId, VoteWay};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Somebody on the roll of a poll, and by which way the vote came: never which one it is, nor when.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "poll_voter")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PollVoterId,
    /// The poll.
    pub poll_id: PollId,
    /// Who.
    pub person_id: PersonId,
    /// How the vote came.
    pub way: VoteWay,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
