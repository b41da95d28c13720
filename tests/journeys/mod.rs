//! The worked example from gift to close-out, and what must hold after it.

mod canary;
mod clicks;
pub mod forms;
mod hangzhong;
pub mod house;
