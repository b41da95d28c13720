//! Pages and forms of people: guard, form, service, redirect.

mod account;
mod admin;
mod deputies;
mod doors;
mod factors;
mod organisations;
mod passkeys;
mod roles;
mod rolls;
mod stops;

pub use doors::session_cookie;

use rocket::Route;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    [
        doors::routes(),
        factors::routes(),
        passkeys::routes(),
        account::routes(),
        deputies::routes(),
        organisations::routes(),
        roles::routes(),
        admin::routes(),
        rolls::routes(),
        stops::routes(),
    ]
    .concat()
}
