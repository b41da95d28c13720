//! The file of projects and envelopes, and everything that is refused in it.
//!
//! Owns shapes and refusals, no arithmetic. A refusal names the field by its path (`projects[3].min`) or, where the
//! text is no such JSON, the line; it is always one line. To add a key, add it with its default here and to the page
//! `docs/decide/portfolio.md`; unknown keys are refused, and a null is a key left out.

use crate::core::refusal::Refusal;
use crate::core::strict;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::fmt::Display;

/// More projects than any call sees; it bounds what one answer may cost.
const MOST_PROJECTS: usize = 5_000;
/// The asks of a file together, so that no sum of money leaves its integer.
const MOST_MONEY: i128 = 1_000_000_000_000_000_000;
/// The largest score, in hundredths.
pub(super) const FULL_SCORE: i64 = 10_000;

pub(super) fn refuse<T>(field: impl Display, problem: impl Display) -> Result<T, Refusal> {
    Err(Refusal::at(field, problem))
}

/// What the portfolio is to have most of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Objective {
    /// Every minor unit earns the score of the project it goes to.
    #[default]
    MeritMoney,
    /// Every funded project earns its score.
    MeritCount,
}

/// What people decided beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Decision {
    Fund,
    Reject,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    budget: Option<i64>,
    #[serde(default, deserialize_with = "strict::word_or_null")]
    objective: Option<Objective>,
    step: Option<i64>,
    why: Option<bool>,
    #[serde(default, deserialize_with = "strict::objects_or_null")]
    categories: Option<Vec<WrittenCategory>>,
    #[serde(default, deserialize_with = "strict::objects_or_null")]
    projects: Option<Vec<WrittenProject>>,
    #[serde(default, deserialize_with = "strict::objects_or_null")]
    exclusive: Option<Vec<WrittenGroup>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCategory {
    id: Option<String>,
    max_amount: Option<i64>,
    min_amount: Option<i64>,
    max_count: Option<i64>,
    min_count: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProject {
    id: Option<String>,
    category: Option<String>,
    score: Option<i64>,
    ask: Option<i64>,
    min: Option<i64>,
    partial: Option<bool>,
    #[serde(default, deserialize_with = "strict::word_or_null")]
    decision: Option<Decision>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenGroup {
    projects: Option<Vec<String>>,
    at_most: Option<i64>,
}

/// A file in which every name is a place and every rule holds. Money is as written.
#[derive(Debug)]
pub(super) struct File {
    pub(super) budget: i64,
    pub(super) objective: Objective,
    pub(super) step: i64,
    pub(super) why: bool,
    pub(super) categories: Vec<Category>,
    pub(super) projects: Vec<Project>,
    pub(super) exclusive: Vec<Group>,
}

/// An envelope and its bounds, those that are given.
#[derive(Debug)]
pub(super) struct Category {
    pub(super) id: String,
    pub(super) max_amount: Option<i64>,
    pub(super) min_amount: Option<i64>,
    pub(super) max_count: Option<i64>,
    pub(super) min_count: Option<i64>,
}

#[derive(Debug)]
pub(super) struct Project {
    pub(super) id: String,
    pub(super) category: Option<usize>,
    pub(super) score: i64,
    pub(super) ask: i64,
    /// The least it can be funded with: `ask` unless it is partial and gives another.
    pub(super) min: i64,
    pub(super) decision: Option<Decision>,
}

#[derive(Debug)]
pub(super) struct Group {
    pub(super) projects: Vec<usize>,
    pub(super) at_most: i64,
}

/// Reads the file and checks every rule of the page.
pub(super) fn read(text: &str) -> Result<File, Refusal> {
    let written: Written = strict::read(text)?;
    let step = at_least(1, written.step.unwrap_or(1), || "step".into())?;
    let categories = categories(written.categories.unwrap_or_default())?;
    let Some(listed) = written.projects else { return refuse("projects", "is needed") };
    let projects = projects(listed, &categories, step)?;
    Ok(File {
        budget: at_least(0, needed(written.budget, || "budget".into())?, || "budget".into())?,
        objective: written.objective.unwrap_or_default(),
        step,
        why: written.why.unwrap_or(true),
        exclusive: groups(written.exclusive.unwrap_or_default(), &projects)?,
        categories,
        projects,
    })
}

fn needed<T>(value: Option<T>, field: impl Fn() -> String) -> Result<T, Refusal> {
    value.map_or_else(|| refuse(field(), "is needed"), Ok)
}

fn at_least(least: i64, value: i64, field: impl Fn() -> String) -> Result<i64, Refusal> {
    if value < least { refuse(field(), format!("must be at least {least}")) } else { Ok(value) }
}

fn new_id(id: Option<String>, known: &mut HashSet<String>, field: &str) -> Result<String, Refusal> {
    let id = needed(id, || field.into())?;
    if id.is_empty() {
        return refuse(field, "must not be empty");
    }
    if !known.insert(id.clone()) {
        return refuse(field, "must be unique");
    }
    Ok(id)
}

fn categories(written: Vec<WrittenCategory>) -> Result<Vec<Category>, Refusal> {
    let mut known = HashSet::new();
    let mut categories = Vec::new();
    for (place, one) in written.into_iter().enumerate() {
        let field = |name: &str| format!("categories[{place}].{name}");
        let bound = |value: Option<i64>, name: &str| value.map(|value| at_least(0, value, || field(name))).transpose();
        categories.push(Category {
            id: new_id(one.id, &mut known, &field("id"))?,
            max_amount: bound(one.max_amount, "max_amount")?,
            min_amount: bound(one.min_amount, "min_amount")?,
            max_count: bound(one.max_count, "max_count")?,
            min_count: bound(one.min_count, "min_count")?,
        });
    }
    Ok(categories)
}

fn projects(written: Vec<WrittenProject>, categories: &[Category], step: i64) -> Result<Vec<Project>, Refusal> {
    if written.len() > MOST_PROJECTS {
        return refuse("projects", format!("are more than {MOST_PROJECTS}"));
    }
    let places: HashMap<&str, usize> =
        categories.iter().enumerate().map(|(place, category)| (category.id.as_str(), place)).collect();
    let mut known = HashSet::new();
    let mut projects = Vec::new();
    let mut together = 0_i128;
    for (place, one) in written.into_iter().enumerate() {
        let field = |name: &str| format!("projects[{place}].{name}");
        let category = match one.category.as_deref().map(|id| places.get(id)) {
            Some(None) => return refuse(field("category"), "is not among the categories"),
            Some(Some(found)) => Some(*found),
            None => None,
        };
        let score = needed(one.score, || field("score"))?;
        if !(0..=FULL_SCORE).contains(&score) {
            return refuse(field("score"), format!("must be 0 to {FULL_SCORE}"));
        }
        let ask = at_least(1, needed(one.ask, || field("ask"))?, || field("ask"))?;
        together += i128::from(ask);
        if together > MOST_MONEY {
            return refuse(field("ask"), format!("the asks together are more than {MOST_MONEY}"));
        }
        let min = least(one.min, one.partial.unwrap_or(false), ask, step, &field("min"))?;
        let id = new_id(one.id, &mut known, &field("id"))?;
        projects.push(Project { id, category, score, ask, min, decision: one.decision });
    }
    Ok(projects)
}

fn least(min: Option<i64>, partial: bool, ask: i64, step: i64, field: &str) -> Result<i64, Refusal> {
    let Some(min) = min else { return Ok(ask) };
    if !partial {
        return refuse(field, "is only for a partial project");
    }
    if !(1..=ask).contains(&min) {
        return refuse(field, "must be 1 to ask");
    }
    if (ask - min) % step != 0 {
        return refuse(field, "ask less min must be a multiple of step");
    }
    Ok(min)
}

fn groups(written: Vec<WrittenGroup>, projects: &[Project]) -> Result<Vec<Group>, Refusal> {
    let places: HashMap<&str, usize> =
        projects.iter().enumerate().map(|(place, project)| (project.id.as_str(), place)).collect();
    let mut groups = Vec::new();
    for (place, one) in written.into_iter().enumerate() {
        let field = |name: &str| format!("exclusive[{place}].{name}");
        let mut members = Vec::new();
        let mut known = HashSet::new();
        for (number, id) in needed(one.projects, || field("projects"))?.iter().enumerate() {
            let Some(found) = places.get(id.as_str()) else {
                return refuse(field(&format!("projects[{number}]")), "is not among the projects");
            };
            if !known.insert(*found) {
                return refuse(field(&format!("projects[{number}]")), "must be unique");
            }
            members.push(*found);
        }
        let at_most = at_least(1, one.at_most.unwrap_or(1), || field("at_most"))?;
        groups.push(Group { projects: members, at_most });
    }
    Ok(groups)
}
