//! What can be done with awards.

use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::people::permission::{As, Permission};
use entities::decision_item;
use entities::kinds::AwardId;
use std::sync::Arc;

/// Offers an award for an item that became final, in its transaction.
///
/// # Errors
/// When the database refuses.
pub async fn offer<P: Permission>(_tx: &Tx, _by: &As<P>, _item: &decision_item::Model) -> Result<AwardId> {
    Err(crate::error::Error::NotFound)
}

/// What the clock brings.
///
/// # Errors
/// When the database refuses.
pub async fn tick(_edges: &Arc<Edges>) -> Result<()> {
    Ok(())
}
