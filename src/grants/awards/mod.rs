//! Awards (资助): offered, signed by both, changed with consent, mentored, closed with their residue.
//!
//! Owns `award`, `change_request`, `mentoring_note` and `residue_decision`.

pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
