//! Sealing: new transfers are closed into signed batches, and whoever keeps a head finds every later change.
//!
//! Owns `seal_head` and `seal_secret`; only this room writes them. [`core::sealed`](crate::core::sealed) holds the format and the examination; here
//! rows are read ([`rows`]), batches are closed ([`sealer`]), the signing key is kept ([`key`]), and the files are written piece
//! by piece ([`export`]) with the proof of one entry ([`proof`]). [`inspect`] is the doctor's look at them.

pub mod export;
pub mod inspect;
pub mod key;
pub mod proof;
pub mod rows;
pub mod sealer;

pub use sealer::{seal, tick};
