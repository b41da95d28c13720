//! The outbox: work promised in the transaction of the change.

use crate::kinds::JobId;
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The outbox: work promised in the transaction of the change.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: JobId,
    /// Which worker takes it.
    pub kind: String,
    /// Its input.
    pub payload: Json,
    /// Not before.
    pub run_at: DateTimeUtc,
    /// Tries so far.
    pub attempts: i32,
    /// A worker has it until then.
    pub leased_until: Option<DateTimeUtc>,
    /// That worker's mark.
    pub lease: Option<String>,
    /// Finished.
    pub done_at: Option<DateTimeUtc>,
    /// Given up; a person must look.
    pub failed_at: Option<DateTimeUtc>,
    /// Of the last try.
    pub last_error: String,
    /// When promised.
    pub created_at: DateTimeUtc,
    /// Promised once however often asked.
    pub dedupe: Option<String>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
