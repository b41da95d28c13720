//! What can be done with calls.

use crate::edges::Edges;
use crate::error::Result;
use std::sync::Arc;

/// What the clock brings.
///
/// # Errors
/// When the database refuses.
pub async fn tick(_edges: &Arc<Edges>) -> Result<()> {
    Ok(())
}
