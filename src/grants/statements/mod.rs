//! Statements (年度捐赠对账单): what a donor gave in a year, what became of it, and what of it is not spent yet; to the fen.
//!
//! Owns no table: it reads gifts, their lots and the books. To add a column, add it to [`service::Gift`], its page and its sheet.

pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
