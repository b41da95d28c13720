//! The pages of calls.

use crate::error::Result;
use crate::people::permission::Context;
use crate::web::parts::Task;

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(_context: &Context) -> Result<Vec<Task>> {
    Ok(Vec::new())
}
