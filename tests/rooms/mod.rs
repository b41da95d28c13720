//! What each room does by itself.

mod awards;
mod grant;
mod needs;
mod reports;
mod tranches;
