//! Applications (申报书): written by editors, signed off, screened; their eligibility computed with reasons.
//!
//! Owns `application`, `budget_line`, `indicator`, `appeal`, and what stands beside the text of a bid: `application_side`,
//! `co_funding`, `application_document`, `application_need`, `application_scratch`.

pub mod answering;
pub mod appeals;
pub mod attachments;
pub mod budget;
pub mod edit;
pub mod eligibility;
pub mod funding;
pub mod list;
mod reuse;
pub mod routes;
pub mod rules;
pub mod scratch;
pub mod screening;
pub mod service;
pub mod sides;
pub mod similar;
pub mod view;
pub mod writing;
