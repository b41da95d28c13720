//! Privacy: the notice, what is kept about a person, what they ask to correct or erase, and how long each kind of record stays.
//!
//! Owns `privacy_request`. A table that names a person needs its row in [`copy`]'s lists, or a test fails; a kind of record that is deleted in
//! time needs its figure of policy (`retain_…_days`) and its line in the table of [`view`].

pub mod copy;
pub mod routes;
pub mod rules;
pub mod service;
pub mod view;

pub use routes::routes;
