//! Reviews (评审): assigned by hand with conflicts refused, blind, aggregated by the call's method.
//!
//! Owns `review`, `review_score`, `review_scratch`, `panel_note` and `conflict`.

pub mod conflicts;
pub mod panel;
mod reading;
pub mod recusals;
pub mod routes;
pub mod rules;
pub mod scores;
pub mod service;
pub mod sheets;
pub mod sight;
pub mod view;
