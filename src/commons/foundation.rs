//! The foundation, kept in memory for the frame of every page: written by `people::setup`, read by everybody.

use crate::edges::Edges;
use crate::error::Result;
use entities::foundation;
use sea_orm::EntityTrait;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The foundation changes once in a lifetime; it is read once per installation after it is set up.
static FOUNDATION: OnceLock<std::sync::RwLock<BTreeMap<String, Arc<foundation::Model>>>> = OnceLock::new();

/// Reads the foundation into memory, for the frame of every page.
///
/// # Errors
/// When the database cannot be read.
pub async fn remember_foundation(edges: &Edges) -> Result<bool> {
    let Some(row) = foundation::Entity::find_by_id(1).one(edges.db.read()).await? else { return Ok(false) };
    let known = FOUNDATION.get_or_init(Default::default);
    known.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(edges.config.database_url(), Arc::new(row));
    Ok(true)
}

/// The foundation, once it is remembered.
pub fn known_foundation(edges: &Edges) -> Option<Arc<foundation::Model>> {
    FOUNDATION
        .get()?
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .get(&edges.config.database_url())
        .cloned()
}
