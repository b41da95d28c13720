//! The desk: what waits for whom, what is late, what I wait for. Holds put by people. And the jobs that run by themselves.
//!
//! Owns no table; every room tells it what waits through its `waiting` function, and holds are kept by `commons::holds`.
//! To add a room that makes people wait, ask it in `view::waiting`; a kind of job is an arm in `jobs`.

pub mod backup;
pub mod check;
mod hold_pages;
pub mod holds;
pub mod jobs;
mod mine;
pub mod privacy;
pub mod restore;
pub mod rotation;
pub mod routes;
pub mod view;

use rocket::Route;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    [routes::routes(), privacy::routes()].concat()
}
