//! What each room does by itself.

pub mod applications;
mod awards;
pub mod calls;
mod consents;
pub mod decisions;
mod disclosure;
mod doors;
mod factors;
pub mod funds;
pub mod gifts;
pub mod grant;
mod hands;
mod kept;
mod needs;
mod objections;
mod payments;
mod people;
mod purses;
mod repayments;
mod reports;
pub mod reviews;
mod rounds;
mod separation;
mod sight;
mod stale;
mod tranches;
mod worker;
