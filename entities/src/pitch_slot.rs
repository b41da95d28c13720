//! An application's turn in a pitch session.

use crate::kinds::{ApplicationId, PitchId, PitchSlotId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// An application's turn in a pitch session.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "pitch_slot")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PitchSlotId,
    /// The session.
    pub pitch_id: PitchId,
    /// Place in the order.
    pub ordinal: i32,
    /// Who speaks.
    pub application_id: ApplicationId,
    /// When the turn began.
    pub begun_at: Option<DateTimeUtc>,
    /// When it ended.
    pub ended_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
