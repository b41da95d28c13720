//! What each room does by itself.

mod applications;
mod awards;
mod calls;
mod decisions;
mod disclosure;
mod funds;
mod gifts;
mod grant;
mod needs;
mod people;
mod reports;
mod reviews;
mod tranches;
