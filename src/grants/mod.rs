//! The life of a grant, in order. Every room has the same five files: `mod` (what it owns), `rules` (its lifecycle and pure
//! decisions), `service` (one function a verb, one transaction each), `routes` (guard, form, service, redirect) and
//! `view` (what its templates receive, with samples).

pub mod needs;

use rocket::Route;

/// The routes of all rooms.
pub fn routes() -> Vec<Route> {
    [needs::routes::routes()].concat()
}
