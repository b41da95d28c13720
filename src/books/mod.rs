//! The books as finance keeps them: the trial balance of a period, corrections, the closing of a period.
//!
//! Owns no table: what is done here is done by [`crate::ledger`]. Everybody may read; one of finance proposes, an approver decides.

pub mod routes;
pub mod view;

use rocket::Route;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes::routes()
}
