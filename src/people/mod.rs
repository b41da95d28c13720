//! People and organisations: accounts and sessions, roles given by two, members, dated history, payee accounts.
//!
//! Owns `foundation`, `person`, `session`, `invitation`, `role_grant`, `organisation` and its records, `membership`, `payee_account`.

pub mod accounts;
pub mod invitations;
pub mod members;
pub mod organisations;
pub mod payees;
pub mod permission;
pub mod records;
pub mod roles;
pub mod rules;
pub mod sessions;
pub mod setup;

use rocket::Route;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    Vec::new()
}
