//! What the public sees; reads only.
//!
//! The front page, the ledger with an entry a page, the accounts, the projects with their streams, published documents and
//! the books as a file. Owns no table and writes nothing.

pub mod accounts;
pub mod entries;
pub mod entry;
pub mod home;
pub mod ledger;
pub mod project;
pub mod projects;
pub mod routes;
mod stream;

use rocket::Route;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes::routes()
}
