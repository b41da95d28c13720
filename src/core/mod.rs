//! The pure heart of the house: what may be reckoned with pencil and paper.
//!
//! Nothing in here waits, reads a clock, draws a lot or opens a file. Time is an argument, chance is a
//! seed, and an input that cannot be answered comes back as an error value, never as a panic. That is why
//! every rule in this folder can be tried by brute force at the foot of its own file.
//!
//! Read in this order: `money` and `time` are the units everything else is told in; `lots`, `fees` and
//! `matching` say which gift pays for what; `uscc`, `answers` and `eligibility` say who may apply with what;
//! `scoring` turns what reviewers wrote into ranks, `voting` ballots into winners, `portfolio` merit into grants and `assignment`
//! expertise into reviewers, each also from a file that somebody hands in (`strict` reads it, `refusal` says what is wrong with it); `statement` reads what the bank writes and
//! `spreadsheet` what others fill in; `merkle` and `sealed` say how the
//! `scoring` turns what reviewers wrote into ranks; `statement` reads what the bank writes and
//! `spreadsheet` and `rolls` what others fill in, `uploads` what a file is, `personal` what a public text may not hold, `placeholders` what an editable one may; `similarity` which bids say the same; `merkle` and `sealed` say how the
//! books are sealed and examined.
//!
//! `instructions` writes what a bank is told to pay.
//!
//! To add one more: a file named by a trade noun, a first paragraph that says what it owns and where its
//! rule is written down, functions from plain values to plain values, and a judge that works another way.

pub mod answers;
pub mod assignment;
pub mod cards;
pub mod eligibility;
pub mod fees;
pub mod formula;
pub mod instructions;
pub mod lifecycle;
pub mod lots;
pub mod matching;
pub mod merkle;
pub mod money;
pub mod personal;
pub mod placeholders;
pub mod plan;
pub mod policy;
pub mod portfolio;
pub mod refusal;
pub mod rolls;
pub mod scoring;
pub mod sealed;
pub mod similarity;
pub mod spreadsheet;
pub mod statement;
pub mod strict;
pub mod time;
pub mod uploads;
pub mod uscc;
pub mod voting;
