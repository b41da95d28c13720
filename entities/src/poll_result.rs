//! What was counted and what came of it, to be counted again by anybody; only ever added to.

use crate::kinds::{PollId, PollResultId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What was counted and what came of it, to be counted again by anybody; only ever added to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "poll_result")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PollResultId,
    /// The poll.
    pub poll_id: PollId,
    /// The ballots as a Pabulib file.
    pub pabulib: String,
    /// The answer of the Method of Equal Shares.
    pub shares: Json,
    /// The answer of the greedy rule, beside it.
    pub greedy: Json,
    /// When.
    pub at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
