//! First run: the foundation, its policy and calendar, and one-time invitations for two administrators.

use crate::edges::Edges;
use crate::error::Result;

/// What `tributary init` asks for.
#[derive(Debug, Clone, clap::Args)]
pub struct Founding {
    /// Registered name.
    #[arg(long)]
    pub name_zh: String,
}

/// Sets up the foundation.
///
/// # Errors
/// When it is set up already.
pub async fn init(_edges: &Edges, _founding: Founding) -> Result<()> {
    Ok(())
}
