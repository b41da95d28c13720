//! What can be done with funds.

use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::people::permission::{As, Permission};
use entities::kinds::FundId;
use std::sync::Arc;

/// Makes an approved and signed fund active once its opening amount is there. Called after each receipt and signature.
///
/// # Errors
/// When the database refuses.
pub async fn activate_if_ready<P: Permission>(_tx: &Tx, _by: &As<P>, _fund: FundId) -> Result<()> {
    Ok(())
}

/// What the clock brings.
///
/// # Errors
/// When the database refuses.
pub async fn tick(_edges: &Arc<Edges>) -> Result<()> {
    Ok(())
}
