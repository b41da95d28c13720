//! Pages and forms of reviews: guard, form, service, redirect.

use rocket::Route;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    Vec::new()
}
