//! Forms: the questions of a call, written by officers on pages, in both languages side by side.
//!
//! Owns `form`, `form_draft` and `form_version`. An officer writes a draft; publishing fixes it as the next version, which
//! nothing changes any more. A call keeps the version it was drafted with for ever, so that a change never reaches a call
//! that is open. What a form is for (`FormPurpose`) says to which calls it is offered.
//!
//! To use forms somewhere else: a word of `FormPurpose`, its label in both languages, and the fields of [`view::fields`] with
//! the reader of [`view::reading`] where the answers are written.

pub mod routes;
pub mod service;
pub mod view;
