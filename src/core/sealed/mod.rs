//! Sealed books: the written form of a transfer, the heads that seal it, and the examination of both without a database.
//!
//! Owns the format of `/data/ledger.jsonl` and `/data/heads.json`:
//!
//! - a transfer is one line of JSON ([`Row`]), its fields in one order, without a blank: those bytes are what is sealed;
//! - transfers are sealed in batches. A batch is a Merkle tree of its own ([`super::merkle`]) and ends in a [`Head`], which names the
//!   head before it by hash and is signed. So a batch costs the same however long the books are, a proof never grows, and the
//!   newest head still stands for every row since the first;
//! - [`verify`] reads both and names what does not fit, row by row; [`accounts`] reckons the balances anew from the rows.
//!
//! What a person could be known by is in no row. The key under which a transfer was asked for may hold words from a bank
//! statement, and who posted is a person: both stand there as a salted [`commitment`], which can be opened one by one and guessed never.
//!
//! To seal one more column, add it at the end of [`Row`] under a new format name; old batches keep the old form.

pub mod accounts;
pub mod head;
pub mod heads;
mod lines;
pub mod row;
pub mod verify;

pub use head::{Head, Signed};
pub use row::{Row, commitment, salt};
