//! Tributary · 涓流: a grant marketplace for community foundations, with books anyone can check.
//!
//! The rooms, in the order in which a grant lives:
//!
//! - [`core`]: what may be reckoned with pencil and paper; no database, no clock, no chance.
//! - [`people`]: accounts, roles given by two, organisations with their dated history, payee accounts.
//! - [`grants`]: needs, funds, gifts, calls, applications, reviews, decisions, awards, tranches, reports.
//! - [`ledger`]: the books; the only writer of transfers.
//! - [`books`]: what finance does to the books as a whole: trial balance, corrections, closing.
//! - [`bank`]: what the bank says, and whether the books say the same.
//! - [`disclosure`]: what the public sees; reads only.
//! - [`desk`]: what waits for whom; the jobs.
//! - [`commons`]: events, lifecycles on rows, two-person proposals, holds, policy, documents, letters.
//! - [`web`]: guards, forms, pages, errors. [`edges`]: database, clock, chance, files, mail, words, templates.
//! - [`commands`]: what the program is asked to do. [`app`]: everything meets here once. [`config`], [`error`].
//! - [`sandbox`]: a payment processor to play with, for the demo and the tests; no money is real there.
//! - [`demo`]: the worked example, played through the services.

pub mod app;
pub mod bank;
pub mod books;
pub mod commands;
pub mod commons;
pub mod config;
pub mod core;
pub mod demo;
pub mod desk;
pub mod disclosure;
pub mod edges;
pub mod error;
pub mod grants;
pub mod ledger;
pub mod people;
pub mod sandbox;
pub mod web;
