//! The worked example from gift to close-out, and what must hold after it.

mod baohe;
mod canary;
mod clicks;
pub mod forms;
mod hangzhong;
mod hosted;
pub mod house;
