//! Calls (征集公告): everything fixed before they open; a change of an open call is a published amendment.
//!
//! Owns `programme`, `call`, `call_amendment`, `call_question`, `call_invitation` and `allocation`.

pub mod allocations;
pub mod copying;
pub mod drafting;
pub mod form;
pub mod opening;
pub mod questions;
pub mod reach;
pub mod routes;
pub mod rules;
pub mod service;
pub mod stages;
pub mod view;
pub mod words;
