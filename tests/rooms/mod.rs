//! What each room does by itself.

mod needs;
mod people;
