//! What to fund: the best portfolio under a budget and its envelopes, why each project is in or out, or what conflicts.
//!
//! Owns the programme and its answer. Its definitions are published in `docs/decide/portfolio.md`; the pages and
//! `decide portfolio` answer from this same code.
//!
//! Read in order: `input` (the file and its refusals), `programme` (all objectives as one integer), `prices` (a bound),
//! `trail` and `fronts` (one envelope), `search` (all of them), `reasons`, `conflict`. To add a constraint, add its key in
//! `input`, relax it in `prices`, enforce it in `fronts`, and name it in `conflict`.

mod conflict;
mod fronts;
mod input;
mod prices;
mod programme;
mod reasons;
mod search;
#[cfg(test)]
mod tests;
mod trail;

use crate::core::refusal::Refusal;
use input::{File, read, refuse};
use prices::Active;
use programme::{Keys, Programme};
use reasons::Asked;
use search::{Best, Found, Wish, search};
use serde::Serialize;

/// The answer to a file, as one line of JSON.
///
/// # Errors
/// [`Refusal`] for the first field or line that breaks a rule of the page.
pub fn answer(text: &str) -> Result<String, Refusal> {
    let file = read(text)?;
    let programme = Programme::new(&file);
    let Some(keys) = programme.full_keys() else {
        return refuse("projects", "the asks are too large to be compared exactly");
    };
    let mut active = Active::none(&programme);
    let written = match search(&programme, &keys, Wish::BEST, &mut active) {
        Found::Best(best) => serde_json::to_string(&chosen(&file, &programme, &keys, &best, active)),
        Found::None => {
            let conflict = conflict::conflict(&file, &programme);
            serde_json::to_string(&Infeasible { status: "infeasible", conflict })
        }
        Found::Unknown => serde_json::to_string(&Infeasible { status: "unknown", conflict: Vec::new() }),
    };
    written.map_err(|error| Refusal::at("answer", error))
}

#[derive(Debug, Serialize)]
struct Infeasible {
    status: &'static str,
    conflict: Vec<String>,
}

/// The portfolio, project by project.
#[derive(Debug, Serialize)]
struct Chosen<'a> {
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
    chosen: Vec<Funded<'a>>,
    projects: Vec<Told<'a>>,
}

#[derive(Debug, Serialize)]
struct Funded<'a> {
    project: &'a str,
    amount: i64,
}

#[derive(Debug, Serialize)]
struct Told<'a> {
    project: &'a str,
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

fn chosen<'a>(file: &'a File, programme: &Programme, keys: &Keys, best: &Best, active: Active) -> Chosen<'a> {
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
        projects.push(Told { project: &project.id, amount: best.amounts[place] * programme.unit, why });
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
        chosen: funded.map(|told| Funded { project: told.project, amount: told.amount }).collect(),
        projects,
    }
}
