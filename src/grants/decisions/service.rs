//! What can be done with decision batches: draft from the scores, depart with a reason, submit, return.

pub mod batches;
pub mod drafting;
pub mod recusal;

pub use super::approvals::{approve_batch, return_batch};
pub use super::items::give_back;
pub use super::objections::{answer, object};
pub use super::reading::{items_of, load, load_item, newest};
pub use batches::{Setting, set_item, submit_batch, write_minutes};
pub use drafting::{FixedScore, draft, fixed_scores, refresh};
pub use recusal::recused;

use super::{items, objections};
use crate::edges::Edges;
use crate::error::Result;
use crate::grants::reviews::panel;
use std::sync::Arc;

/// Who drafts batches: the panel's chair, or a programme officer.
pub trait Drafts: panel::Reaches {}

impl<P: panel::Reaches> Drafts for P {}

/// What the clock brings: windows that are over, objections nobody answered.
///
/// # Errors
/// When the database cannot be read.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    items::tick(edges).await?;
    objections::tick(edges).await
}
