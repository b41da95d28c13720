//! What each room does by itself.

mod disclosure;
mod needs;
