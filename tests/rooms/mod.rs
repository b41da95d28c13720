//! What each room does by itself.

mod applications;
mod calls;
mod needs;
