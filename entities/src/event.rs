//! What happened: one row with each change, in the same transaction; only ever added to.

use crate::kinds::{EventId, PersonId, Subject};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What happened: one row with each change, in the same transaction; only ever added to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: EventId,
    /// When, by the injected clock.
    pub at: DateTimeUtc,
    /// Who; nobody for the system and visitors.
    pub actor_id: Option<PersonId>,
    /// The part played: officer, signatory, system…
    pub actor_part: String,
    /// What kind of thing changed.
    pub subject: Subject,
    /// Which one.
    pub subject_id: i64,
    /// The act of its lifecycle, or a plain verb.
    pub act: String,
    /// Stage before.
    pub from_stage: Option<String>,
    /// Stage after.
    pub to_stage: Option<String>,
    /// Reason code or words, '' when none was needed.
    pub reason: String,
    /// What else a reader of the history needs; no personal data.
    pub data: Json,
    /// For whom the actor stood in as a deputy.
    pub for_id: Option<PersonId>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
