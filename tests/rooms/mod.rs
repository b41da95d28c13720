//! What each room does by itself.

mod funds;
mod gifts;
mod applications;
mod calls;
mod disclosure;
mod needs;
mod people;
mod decisions;
mod needs;
mod reviews;
mod awards;
mod grant;
mod needs;
mod reports;
mod tranches;
