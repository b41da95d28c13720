//! What the public sees; reads only.
//!
//! The front page, the ledger with an entry a page, the accounts, the projects with their streams, published documents, the
//! books as files and their seals. Owns no table and writes nothing. To disclose one more thing,
//! a file with its page and its samples, a route in `routes.rs`, and no name that a donor withheld.

pub mod accounts;
mod dossier;
pub mod entries;
pub mod entry;
pub mod home;
pub mod ledger;
mod names;
pub mod project;
pub mod projects;
pub mod routes;
pub mod seals;
mod stream;

pub use names::of as account_names;
use rocket::Route;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes::routes()
}
