//! The front door: requests, guards, forms, pages, errors, health. Used by pages and routes only.
//!
//! To add a part that pages show: a struct in [`parts`] with its macro in `templates/`; a block of a sheet: a variant of
//! [`sheet::Block`].

pub mod act;
mod answers;
mod asked;
pub mod errors;
pub mod forms;
pub mod guards;
pub mod headers;
pub mod health;
pub mod page;
pub mod papers;
pub mod parts;
pub mod pieces;
pub mod refusals;
pub mod sheet;
pub mod statics;
