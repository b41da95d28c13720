//! A project on the ballot paper, with what it asks for; fixed when the poll opens.

use crate::kinds::{ApplicationId, PollId, PollProjectId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A project on the ballot paper, with what it asks for; fixed when the poll opens.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "poll_project")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PollProjectId,
    /// The poll.
    pub poll_id: PollId,
    /// The project.
    pub application_id: ApplicationId,
    /// What it asks for.
    pub cost_minor: i64,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
