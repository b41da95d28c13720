//! The first half of a two-person act; the second half is its confirmation.

use crate::kinds::{PersonId, ProposalId, ProposalKind, ProposalStage, Subject};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The first half of a two-person act; the second half is its confirmation.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "proposal")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ProposalId,
    /// What is proposed.
    pub kind: ProposalKind,
    /// To what.
    pub subject: Subject,
    /// Which one.
    pub subject_id: i64,
    /// Everything the confirmation needs, fixed when proposed.
    pub payload: Json,
    /// Who.
    pub proposed_by: PersonId,
    /// When.
    pub proposed_at: DateTimeUtc,
    /// Where it stands.
    pub stage: ProposalStage,
    /// Who confirmed, declined or withdrew.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<DateTimeUtc>,
    /// Why declined or withdrawn.
    pub reason: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
