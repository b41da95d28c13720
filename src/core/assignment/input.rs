//! The file of applications and reviewers, and everything that is refused in it.
//!
//! Owns shapes and refusals, no arithmetic. A refusal names the field by its path (`pairs[3].bid`) or, where the text
//! is no such JSON, the line; it is always one line. To add a key, add it with its default here and to the page
//! `docs/decide/assign.md`; unknown keys are refused.

use crate::core::refusal::Refusal;
use crate::core::strict;
use serde::Deserialize;
use std::collections::HashMap;
use std::fmt::Display;

/// One matrix over all pairs is kept in memory, so this bounds it to about a quarter of a gigabyte.
const MOST_PAIRS: usize = 10_000_000;
/// One matrix over pairs of reviewers is kept as well.
const MOST_REVIEWERS: usize = 3_000;
/// So that a cost of the whole file stays far from the end of its integer.
const MOST_WEIGHT: i64 = 100_000;

fn refuse<T>(field: impl Display, problem: impl Display) -> Result<T, Refusal> {
    Err(Refusal::at(field, problem))
}

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, deserialize_with = "strict::objects")]
    applications: Vec<Application>,
    #[serde(default, deserialize_with = "strict::objects")]
    reviewers: Vec<Reviewer>,
    #[serde(default, deserialize_with = "strict::objects")]
    pairs: Vec<Pair>,
    #[serde(default, deserialize_with = "strict::objects")]
    conflicts: Vec<Conflict>,
    #[serde(default, deserialize_with = "strict::objects")]
    fixed: Vec<Fixed>,
    #[serde(default)]
    min_expertise: i64,
    #[serde(default, deserialize_with = "strict::object")]
    weights: Weights,
    #[serde(default)]
    seed: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    id: String,
    needs: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reviewer {
    id: String,
    max: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    application: String,
    reviewer: String,
    #[serde(default)]
    expertise: i64,
    #[serde(default)]
    bid: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Conflict {
    application: String,
    reviewer: String,
    /// For people; it changes nothing here.
    #[serde(default, rename = "reason")]
    _reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixed {
    application: String,
    reviewer: String,
}

/// What one step of expertise, of a bid and of load costs.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Weights {
    pub(super) expertise: i64,
    pub(super) bid: i64,
    pub(super) load: i64,
}

impl Default for Weights {
    fn default() -> Self {
        Self { expertise: 1_000, bid: 100, load: 10 }
    }
}

/// What is known of one pair.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    pub(super) expertise: i8,
    pub(super) bid: i8,
    pub(super) listed: bool,
    pub(super) conflict: bool,
    pub(super) fixed: bool,
}

/// A file in which every name is a place and every rule holds.
#[derive(Debug)]
pub(super) struct Panel {
    /// Id and needs, in file order.
    pub(super) applications: Vec<(String, i64)>,
    /// Id and max, in file order.
    pub(super) reviewers: Vec<(String, i64)>,
    /// Row by row: application · reviewers + reviewer.
    pub(super) known: Vec<Known>,
    pub(super) min_expertise: i64,
    pub(super) weights: Weights,
    pub(super) seed: String,
}

impl Panel {
    pub(super) fn at(&self, application: usize, reviewer: usize) -> Known {
        self.known[application * self.reviewers.len() + reviewer]
    }

    /// Usable beyond the fixed pairs.
    pub(super) fn usable(&self, application: usize, reviewer: usize) -> bool {
        let known = self.at(application, reviewer);
        !known.fixed && !known.conflict && i64::from(known.expertise) >= self.min_expertise
    }

    /// How many reviewers are fixed to the application.
    pub(super) fn fixed_of(&self, application: usize) -> i64 {
        count((0..self.reviewers.len()).filter(|reviewer| self.at(application, *reviewer).fixed))
    }

    /// How many applications the reviewer is fixed to.
    pub(super) fn fixed_to(&self, reviewer: usize) -> i64 {
        count((0..self.applications.len()).filter(|application| self.at(*application, reviewer).fixed))
    }
}

pub(super) fn count(things: impl Iterator) -> i64 {
    i64::try_from(things.count()).unwrap_or(i64::MAX)
}

/// Reads the file and checks every rule of the page.
pub(super) fn read(text: &str) -> Result<Panel, Refusal> {
    let file: Written = strict::read(text)?;
    let applications = names("applications", file.applications.iter().map(|one| one.id.as_str()))?;
    let reviewers = names("reviewers", file.reviewers.iter().map(|one| one.id.as_str()))?;
    check_figures(&file)?;
    let places = Places { applications, reviewers };
    let mut known = vec![Known::default(); places.applications.len() * places.reviewers.len()];
    take_pairs(&file, &places, &mut known)?;
    for (place, conflict) in file.conflicts.iter().enumerate() {
        let at = places.find("conflicts", place, &conflict.application, &conflict.reviewer)?;
        known[at].conflict = true;
    }
    take_fixed(&file, &places, &mut known)?;
    drop(places);
    Ok(Panel {
        applications: file.applications.into_iter().map(|one| (one.id, one.needs)).collect(),
        reviewers: file.reviewers.into_iter().map(|one| (one.id, one.max)).collect(),
        known,
        min_expertise: file.min_expertise,
        weights: file.weights,
        seed: file.seed,
    })
}

