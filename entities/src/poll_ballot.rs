//! A ballot: of nobody, in no order. Its key is thrown, and it keeps no time.

use crate::kinds::{PollBallotId, PollId, VoteWay};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A ballot: of nobody, in no order. Its key is thrown, and it keeps no time.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "poll_ballot")]
pub struct Model {
    /// Thrown.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PollBallotId,
    /// The poll.
    pub poll_id: PollId,
    /// How it came.
    pub way: VoteWay,
    /// SHA-256 of the voter's receipt, or of the paper's number.
    pub seal: String,
    /// Points by project.
    pub choices: Json,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
