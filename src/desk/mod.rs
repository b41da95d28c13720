//! The desk: what waits for whom, what is late, what I wait for. And the jobs that run by themselves.
//!
//! Owns no table; every room tells it what waits through its `waiting` function.

pub mod check;
pub mod jobs;

use rocket::Route;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    Vec::new()
}
