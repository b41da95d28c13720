//! The worked example from gift to close-out, and what must hold after it.

mod canary;
mod hangzhong;
