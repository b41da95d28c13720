//! The worked example from gift to close-out, and what must hold after it.

pub mod forms;
mod hangzhong;
pub mod house;
