//! `tributary decide`: the decision tools, each a pure function from a file's text to an answer.
//!
//! An answer goes to stdout and exits 0. A file that breaks a rule of `docs/decide` exits 2 with one line on stderr, which names
//! the field or the line, and nothing on stdout. To add a tool, give it a row in [`Question`] and an arm in [`answered`].

use crate::core::refusal::Refusal;
use crate::core::{assignment, portfolio, scoring, voting};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The largest file that is read: a million ballots take a tenth of it.
const LARGEST: u64 = 256 * 1024 * 1024;

/// How the program ends when a file is refused.
const REFUSED: u8 = 2;

/// The questions.
#[derive(Debug, Subcommand)]
pub(super) enum Question {
    /// Who wins a vote: equal shares or greedy, from a Pabulib file.
    Vote(Vote),
    /// What to fund under a budget and its envelopes, and why, from a JSON file.
    Portfolio {
        /// The projects.
        file: PathBuf,
    },
    /// Who reviews what, or what is missing, from a JSON file.
    Assign {
        /// The applications and the reviewers.
        file: PathBuf,
    },
    /// Which scores and ranks reviews give, from a JSON file.
    Scores {
        /// The reviews.
        file: PathBuf,
    },
}

/// What `vote` is told.
#[derive(Debug, Args)]
pub(super) struct Vote {
    /// The ballots, a `.pb` file.
    file: PathBuf,
    /// How winners are chosen.
    #[arg(long, value_enum, default_value = "equal-shares")]
    rule: Rule,
    /// How equal shares go on when money is left.
    #[arg(long, value_enum, default_value = "add1u")]
    completion: Completion,
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Rule {
    EqualShares,
    Greedy,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Completion {
    Add1u,
    None,
}

/// Prints the answer, or what is wrong with the file.
pub(super) fn answer(question: &Question) -> ExitCode {
    let said = match answered(question) {
        Ok(text) => std::io::stdout().lock().write_all(text.as_bytes()).map(|()| ExitCode::SUCCESS),
        Err(refusal) => writeln!(std::io::stderr(), "{refusal}").map(|()| ExitCode::from(REFUSED)),
    };
    // Nobody listens any more.
    said.unwrap_or(ExitCode::FAILURE)
}

/// The whole answer, before any of it is printed.
fn answered(question: &Question) -> Result<String, Refusal> {
    match question {
        Question::Vote(vote) => {
            let rule = match vote.rule {
                Rule::EqualShares => voting::Rule::EqualShares,
                Rule::Greedy => voting::Rule::Greedy,
            };
            let completion = match vote.completion {
                Completion::Add1u => voting::Completion::Add1u,
                Completion::None => voting::Completion::None,
            };
            let outcome = voting::outcome(&text_of(&vote.file)?, rule, completion)?;
            if vote.json { object(&outcome) } else { Ok(outcome.table()) }
        }
        Question::Portfolio { file } => object(&portfolio::outcome(&text_of(file)?)?),
        Question::Assign { file } => object(&assignment::outcome(&text_of(file)?)?),
        Question::Scores { file } => object(&scoring::outcome(&text_of(file)?)?),
    }
}

fn object(answer: &impl Serialize) -> Result<String, Refusal> {
    let mut text = serde_json::to_string(answer).map_err(|error| Refusal::at("answer", error))?;
    text.push('\n');
    Ok(text)
}

fn text_of(path: &Path) -> Result<String, Refusal> {
    let unread = |error: std::io::Error| Refusal::at(path.display(), error);
    let mut bytes = Vec::new();
    File::open(path).map_err(unread)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unread)?;
    if u64::try_from(bytes.len()).is_ok_and(|size| size > LARGEST) {
        return Err(Refusal::at(path.display(), format_args!("larger than {LARGEST} bytes")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        Refusal::at_line(good.iter().filter(|byte| **byte == b'\n').count() + 1, "not UTF-8")
    })
}
