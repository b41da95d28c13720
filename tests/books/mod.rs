//! The rules of the books, each by its name, on both databases.

mod columns;
mod events;
mod forms;
pub mod ground;
mod payments;
mod races;
mod refusals;
mod scenario;
pub mod sums;
