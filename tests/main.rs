//! One binary of integration tests: journeys on a real database, refusals, the books, architecture, templates.

#![allow(clippy::disallowed_methods, reason = "a test asks the machine what it has")]
#![allow(missing_docs, clippy::unwrap_used, clippy::too_many_lines, reason = "tests say what they do by their names")]
#![allow(
    clippy::inconsistent_digit_grouping,
    clippy::zero_prefixed_literal,
    reason = "41_500_00 reads as yuan and fen"
)]

mod architecture;
mod books;
mod browser;
mod crash;
mod docs;
mod journeys;
mod refusals;
mod rooms;
mod sources;
mod support;
mod templates;
mod words;
