//! Reports and evaluations (成效报告与评估): scheduled, signed off, accepted; evaluated, mended, evaluated again.
//!
//! Owns `report`, `report_receipt`, `report_photo` and `evaluation`.

pub mod evaluations;
pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
