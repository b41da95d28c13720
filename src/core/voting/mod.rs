//! Votes: from ballots to the projects that are carried out, exactly.
//!
//! Owns the Method of Equal Shares with the completion Add1U, the greedy rule beside it, and the ballot file of Pabulib, read and
//! written. What each word means is published in `docs/decide/vote.md`; pages and `tributary decide vote` answer from this code.
//! The answer is that of exact fractions: floats only sort out what is clear.
//!
//! Read in order: `pabulib` (cells and sections), `contest` with `meta` and `votes` (what they mean, and every refusal),
//! `ledger` (everybody's money in few long numbers), `purses`, `pricing` (one project), `run` (one run), `rounds` (Add1U), `answer`,
//! `table`.
//!
//! To add a rule, add it to [`Rule`] and give it an arm in `answer::count`; a judge that works another way stands in the tests.

mod answer;
mod contest;
mod decimals;
mod floats;
mod ledger;
mod meta;
mod pabulib;
mod pricing;
mod purses;
mod records;
mod rounds;
mod run;
mod table;
mod votes;

pub use answer::{Loser, Outcome, Payment, Phase, Reason, Winner, count};
pub use pabulib::{Pabulib, Row, Section};

use crate::core::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// How winners are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The Method of Equal Shares with cost satisfaction.
    EqualShares,
    /// Most support first, while the money lasts.
    Greedy,
}

/// How equal shares go on when money is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Completion {
    /// One unit more for each voter, round by round; then most support first.
    Add1u,
    /// Not at all.
    None,
}

/// Counts the vote of a Pabulib file.
///
/// # Errors
/// [`Refusal`] naming the line or the section that breaks a rule of the page.
pub fn outcome(text: &str, rule: Rule, completion: Completion) -> Result<Outcome, Refusal> {
    count(&Pabulib::read(text)?, rule, completion)
}
