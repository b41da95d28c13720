//! Payee accounts (收款账户): entered by the signatory, verified by finance, approved by somebody else, cooling, then usable.

use crate::edges::Edges;
use crate::error::Result;
use entities::kinds::OrganisationId;
use entities::payee_account;
use sea_orm::ConnectionTrait;
use std::sync::Arc;

/// The account money may be paid to now.
///
/// # Errors
/// When the database cannot be read.
pub async fn usable(_db: &impl ConnectionTrait, _organisation: OrganisationId) -> Result<Option<payee_account::Model>> {
    Ok(None)
}

/// Ends cooling periods that are over.
///
/// # Errors
/// When the database refuses.
pub async fn tick(_edges: &Arc<Edges>) -> Result<()> {
    Ok(())
}
