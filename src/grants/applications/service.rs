//! What can be done with applications.

use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::people::permission::{As, Permission};
use entities::kinds::ApplicationId;
use std::sync::Arc;

/// Moves an application by an act of its lifecycle, in the transaction of another room (reviews, decisions).
///
/// # Errors
/// As `commons::lives::advance`.
pub async fn moved<P: Permission>(
    _tx: &Tx,
    _by: &As<P>,
    _application: ApplicationId,
    _act: &'static str,
    _reason: &str,
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
