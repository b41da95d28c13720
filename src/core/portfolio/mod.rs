//! What to fund: the best portfolio under a budget and its envelopes, why each project is in or out, or what conflicts.
//!
//! Owns the programme and its answer. Its definitions are published in `docs/decide/portfolio.md`; the pages and
//! `decide portfolio` answer from this same code.
//!
//! Read in order: `input` (the file and its refusals), `programme` (all objectives as one integer), `prices` (a bound),
//! `trail`, `states` and `fronts` (one envelope), `joins`
//! and `rounds` (all of them), `branches` and `search`, then `reasons`, `conflict`. To add a constraint, add its key in
//! `input`, relax it in `prices`, enforce it in `fronts`, and name it in `conflict`.

mod branches;
mod conflict;
mod fronts;
mod input;
mod joins;
mod prices;
mod programme;
mod reasons;
mod rounds;
mod search;
mod states;
#[cfg(test)]
mod tests;
mod trail;

use crate::core::refusal::Refusal;
use input::{File, read, refuse};
use prices::Active;
use programme::{Keys, Programme};
use reasons::Asked;
use rounds::{Best, Found, Wish};
use search::search;
use serde::Serialize;

/// The answer to a file.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// The best portfolio, or the best found.
    Chosen(Chosen),
    /// No portfolio keeps to all constraints; these cannot be kept together.
    Infeasible(Infeasible),
}

/// Chooses what to fund.
///
/// # Errors
/// [`Refusal`] naming the first field or line that breaks a rule of the page.
pub fn outcome(text: &str) -> Result<Outcome, Refusal> {
    let file = read(text)?;
    let programme = Programme::new(&file);
    let Some(keys) = programme.full_keys() else {
        return refuse("projects", "the asks are too large to be compared exactly");
    };
    let mut active = Active::none(&programme);
    Ok(match search(&programme, &keys, &mut Wish::BEST.clone(), &mut active) {
        Found::Best(best) => Outcome::Chosen(chosen(&file, &programme, &keys, &best, active)),
        Found::None => {
            let conflict = conflict::conflict(&file, &programme);
            Outcome::Infeasible(Infeasible { status: "infeasible", conflict })
        }
        Found::Unknown => Outcome::Infeasible(Infeasible { status: "unknown", conflict: Vec::new() }),
    })
}

/// What cannot be kept together.
#[derive(Debug, Serialize)]
pub struct Infeasible {
    status: &'static str,
    conflict: Vec<String>,
}

/// The portfolio, project by project.
#[derive(Debug, Serialize)]
pub struct Chosen {
    status: &'static str,
    objective: i128,
    /// Only of a portfolio that is not proven best: what no portfolio exceeds, and how far that is away.
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<i128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<i128>,
    /// Only when a reason was not proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<&'static str>,
    spent: i64,
    left: i64,
    chosen: Vec<Funded>,
    projects: Vec<Told>,
}

#[derive(Debug, Serialize)]
struct Funded {
    project: String,
    amount: i64,
}

#[derive(Debug, Serialize)]
struct Told {
    project: String,
    amount: i64,
    #[serde(flatten)]
    why: Option<Why>,
}

#[derive(Debug, Serialize)]
struct Why {
    objective_if_funded: Option<i128>,
    objective_if_not: Option<i128>,
    threshold_score: Option<i64>,
    blocked_by: Vec<&'static str>,
    extra_money: Option<i128>,
}

fn chosen(file: &File, programme: &Programme, keys: &Keys, best: &Best, active: Active) -> Chosen {
    let value = programme.value_of(&best.amounts);
    let objective = programme.merit(value);
    let most = programme.merit((best.bound + keys.lesser).div_euclid(keys.weight)).max(objective);
    let mut asked = Asked::new(file, programme, &best.amounts, value, active);
    let mut proven = true;
    let mut projects = Vec::new();
    for (place, project) in file.projects.iter().enumerate() {
        let why = file.why.then(|| asked.reasons(place)).map(|reasons| {
            proven &= reasons.proven;
            Why {
                objective_if_funded: reasons.if_funded,
                objective_if_not: reasons.if_not,
                threshold_score: reasons.threshold,
                blocked_by: reasons.blocked_by,
                extra_money: reasons.extra_money,
            }
        });
        projects.push(Told { project: project.id.clone(), amount: best.amounts[place] * programme.unit, why });
    }
    let spent = projects.iter().map(|project| project.amount).sum();
    let funded = projects.iter().filter(|told| told.amount > 0);
    Chosen {
        status: if best.proven { "optimal" } else { "best-found" },
        objective,
        bound: (!best.proven).then_some(most),
        gap: (!best.proven).then_some(most - objective),
        reasons: (!proven).then_some("best-found"),
        spent,
        left: file.budget - spent,
        chosen: funded.map(|told| Funded { project: told.project.clone(), amount: told.amount }).collect(),
        projects,
    }
}
