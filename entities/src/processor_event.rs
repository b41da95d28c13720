//! What the processor told us, once each: a hint to look, never the truth itself; no personal data.

use crate::kinds::{ProcessorEventId, ProcessorEventStage};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What the processor told us, once each: a hint to look, never the truth itself; no personal data.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "processor_event")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ProcessorEventId,
    /// The processor's: told twice, kept once.
    pub event_id: String,
    /// Its type.
    pub kind: String,
    /// What it is about.
    pub object_id: String,
    /// The payment it belongs to, where it says so.
    pub payment_intent: Option<String>,
    /// When the processor made it.
    pub made_at: DateTimeUtc,
    /// When it reached us.
    pub received_at: DateTimeUtc,
    /// Found by asking, not by a webhook.
    pub polled: bool,
    /// What became of it.
    pub stage: ProcessorEventStage,
    /// Why it was parked or how it was settled.
    pub note: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
