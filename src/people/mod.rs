//! People and organisations: accounts and sessions, roles given by two, members, dated history, payee accounts.
//!
//! Owns `expert`, `roll_import`, `foundation`, `person`, `session`, `second_factor`, `passkey`, `invitation`, `role_grant`, `organisation` and its records, `membership`, `payee_account`.
//! To add a role: a word of `kinds::Role`, its row in `permission/roles.rs` and its part in `permission/actor.rs`.

pub mod accounts;
pub mod admin;
pub mod assertions;
pub mod codes;
pub mod deputies;
pub mod ends;
pub mod erasure;
pub mod factors;
pub mod gate;
pub mod imports;
pub mod invitations;
pub mod leaving;
pub mod members;
pub mod numbers;
pub mod organisations;
pub mod passkeys;
pub mod passwords;
pub mod payees;
pub mod permission;
pub mod records;
pub mod renewal;
pub mod roles;
pub mod rolls;
pub mod routes;
pub mod rules;
pub mod secrets;
pub mod sessions;
pub mod setup;
pub mod stops;
pub mod sweep;
pub mod ties;
pub mod view;

pub use routes::routes;
