//! A flag that stops money and clocks; the stage under it is never lost.

use crate::kinds::{HoldId, HoldKind, PersonId, Subject};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A flag that stops money and clocks; the stage under it is never lost.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "hold")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: HoldId,
    /// What is held.
    pub subject: Subject,
    /// Which one.
    pub subject_id: i64,
    /// Why it was put.
    pub kind: HoldKind,
    /// In words, shown to the parties.
    pub reason: String,
    /// Nobody for the system's own holds.
    pub entered_by: Option<PersonId>,
    /// When.
    pub entered_at: DateTimeUtc,
    /// A supervisor's hold is answered by this day.
    pub answer_due_on: Option<Date>,
    /// The foundation's answer, '' before.
    pub answer: String,
    /// Who answered.
    pub answered_by: Option<PersonId>,
    /// First of the two who lift a person's hold.
    pub lift_proposed_by: Option<PersonId>,
    /// Second.
    pub lifted_by: Option<PersonId>,
    /// When it ended.
    pub lifted_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
