//! What a large vote costs: 100,000 ballots and 200 projects, one run of equal shares and all rounds of Add1U; and one run where
//! everybody names half of the projects.
//!
//! `cargo bench --bench votes` prints each with its time and the number of rounds; one run may take three seconds.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::fmt::Write;
use std::time::{Duration, Instant};
use tributary::core::voting::{Completion, Rule, outcome};

const BALLOTS: u64 = 100_000;
const PROJECTS: u64 = 200;
const BUDGET: u64 = 5_000_000;
/// What one run may take.
const MOST: Duration = Duration::from_secs(3);

fn main() {
    // `cargo test --benches` runs this too; it has nothing to prove there.
    if std::env::args().any(|argument| argument == "--test") || cfg!(debug_assertions) {
        println!("measured only by `cargo bench`");
        return;
    }
    let text = ballots(Naming::Few);
    let single = counted(&text, Completion::None);
    counted(&text, Completion::Add1u);
    assert!(single < MOST, "one run took {single:?}, more than {MOST:?}");
    let dense = counted(&ballots(Naming::Half), Completion::None);
    assert!(dense < MOST, "one run of dense ballots took {dense:?}, more than {MOST:?}");
}

/// How many projects a ballot names.
#[derive(Debug, Clone, Copy)]
enum Naming {
    /// Up to 16, some projects much liked.
    Few,
    /// Each with an even chance.
    Half,
}

fn counted(text: &str, completion: Completion) -> Duration {
    let started = Instant::now();
    let outcome = outcome(text, Rule::EqualShares, completion).unwrap();
    let answer = serde_json::to_string(&outcome).unwrap();
    let took = started.elapsed();
    let (winners, size) = (outcome.winners.len(), answer.len());
    println!("{completion:?}: {took:?}, round {}, {winners} winners, {size} bytes", outcome.rounds);
    took
}

/// Costs are from a fifth of an even part to three of them.
fn ballots(naming: Naming) -> String {
    let mut state = 88_172_645_463_325_252_u64;
    let mut throw = move |most: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % most
    };
    let mut text = format!("META\nkey;value\nbudget;{BUDGET}\nvote_type;approval\nPROJECTS\nproject_id;cost\n");
    for project in 0..PROJECTS {
        let cost = BUDGET * 4 / PROJECTS * (20 + throw(300)) / 100;
        let _ = writeln!(text, "p{project};{cost}");
    }
    text.push_str("VOTES\nvoter_id;vote\n");
    for voter in 0..BALLOTS {
        let mut named: Vec<u64> = match naming {
            Naming::Few => (0..=throw(16)).map(|_| throw(PROJECTS).min(throw(PROJECTS))).collect(),
            Naming::Half => (0..PROJECTS).filter(|_| throw(2) == 0).collect(),
        };
        named.sort_unstable();
        named.dedup();
        let named: Vec<String> = named.iter().map(|project| format!("p{project}")).collect();
        let _ = writeln!(text, "{voter};{}", named.join(","));
    }
    text
}
