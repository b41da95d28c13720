//! Batches of payments (付款批次): approved tranches in one file for one bank, frozen by one, sent by another.
//!
//! Owns `paying_account`, `payment_batch` and `payment_batch_line`. The file is made and fixed when a batch is frozen, and can be
//! taken only once the batch is sent, when every payment of it is held in the books: no file that the bank could pay leaves the
//! house before. So what changes earlier (an account, a hold, an approval taken back) stops its payment, and the batch is frozen anew.

pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
