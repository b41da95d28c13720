//! Funds (基金): drafted by an initiator, approved by the board, signed by both, active once the opening amount is there.
//!
//! Owns `fund` and `match_pool`.

pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
