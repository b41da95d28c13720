//! What committees do: members are seated, something is moved, they vote, and the minutes say what came of it.

pub mod coverage;
pub mod motions;
pub mod seats;
pub mod votes;

pub use votes::tick;
