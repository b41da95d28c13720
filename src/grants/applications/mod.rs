//! Applications (申报书): written by editors, signed off, screened; their eligibility computed with reasons.
//!
//! Owns `application`, `budget_line`, `indicator` and `appeal`.

pub mod appeals;
pub mod budget;
pub mod edit;
pub mod eligibility;
pub mod list;
pub mod routes;
pub mod rules;
pub mod screening;
pub mod service;
pub mod view;
pub mod writing;
