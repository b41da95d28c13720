//! Votes of residents' councils (居民议事会表决): who sits in a council, what is put to its vote, the ballots, what came of them.
//!
//! Owns `council_seat`, `poll`, `poll_project`, `poll_voter`, `poll_ballot`, `poll_paper` and `poll_result`. A vote is secret and
//! can be checked: the roll says that somebody voted and never how; a ballot says how and is nobody's, its key is thrown and it keeps
//! no time; whoever cast it holds a receipt, whose SHA-256 stands beside the ballot in the list that everybody reads after the
//! count. Who shows the receipt to another shows the ballot too: the booth is the voter's own to keep.
//!
//! What a ballot is worth is reckoned by `core::voting`, the same code as the command line's.

pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
