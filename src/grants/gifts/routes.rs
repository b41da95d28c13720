//! Pages and forms of gifts: guard, form, service, redirect.

use rocket::Route;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    Vec::new()
}
