//! Pledges for a time (分期认捐、利润回馈): a sum in instalments, or a share of each year's profit. A promise is never money.
//!
//! Owns `pledge_plan`, `pledge_instalment`, `instalment_gift`, `profit_declaration` and `pledge_reminder`. Each instalment waits as
//! a gift of its own (`pledged`), so that references, bank lines, cards and matching are those of every gift.

pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
