//! Decisions (立项决定): a batch by two people, its items reserved in the books, put up for public notice, objected to, held, final.
//!
//! Owns `decision_batch`, `decision_item` and `objection`.

pub mod approvals;
mod grantees;
pub mod items;
pub mod notices;
pub mod objections;
pub mod reading;
pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
