//! The worked example.

use crate::error::Result;
use rocket::Route;

/// How to play.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {}

/// Plays.
///
/// # Errors
/// When a service refuses.
pub async fn run(_options: Options) -> Result<bool> {
    Ok(true)
}

/// Routes that exist only in the demo.
pub fn routes() -> Vec<Route> {
    Vec::new()
}
