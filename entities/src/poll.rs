//! A vote of a residents' council on the projects of a call.

use crate::kinds::{CallId, Currency, PersonId, PollId, PollKind, PollStage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A vote of a residents' council on the projects of a call.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "poll")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PollId,
    /// The call.
    pub call_id: CallId,
    /// Public.
    pub title: String,
    /// Whose council votes.
    pub community: String,
    /// What a ballot says.
    pub kind: PollKind,
    /// Most projects on one ballot.
    pub most: i32,
    /// Most points for one project; 1 for approvals.
    pub points: i32,
    /// Of the budget.
    pub currency: Currency,
    /// What may be spent.
    pub budget_minor: i64,
    /// Share of the roll that must vote.
    pub quorum_bps: i32,
    /// Where it stands.
    pub stage: PollStage,
    /// No ballot counts from then on.
    pub closes_at: DateTimeUtc,
    /// Officer.
    pub drafted_by: PersonId,
    /// When.
    pub drafted_at: DateTimeUtc,
    /// Another officer.
    pub opened_by: Option<PersonId>,
    /// When.
    pub opened_at: Option<DateTimeUtc>,
    /// Who may vote, counted when it opened.
    pub roll: i32,
    /// Counts every save.
    pub version: i32,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
