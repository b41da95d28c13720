//! The bank (银行对账): statements imported, each line found in the books or placed by two people, and what is left unexplained.
//!
//! Owns `bank_account`, `bank_statement`, `bank_statement_line` and `line_match`. A line has no stage: it is explained once the books
//! took its mark (`ledger::lines`), whoever named it first, so that recorded by hand and confirmed here are the same fact. The room
//! stands above the grants, because what a line is, it asks of gifts and tranches; none of them knows it.

pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
