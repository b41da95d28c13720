//! The front door: requests, guards, forms, pages, errors, health. Used by routes only.

pub mod act;
pub mod errors;
pub mod forms;
pub mod guards;
pub mod headers;
pub mod health;
pub mod page;
pub mod parts;
pub mod sheet;
pub mod statics;
