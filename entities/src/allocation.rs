//! What a formula gives one community.

use crate::kinds::{AllocationId, CallId, PersonId, Setting};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What a formula gives one community.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "allocation")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: AllocationId,
    /// Which call.
    pub call_id: CallId,
    /// Its name.
    pub community: String,
    /// Which rate.
    pub setting: Setting,
    /// People.
    pub population: i64,
    /// Day of the count.
    pub counted_on: Date,
    /// What the formula gave on that day.
    pub amount_minor: i64,
    /// Officer.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
