//! Who reviews what: the cheapest assignment of reviewers to applications, or why there is none.
//!
//! Owns the cost of a pair, the lot that settles ties repeatably, and the explanation of what is missing. Its
//! definitions are published in `docs/decide/assign.md`; the pages and `decide assign` answer from this same code.
//!
//! Read in order: `input` (the file and its refusals), `lots` (chance anybody can repeat), `flow` (the cheapest flow),
//! then [`outcome`]. To add a term to the cost, add its weight in `input`, its price in `flow` and its figure here.

mod flow;
mod input;
mod lots;
#[cfg(test)]
mod tests;

use crate::core::refusal::Refusal;
use flow::Flow;
use input::{Panel, count, read};
use serde::Serialize;

/// The answer to a file.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Everybody has what they need.
    Assigned(Assigned),
    /// Somebody has not, and this is where it is missing.
    Explained(Explained),
}

/// Assigns reviewers to applications.
///
/// # Errors
/// [`Refusal`] naming the first field or line that breaks a rule of the page.
pub fn outcome(text: &str) -> Result<Outcome, Refusal> {
    let panel = read(text)?;
    let mut flow = Flow::new(&panel);
    flow.fill();
    let full = flow.missing() == 0;
    Ok(if full { Outcome::Assigned(assigned(&panel, &flow)) } else { Outcome::Explained(explained(&panel, &flow)) })
}

/// Everybody has what they need.
#[derive(Debug, Serialize)]
pub struct Assigned {
    status: &'static str,
    cost: Cost,
    lot: u64,
    assignments: Vec<Assignment>,
    loads: Vec<Load>,
}

#[derive(Debug, Default, Serialize)]
struct Cost {
    total: i128,
    expertise: i128,
    bid: i128,
    load: i128,
}

#[derive(Debug, Serialize)]
struct Assignment {
    application: String,
    reviewers: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Load {
    reviewer: String,
    load: i64,
    max: i64,
}

fn assigned(panel: &Panel, flow: &Flow) -> Assigned {
    let mut cost = Cost::default();
    let mut lot = 0;
    let mut loads = vec![0_i64; panel.reviewers.len()];
    let mut assignments = Vec::new();
    for (row, (application, _)) in panel.applications.iter().enumerate() {
        let mut reviewers = Vec::new();
        for (column, (reviewer, _)) in panel.reviewers.iter().enumerate() {
            let known = panel.at(row, column);
            if known.fixed || flow.carries(row, column) {
                cost.expertise += i128::from(panel.weights.expertise) * i128::from(3 - known.expertise);
                cost.bid += i128::from(panel.weights.bid) * i128::from(2 - known.bid);
                lot += u64::from(lots::lot(&panel.seed, application, reviewer));
                loads[column] += 1;
                reviewers.push(reviewer.clone());
            }
        }
        assignments.push(Assignment { application: application.clone(), reviewers });
    }
    cost.load = loads.iter().map(|load| i128::from(panel.weights.load) * i128::from(*load) * i128::from(*load)).sum();
    cost.total = cost.expertise + cost.bid + cost.load;
    let loads = panel.reviewers.iter().zip(&loads);
    let loads =
        loads.map(|((reviewer, max), load)| Load { reviewer: reviewer.clone(), load: *load, max: *max }).collect();
    Assigned { status: "optimal", cost, lot, assignments, loads }
}

/// The smallest set of applications that asks for more than can be had.
#[derive(Debug, Serialize)]
pub struct Explained {
    status: &'static str,
    missing: i128,
    applications: Vec<Short>,
    full_reviewers: Vec<String>,
    demand: i128,
    supply: i128,
}

#[derive(Debug, Serialize)]
struct Short {
    application: String,
    needs: i64,
    usable: i64,
    conflicts: i64,
    below_min_expertise: i64,
    fixed: i64,
}

fn explained(panel: &Panel, flow: &Flow) -> Explained {
    let (applications, reviewers) = flow.reached();
    let (mut demand, mut supply) = (0, 0);
    let mut short = Vec::new();
    let all = 0..panel.reviewers.len();
    for row in (0..panel.applications.len()).filter(|row| applications[*row]) {
        let (application, needs) = (panel.applications[row].0.clone(), panel.applications[row].1);
        let (fixed, usable) = (panel.fixed_of(row), all.clone().filter(|column| panel.usable(row, *column)));
        let conflicts = count(all.clone().filter(|column| panel.at(row, *column).conflict));
        let elsewhere = count(usable.clone().filter(|column| !reviewers[*column]));
        let usable = count(usable);
        let below_min_expertise = count(all.clone()) - fixed - conflicts - usable;
        demand += i128::from(needs - fixed);
        supply += i128::from(elsewhere);
        short.push(Short { application, needs, usable, conflicts, below_min_expertise, fixed });
    }
    let mut full_reviewers = Vec::new();
    for column in all.filter(|column| reviewers[*column]) {
        let (reviewer, max) = (panel.reviewers[column].0.clone(), panel.reviewers[column].1);
        supply += i128::from(max - panel.fixed_to(column));
        full_reviewers.push(reviewer);
    }
    Explained { status: "infeasible", missing: demand - supply, applications: short, full_reviewers, demand, supply }
}
