//! A paper ballot as two people read it, each alone.

use crate::kinds::{PaperStage, PersonId, PollId, PollPaperId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A paper ballot as two people read it, each alone.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "poll_paper")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PollPaperId,
    /// The poll.
    pub poll_id: PollId,
    /// Printed on the paper.
    pub number: i32,
    /// Whether both read the same.
    pub stage: PaperStage,
    /// Who read it first.
    pub first_by: PersonId,
    /// What the first read.
    pub first_read: Json,
    /// Who read it next.
    pub second_by: Option<PersonId>,
    /// What the second read.
    pub second_read: Option<Json>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
