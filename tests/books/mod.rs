//! The rules of the books, each by its name, on both databases.

mod columns;
mod durable;
pub mod events;
mod forms;
pub mod ground;
mod payments;
mod races;
mod rebuild;
mod refusals;
mod scenario;
mod seals;
pub mod sums;
mod turnovers;
