//! What each room does by itself.

mod needs;
mod decisions;
mod reviews;
