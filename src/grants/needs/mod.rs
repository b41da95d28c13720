//! Needs (需求清单): what a community lacks, listed, shared out in parts, consented to by owners, and answered by a call or fund.
//!
//! Owns `need`, `need_part`, `need_claim` and `need_consent`.

pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
