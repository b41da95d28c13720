//! What every room shares: events, lifecycles on rows, two-person proposals, holds, policy, documents, letters.
//!
//! Owns the tables `event`, `proposal`, `hold`, `policy_version`, `calendar_year`, `calendar_day` and `document`.
//! To share one more thing, add a file named by a trade noun: it serves every room and knows none of them.

pub mod calendar;
pub mod documents;
pub mod events;
pub mod foundation;
pub mod holds;
pub mod letters;
pub mod lives;
pub mod policies;
pub mod proposals;
pub mod texts;
