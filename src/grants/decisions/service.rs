//! What can be done with decision batches: draft from the scores, depart with a reason, submit, return.

pub mod batches;
pub mod drafting;
pub mod feedback;
pub mod portfolio;
pub mod recusal;
pub mod replay;
pub mod statistics;

pub use super::approvals::{approve_batch, return_batch};
pub use super::items::{give_back, take_back};
pub use super::objections::{answer, object};
pub use super::reading::{deciders, items_of, load, load_item, newest};
pub use batches::{Setting, set_item, submit_batch, write_minutes};
pub use drafting::{FixedScore, draft, fixed_scores, refresh};
pub use recusal::recused;

use super::{items, objections};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::grants::reviews::panel;
use entities::decision_batch;
use entities::kinds::{BatchStage, CallId};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use std::sync::Arc;

/// Who drafts batches: the panel's chair, or a programme officer.
pub trait Drafts: panel::Reaches {}

impl<P: panel::Reaches> Drafts for P {}

/// Whether a decision about a call is on its way: submitted, or approved and not final yet.
///
/// # Errors
/// When the database cannot be read.
pub async fn under_way(tx: &Tx, call: CallId) -> Result<bool> {
    let batches = decision_batch::Entity::find()
        .filter(decision_batch::Column::CallId.eq(call))
        .filter(decision_batch::Column::Stage.is_in([BatchStage::Submitted, BatchStage::Approved]))
        .count(tx)
        .await?;
    Ok(batches > 0)
}

/// What the clock brings: windows that are over, objections nobody answered.
///
/// # Errors
/// When the database cannot be read.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    items::tick(edges).await?;
    objections::tick(edges).await
}
