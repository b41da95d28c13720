//! The life of a grant, in order. Every room has the same five files: `mod` (what it owns), `rules` (its lifecycle and pure
//! decisions), `service` (one function a verb, one transaction each), `routes` (guard, form, service, redirect) and
//! `view` (what its templates receive, with samples). To add a room, copy `needs`, mount its routes
//! here and name its lifecycle in [`lifecycles`].

pub mod applications;
pub mod awards;
pub mod calls;
pub mod decisions;
pub mod funds;
pub mod gifts;
pub mod needs;
pub mod reports;
pub mod reviews;
pub mod tranches;

use rocket::Route;

/// The routes of all rooms.
pub fn routes() -> Vec<Route> {
    [
        needs::routes::routes(),
        funds::routes::routes(),
        gifts::routes::routes(),
        calls::routes::routes(),
        applications::routes::routes(),
        reviews::routes::routes(),
        decisions::routes::routes(),
        awards::routes::routes(),
        tranches::routes::routes(),
        reports::routes::routes(),
    ]
    .concat()
}

/// Every lifecycle of the house as a section of `docs/lifecycle.md`, in the order of a grant's life. To add one, add its line;
/// a test rewrites the page when `TRIBUTARY_BLESS=1` is set.
pub fn lifecycles() -> Vec<String> {
    vec![needs::rules::NEED.document(), needs::rules::CONSENT.document()]
}
