//! The decision tools: each against a judge that reads their page another way, against broken files, and through the program.

mod hostile;
mod judge_of_scores;
mod judge_of_votes;
mod program;
mod scores;
mod votes;
