//! What the public sees; reads only.

use rocket::Route;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    Vec::new()
}
