//! Pages and forms of applications: guard, form, service, redirect.

use rocket::Route;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    Vec::new()
}
