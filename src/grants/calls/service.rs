//! What can be done with calls.

use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::people::permission::{As, Permission};
use entities::kinds::CallId;
use std::sync::Arc;

/// What the clock brings.
///
/// # Errors
/// When the database refuses.
pub async fn tick(_edges: &Arc<Edges>) -> Result<()> {
    Ok(())
}

/// Every item of a call's batch is final or released.
///
/// # Errors
/// When the database refuses.
pub async fn decided<P: Permission>(_tx: &Tx, _by: &As<P>, _call: CallId) -> Result<()> {
    Ok(())
}
