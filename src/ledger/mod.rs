//! The books: accounts, the recipes of every posting, lots, balances and the journal. The only writer of transfers.
//!
//! Owns `account`, `posting`, `posting_document`, `bank_line`, `correction_note`, `book_period`, `transfer`, `lot` and `lot_move`; in [`seal`] also `seal_head` and `seal_secret`. A room never posts by itself:
//! it calls the recipe named after the event, inside the transaction of its change. To add an event, add a word to
//! `kinds::Recipe`, a function to [`recipes`], and its row to the table in `docs/ARCHITECTURE.md`.

pub mod accounts;
pub mod balances;
pub mod books;
pub mod corrections;
pub mod journal;
pub mod lines;
pub mod lots;
pub mod movements;
pub mod periods;
pub mod recipes;
pub mod seal;
mod sum;
pub mod suspense;
pub mod trial;
pub mod years;

pub use accounts::Account;
pub use books::Entry;
