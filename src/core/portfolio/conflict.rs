//! Why nothing is feasible: an irreducible set of constraints, found by leaving out one after another.
//!
//! Whether a set can be met is asked as "how little money does it take": the budget is the only constraint that asks for
//! little, and everything else is tried envelope by envelope.

use super::input::{Decision, File};
use super::prices::Active;
use super::programme::Programme;
use super::rounds::{EFFORT, Found, Wish};
use super::search::search;

/// Some set of constraints, by name, in the order of the page.
#[derive(Debug, Clone, Copy)]
enum Constraint {
    Budget,
    MaxAmount(usize),
    MaxCount(usize),
    MinAmount(usize),
    MinCount(usize),
    Exclusive(usize),
    Decision(usize),
}

/// The irreducible conflict, by the names of its constraints.
pub(super) fn conflict(file: &File, programme: &Programme) -> Vec<String> {
    let mut rest = programme.clone();
    let mut names = Vec::new();
    for constraint in constraints(file) {
        let before = rest.clone();
        leave_out(&mut rest, constraint);
        if feasible(&rest, EFFORT) != Some(false) {
            rest = before;
            names.push(name(file, constraint));
        }
    }
    names
}

fn constraints(file: &File) -> Vec<Constraint> {
    let mut all = vec![Constraint::Budget];
    for (place, category) in file.categories.iter().enumerate() {
        let given = [
            (category.max_amount, Constraint::MaxAmount(place)),
            (category.max_count, Constraint::MaxCount(place)),
            (category.min_amount, Constraint::MinAmount(place)),
            (category.min_count, Constraint::MinCount(place)),
        ];
        all.extend(given.into_iter().filter(|(bound, _)| bound.is_some()).map(|(_, constraint)| constraint));
    }
    all.extend((0..file.exclusive.len()).map(Constraint::Exclusive));
    let decided = (0..file.projects.len()).filter(|place| file.projects[*place].decision.is_some());
    all.extend(decided.map(Constraint::Decision));
    all
}

fn leave_out(programme: &mut Programme, constraint: Constraint) {
    match constraint {
        Constraint::Budget => programme.budget = None,
        Constraint::MaxAmount(place) => programme.bounds[place].max_amount = None,
        Constraint::MaxCount(place) => programme.bounds[place].max_count = None,
        Constraint::MinAmount(place) => programme.bounds[place].min_amount = None,
        Constraint::MinCount(place) => programme.bounds[place].min_count = None,
        Constraint::Exclusive(place) => programme.groups[place].members.clear(),
        Constraint::Decision(place) => programme.items[place].decision = None,
    }
}

fn name(file: &File, constraint: Constraint) -> String {
    let category = |place: usize, bound: &str| format!("category:{}:{bound}", file.categories[place].id);
    match constraint {
        Constraint::Budget => "budget".into(),
        Constraint::MaxAmount(place) => category(place, "max_amount"),
        Constraint::MaxCount(place) => category(place, "max_count"),
        Constraint::MinAmount(place) => category(place, "min_amount"),
        Constraint::MinCount(place) => category(place, "min_count"),
        Constraint::Exclusive(place) => format!("exclusive:{place}"),
        Constraint::Decision(place) => {
            let project = &file.projects[place];
            let word = if project.decision == Some(Decision::Fund) { "fund" } else { "reject" };
            format!("project:{}:{word}", project.id)
        }
    }
}

/// Whether any portfolio meets all; `None` when that took too much effort to say.
pub(super) fn feasible(programme: &Programme, effort: u64) -> Option<bool> {
    let at_least = programme.budget.map(|budget| -i128::from(budget));
    let free = Programme { budget: None, ..programme.clone() };
    let mut wish = Wish { at_least, any: true, effort };
    match search(&free, &free.thrift_keys(), &mut wish, &mut Active::none(&free)) {
        Found::Best(_) => Some(true),
        Found::None => Some(false),
        Found::Unknown => None,
    }
}
