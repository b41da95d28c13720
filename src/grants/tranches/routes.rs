//! Pages and forms of tranches: guard, form, service, redirect.

use rocket::Route;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    Vec::new()
}
