//! Calls (征集公告): everything fixed before they open; a change of an open call is a published amendment.
//!
//! Owns `programme`, `form`, `form_version`, `call` and `call_amendment`.

pub mod drafting;
pub mod form;
pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
pub mod words;
