//! Gifts (捐赠): pledged, received through the bank by two people, paid online, in kind, matched, imported from a platform; each a lot of its own.
//!
//! Owns `gift` and `settlement_import`.

pub mod routes;
pub mod rules;
pub mod service;
pub mod settlement;
pub mod view;
