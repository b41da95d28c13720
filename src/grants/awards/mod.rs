//! Awards (资助): offered, signed by both, changed with consent, mentored, closed with their residue.
//!
//! Owns `award`, `change_request`, `mentoring_note`, `residue_decision`, `case_page`, `ban`, `agreement_terms`
//! and `agreement_copy`.

pub mod acts;
pub mod agreement;
pub mod changes;
pub mod closing;
pub mod consents;
pub mod repayments;
pub mod routes;
pub mod rules;
pub mod separation;
pub mod service;
pub mod terms;
pub mod view;
