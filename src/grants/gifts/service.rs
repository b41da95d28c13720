//! What can be done with gifts.

use crate::edges::Edges;
use crate::error::Result;
use entities::kinds::{FundId, OrganisationId};
use sea_orm::ConnectionTrait;
use std::sync::Arc;

/// Organisations that gave to a fund, pledges not counted.
///
/// # Errors
/// When the database cannot be read.
pub async fn donors_of(_db: &impl ConnectionTrait, _fund: FundId) -> Result<Vec<OrganisationId>> {
    Ok(Vec::new())
}

/// What the clock brings.
///
/// # Errors
/// When the database refuses.
pub async fn tick(_edges: &Arc<Edges>) -> Result<()> {
    Ok(())
}
