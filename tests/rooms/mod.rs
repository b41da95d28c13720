//! What each room does by itself.

pub mod applications;
mod awards;
pub mod calls;
pub mod decisions;
mod disclosure;
mod doors;
pub mod funds;
pub mod gifts;
pub mod grant;
mod needs;
mod objections;
mod people;
mod purses;
mod reports;
pub mod reviews;
mod rounds;
mod separation;
mod sight;
mod tranches;
mod worker;
