//! A pitch session (路演) of a call: who speaks when, in an order drawn by lot.

use crate::kinds::{CallId, PersonId, PitchId, PitchStage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A pitch session (路演) of a call: who speaks when, in an order drawn by lot.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "pitch")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PitchId,
    /// The call.
    pub call_id: CallId,
    /// Where.
    pub place: String,
    /// Published: by it the order is drawn, and drawn again by anybody.
    pub seed: String,
    /// When the first speaks.
    pub starts_at: DateTimeUtc,
    /// For each.
    pub minutes: i32,
    /// Where it stands.
    pub stage: PitchStage,
    /// Officer or chair.
    pub planned_by: PersonId,
    /// When.
    pub planned_at: DateTimeUtc,
    /// Counts every step, so that a second click is not the next speaker.
    pub version: i32,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
