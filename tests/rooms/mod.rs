//! What each room does by itself.

mod decisions;
mod needs;
mod reviews;
