//! Applications (申报书): written by editors, signed off, screened; their eligibility computed with reasons.
//!
//! Owns `application`, `budget_line`, `indicator` and `appeal`.

pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
