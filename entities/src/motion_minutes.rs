//! The minutes of a motion, made from the facts when it closed; only ever added to.

use crate::kinds::{MotionId, MotionMinutesId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The minutes of a motion, made from the facts when it closed; only ever added to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "motion_minutes")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: MotionMinutesId,
    /// The motion.
    pub motion_id: MotionId,
    /// Seats by number and part, counts and the result; nobody's name.
    pub facts: Json,
    /// When.
    pub at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
