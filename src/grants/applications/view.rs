//! The pages of applications.

use super::rules::is_private;
use super::service::load;
use crate::error::{Error, Result};
use crate::people::permission::Context;
use crate::web::parts::Task;
use entities::application;
use entities::kinds::ApplicationId;

/// An application the reader may see: its organisation and its host always, staff once it is signed.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn visible(context: &Context, id: ApplicationId) -> Result<application::Model> {
    let row = load(context.edges.db.read(), id).await?;
    let own = context.actor.belongs_to(row.organisation_id)
        || row.host_id.is_some_and(|host| context.actor.belongs_to(host));
    let staff = context.actor.is_staff() && !is_private(row.stage);
    if own || staff { Ok(row) } else { Err(Error::NotFound) }
}

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(_context: &Context) -> Result<Vec<Task>> {
    Ok(Vec::new())
}
