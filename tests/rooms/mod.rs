//! What each room does by itself.

mod funds;
mod gifts;
mod needs;
mod people;
