//! What the large decisions cost: a portfolio of 500 projects and 6 envelopes, the reasons of 60 projects, and 2,000 applications for
//! 300 reviewers.
//!
//! `cargo bench --bench decide` prints a row each, with what it may take. To measure another tool, add a row in `main`.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tributary::core::{assignment, portfolio};

fn main() {
    // `cargo test --benches` runs this too; it has nothing to prove there.
    if std::env::args().any(|argument| argument == "--test") || cfg!(debug_assertions) {
        println!("measured only by `cargo bench`");
        return;
    }
    let portfolio = |text: &str| serde_json::to_value(portfolio::outcome(text).unwrap()).unwrap();
    let assign = |text: &str| serde_json::to_value(assignment::outcome(text).unwrap()).unwrap();
    for (unit, partial, groups) in [(1_000, 0, 0), (1, 0, 0), (1, 30, 0), (100, 20, 30)] {
        for objective in ["merit-money", "merit-count"] {
            let name = format!("portfolio 500 by {unit}, {partial} % partial, {groups} groups, {objective}");
            let file = projects(&Shape { count: 500, unit, partial, groups, objective, why: false });
            row(&name, &file, Duration::from_secs(2), portfolio);
        }
    }
    for (partial, groups) in [(0, 0), (30, 5)] {
        let shape = Shape { count: 60, unit: 100, partial, groups, objective: "merit-money", why: true };
        let name = format!("reasons of 60, {partial} % partial, {groups} groups");
        row(&name, &projects(&shape), Duration::from_secs(10), portfolio);
    }
    row("assign 2,000 x 300 x 5", &reviewers(), Duration::from_secs(5), assign);
}

fn row(name: &str, file: &Value, most: Duration, answer: impl Fn(&str) -> Value) {
    let text = file.to_string();
    let begun = Instant::now();
    let answer = answer(&text);
    let took = begun.elapsed();
    let gap = answer["gap"].as_i64().map(|gap| format!(", gap {gap}")).unwrap_or_default();
    let within = if took <= most { "" } else { " NOT within its limit" };
    println!("{name}: {took:.1?} of {most:?}, {}{gap}{within}", answer["status"].as_str().unwrap());
}

struct Dice(u64);

impl Dice {
    fn within(&mut self, low: u64, high: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        low + (self.0 >> 11) % (high - low + 1)
    }
}

struct Shape {
    count: u64,
    unit: u64,
    partial: u64,
    groups: u64,
    objective: &'static str,
    why: bool,
}

/// Six envelopes, some of them tight, and two fifths of the money that is asked for.
fn projects(shape: &Shape) -> Value {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let mut together = 0;
    let mut projects = Vec::new();
    for place in 0..shape.count {
        let ask = dice.within(20_000 / shape.unit, 500_000 / shape.unit) * shape.unit;
        let mut project = json!({"id": format!("p{place}"), "category": format!("c{}", dice.within(0, 5)),
            "score": dice.within(3_000, 10_000), "ask": ask});
        if dice.within(1, 100) <= shape.partial {
            project["partial"] = json!(true);
            project["min"] = json!(ask / 2 / shape.unit * shape.unit);
        }
        together += ask;
        projects.push(project);
    }
    let categories: Vec<Value> = (0..6)
        .map(|place| {
            json!({"id": format!("c{place}"), "max_amount": together / 600 * dice.within(30, 70),
                "min_amount": together / 600 * dice.within(5, 30), "min_count": 2,
                "max_count": shape.count * dice.within(40, 80) / 600})
        })
        .collect();
    let exclusive: Vec<Value> = (0..shape.groups)
        .map(|_| {
            let mut members: Vec<u64> = (0..dice.within(2, 4)).map(|_| dice.within(0, shape.count - 1)).collect();
            members.sort_unstable();
            members.dedup();
            let members: Vec<String> = members.iter().map(|member| format!("p{member}")).collect();
            json!({"projects": members})
        })
        .collect();
    json!({"budget": together * 2 / 5, "objective": shape.objective, "step": shape.unit, "why": shape.why,
        "categories": categories, "projects": projects, "exclusive": exclusive})
}

/// Every pair has an expertise and a bid, and every application one conflict.
fn reviewers() -> Value {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (rows, columns) = (2_000, 300);
    let mut pairs = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let expertise = [0, 0, 1, 1, 2, 3][usize::try_from(dice.within(0, 5)).unwrap()];
            let bid = [-2, -1, 0, 0, 0, 1, 2][usize::try_from(dice.within(0, 6)).unwrap()];
            pairs.push(json!({"application": format!("a{row}"), "reviewer": format!("r{column}"),
                "expertise": expertise, "bid": bid}));
        }
    }
    let conflicts: Vec<Value> = (0..rows)
        .map(|row| json!({"application": format!("a{row}"), "reviewer": format!("r{}", dice.within(0, columns - 1))}))
        .collect();
    let applications: Vec<Value> = (0..rows).map(|row| json!({"id": format!("a{row}"), "needs": 5})).collect();
    let reviewers: Vec<Value> = (0..columns).map(|column| json!({"id": format!("r{column}"), "max": 40})).collect();
    json!({"applications": applications, "reviewers": reviewers, "pairs": pairs, "conflicts": conflicts, "seed": "2026"})
}
