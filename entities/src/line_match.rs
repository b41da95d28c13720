//! What a line turned out to be, said by one and confirmed by another; only ever added to.

use crate::kinds::{LineMatchId, MatchKind, PersonId, StatementLineId, Subject, TransferId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What a line turned out to be, said by one and confirmed by another; only ever added to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "line_match")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: LineMatchId,
    /// Which line.
    pub line_id: StatementLineId,
    /// What it is.
    pub kind: MatchKind,
    /// What it belongs to.
    pub subject: Subject,
    /// Which one.
    pub subject_id: i64,
    /// The entry that somebody recorded under another mark.
    pub transfer_id: Option<TransferId>,
    /// Which rule proposed it, or that somebody chose it.
    pub why: String,
    /// Who imported the line, or chose by hand.
    pub proposed_by: PersonId,
    /// Another.
    pub confirmed_by: PersonId,
    /// When.
    pub at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