/// Where each name stands.
struct Places<'a> {
    applications: HashMap<&'a str, usize>,
    reviewers: HashMap<&'a str, usize>,
}

impl Places<'_> {
    fn find(&self, list: &str, place: usize, application: &str, reviewer: &str) -> Result<usize, Refusal> {
        let Some(row) = self.applications.get(application) else {
            return refuse(format!("{list}[{place}].application"), "is not among the applications");
        };
        let Some(column) = self.reviewers.get(reviewer) else {
            return refuse(format!("{list}[{place}].reviewer"), "is not among the reviewers");
        };
        Ok(row * self.reviewers.len() + column)
    }
}

fn names<'a>(list: &str, ids: impl Iterator<Item = &'a str>) -> Result<HashMap<&'a str, usize>, Refusal> {
    let mut places = HashMap::new();
    for (place, id) in ids.enumerate() {
        if id.is_empty() {
            return refuse(format!("{list}[{place}].id"), "must not be empty");
        }
        if places.insert(id, place).is_some() {
            return refuse(format!("{list}[{place}].id"), "must be unique");
        }
    }
    Ok(places)
}

fn check_figures(file: &Written) -> Result<(), Refusal> {
    if file.reviewers.len() > MOST_REVIEWERS {
        return refuse("reviewers", format!("are more than {MOST_REVIEWERS}"));
    }
    if file.applications.len().saturating_mul(file.reviewers.len()) > MOST_PAIRS {
        return refuse("applications", format!("times reviewers are more than {MOST_PAIRS} pairs"));
    }
    for (place, application) in file.applications.iter().enumerate() {
        if application.needs < 0 {
            return refuse(format!("applications[{place}].needs"), "must be at least 0");
        }
    }
    for (place, reviewer) in file.reviewers.iter().enumerate() {
        if reviewer.max < 0 {
            return refuse(format!("reviewers[{place}].max"), "must be at least 0");
        }
    }
    if !(0..=3).contains(&file.min_expertise) {
        return refuse("min_expertise", "must be 0 to 3");
    }
    let weights = [("expertise", file.weights.expertise), ("bid", file.weights.bid), ("load", file.weights.load)];
    for (name, weight) in weights {
        if !(0..=MOST_WEIGHT).contains(&weight) {
            return refuse(format!("weights.{name}"), format!("must be 0 to {MOST_WEIGHT}"));
        }
    }
    Ok(())
}

fn take_pairs(file: &Written, places: &Places<'_>, known: &mut [Known]) -> Result<(), Refusal> {
    for (place, pair) in file.pairs.iter().enumerate() {
        let known = &mut known[places.find("pairs", place, &pair.application, &pair.reviewer)?];
        if known.listed {
            return refuse(format!("pairs[{place}]"), "this pair was listed before");
        }
        known.listed = true;
        known.expertise = match i8::try_from(pair.expertise) {
            Ok(expertise @ 0..=3) => expertise,
            _ => return refuse(format!("pairs[{place}].expertise"), "must be 0 to 3"),
        };
        known.bid = match i8::try_from(pair.bid) {
            Ok(bid @ -2..=2) => bid,
            _ => return refuse(format!("pairs[{place}].bid"), "must be -2 to 2"),
        };
    }
    Ok(())
}

fn take_fixed(file: &Written, places: &Places<'_>, known: &mut [Known]) -> Result<(), Refusal> {
    let width = file.reviewers.len();
    let mut needs: Vec<i64> = file.applications.iter().map(|one| one.needs).collect();
    let mut room: Vec<i64> = file.reviewers.iter().map(|one| one.max).collect();
    for (place, fixed) in file.fixed.iter().enumerate() {
        let at = places.find("fixed", place, &fixed.application, &fixed.reviewer)?;
        if known[at].conflict {
            return refuse(format!("fixed[{place}]"), "this pair is in conflict");
        }
        if known[at].fixed {
            return refuse(format!("fixed[{place}]"), "this pair was fixed before");
        }
        known[at].fixed = true;
        needs[at / width] -= 1;
        room[at % width] -= 1;
        if needs[at / width] < 0 {
            return refuse(format!("fixed[{place}].application"), "more are fixed than it needs");
        }
        if room[at % width] < 0 {
            return refuse(format!("fixed[{place}].reviewer"), "more are fixed than its max");
        }
    }
    Ok(())
}
