//! What can be done with tranches.

use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::people::permission::{As, Permission};
use entities::kinds::{AwardId, OrganisationId};
use std::sync::Arc;

/// Looks at the gates of an award's planned tranches again and makes those due whose gates are met. Called after signatures,
/// consents, accepted reports and published evaluations.
///
/// # Errors
/// When the database refuses.
pub async fn gates_changed<P: Permission>(_tx: &Tx, _by: &As<P>, _award: AwardId) -> Result<()> {
    Ok(())
}

/// A payee account of the organisation was replaced or revoked: approvals of unsent payments fall, their tranches wait.
///
/// # Errors
/// When the database refuses.
pub async fn payee_changed<P: Permission>(_tx: &Tx, _by: &As<P>, _organisation: OrganisationId) -> Result<()> {
    Ok(())
}

/// What the clock brings.
///
/// # Errors
/// When the database refuses.
pub async fn tick(_edges: &Arc<Edges>) -> Result<()> {
    Ok(())
}
