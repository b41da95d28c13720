//! Tranches (拨款批次): due by their gates, requested, approved, prepared by one, approved by others, paid once.
//!
//! Owns `tranche` and `payment`.

pub mod approvals;
pub mod bank;
mod checks;
pub mod routes;
pub mod rules;
pub mod seed;
pub mod service;
pub mod statements;
pub mod view;
