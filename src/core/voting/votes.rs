//! What VOTES says: ballots with their points in one smallest unit, equal ones once.

use super::decimals::Decimal;
use super::meta::{Meta, Warnings, check_id, column, warn_of_long_rows};
use super::pabulib::{Pabulib, Row};
use super::records::{Ballot, Project, at};
use crate::core::refusal::{Refusal, quoted};
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

/// Digits that points may have, counted in the smallest unit that any ballot of the file uses.
const MOST_DIGITS_OF_POINTS: u32 = 18;

/// Every ballot that names somebody, with points as written.
pub(super) struct Votes {
    pub decimals: u32,
    /// (project, score), ascending by project, without zeros.
    ballots: Vec<Scores>,
}

/// What one ballot says. A file of a large city holds hundreds of thousands, most of them different, so hashing one takes a step a
/// project and no more.
#[derive(Debug, PartialEq, Eq)]
struct Scores(Vec<(u32, i64)>);

impl Hash for Scores {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for (project, score) in &self.0 {
            state.write_i64(score.rotate_left(32) ^ i64::from(*project));
        }
    }
}

impl Votes {
    pub fn of(file: &Pabulib, meta: &Meta, projects: &[Project], warnings: &mut Warnings) -> Result<Self, Refusal> {
        let section = &file.votes;
        let vote = column(&section.header, "vote", "VOTES")?
            .ok_or_else(|| Refusal::at("VOTES", "the column `vote` is missing"))?;
        let points = if meta.scoring { column(&section.header, "points", "VOTES")? } else { None };
        let voter = column(&section.header, "voter_id", "VOTES")?;
        if u32::try_from(section.rows.len()).is_err() {
            return Err(Refusal::at("VOTES", "too many rows"));
        }
        warn_of_long_rows(&section.rows, section.header.len(), warnings);
        let known = Known::of(projects);
        let (mut voters, mut read) = (HashSet::new(), Vec::new());
        let mut approved = Vec::with_capacity(section.rows.len());
        for row in &section.rows {
            if let Some(voter) = voter {
                check_id(row.cell(voter), &mut voters, "voter_id", row.line)?;
            }
            let named = named(row, vote, &known)?;
            if meta.scoring {
                let points = points_of(row, points, named.len())?;
                read.push(once(row, named.into_iter().zip(points).collect(), projects, warnings));
            } else {
                let named = named.into_iter().map(|project| (project, 1)).collect();
                approved.push(Scores(once(row, named, projects, warnings)));
            }
        }
        if !meta.scoring {
            return Ok(Self { decimals: 0, ballots: approved });
        }
        let decimals = read.iter().flatten().map(|(_, (_, decimals))| *decimals).max().unwrap_or(0);
        for (row, ballot) in section.rows.iter().zip(read) {
            let mut scores = Vec::with_capacity(ballot.len());
            for (project, points) in ballot {
                scores.push((project, score(points, decimals, row.line)?));
            }
            scores.retain(|(_, score)| *score > 0);
            approved.push(Scores(scores));
        }
        Ok(Self { decimals, ballots: approved })
    }

    /// Equal ballots once, in the order of their first appearance; those that support nothing left out.
    pub fn grouped(self) -> Vec<Ballot> {
        let mut places: HashMap<Scores, usize> = HashMap::with_capacity(self.ballots.len());
        let mut counts: Vec<u32> = Vec::new();
        for scores in self.ballots.into_iter().filter(|scores| !scores.0.is_empty()) {
            let place = *places.entry(scores).or_insert(counts.len());
            if place == counts.len() {
                counts.push(0);
            }
            counts[place] += 1;
        }
        let mut ballots: Vec<(usize, Ballot)> = places
            .into_iter()
            .map(|(scores, place)| (place, Ballot { voters: counts[place], scores: scores.0 }))
            .collect();
        ballots.sort_unstable_by_key(|(place, _)| *place);
        ballots.into_iter().map(|(_, ballot)| ballot).collect()
    }
}

/// The places of the projects by their ids.
struct Known<'a> {
    ids: Vec<&'a str>,
    places: HashMap<&'a str, u32>,
}

/// Ids that are compared before one is looked up: most ballots name projects in the order of the list, and not far apart.
const NEAR: usize = 4;

impl<'a> Known<'a> {
    fn of(projects: &'a [Project]) -> Self {
        let ids: Vec<&str> = projects.iter().map(|project| project.id.as_str()).collect();
        let places = (0..).zip(&ids).map(|(place, id)| (*id, place)).collect();
        Self { ids, places }
    }

    /// The place of an id, looked for first behind `after`.
    fn place(&self, id: &str, after: usize) -> Option<u32> {
        let near = self.ids.iter().skip(after).take(NEAR).position(|known| *known == id);
        match near {
            Some(step) => u32::try_from(after + step).ok(),
            None => self.places.get(id).copied(),
        }
    }
}

/// The projects that a ballot names, in its order.
fn named(row: &Row, column: usize, known: &Known) -> Result<Vec<u32>, Refusal> {
    let cell = row.cell(column);
    if cell.is_empty() {
        return Ok(Vec::new());
    }
    let commas = memchr::memchr_iter(b',', cell.as_bytes()).count();
    let (mut places, mut after) = (Vec::with_capacity(commas + 1), 0);
    for id in cell.split(',') {
        let id = id.trim();
        let unknown =
            || Refusal::at_line(row.line, format_args!("the vote names {}, which is not in PROJECTS", quoted(id)));
        let place = known.place(id, after).ok_or_else(unknown)?;
        after = at(place) + 1;
        places.push(place);
    }
    Ok(places)
}

/// Points as written: a whole number, and how many of its digits are decimals.
type Points = (i64, u32);

/// One number a project.
fn points_of(row: &Row, column: Option<usize>, wanted: usize) -> Result<Vec<Points>, Refusal> {
    let cell = column.map_or("", |column| row.cell(column));
    let texts: Vec<&str> = if cell.is_empty() { Vec::new() } else { cell.split(',').map(str::trim).collect() };
    if texts.len() != wanted {
        let problem = format!("points must be one number per project: {} for {wanted}", texts.len());
        return Err(Refusal::at_line(row.line, problem));
    }
    let refused =
        |text: &str, problem: String| Refusal::at_line(row.line, format_args!("points {} {problem}", quoted(text)));
    let read = |text: &str| {
        let number = Decimal::read(text, false).map_err(|problem| refused(text, problem))?;
        let units = number.in_units(number.decimals).and_then(|units| i64::try_from(units).ok());
        Ok((units.ok_or_else(|| long_points(row.line))?, number.decimals))
    };
    texts.into_iter().map(read).collect()
}

/// Each project once: the last points count, and whoever named one twice is warned about.
fn once<T: Copy>(row: &Row, mut ballot: Vec<(u32, T)>, projects: &[Project], warnings: &mut Warnings) -> Vec<(u32, T)> {
    // Most ballots name each project once, in the order of the list: nothing is left to do.
    if ballot.is_sorted_by(|one, other| one.0 < other.0) {
        return ballot;
    }
    // The sort is stable: of equal projects the last in the ballot stays last.
    ballot.sort_by_key(|(project, _)| *project);
    let mut kept: Vec<(u32, T)> = Vec::with_capacity(ballot.len());
    let mut told = None;
    for (project, points) in ballot {
        match kept.last_mut() {
            Some(last) if last.0 == project => {
                last.1 = points;
                if told != Some(project) {
                    let id = quoted(&projects[at(project)].id);
                    warnings.push((row.line, format!("the vote names {id} more than once; it counts once")));
                }
                told = Some(project);
            }
            _ => kept.push((project, points)),
        }
    }
    kept
}

/// Points in the smallest unit of any ballot.
fn score((units, own): Points, decimals: u32, line: usize) -> Result<i64, Refusal> {
    let factor = decimals.checked_sub(own).and_then(|more| 10_i64.checked_pow(more));
    let score = factor.and_then(|factor| units.checked_mul(factor));
    score.filter(|score| *score < 10_i64.pow(MOST_DIGITS_OF_POINTS)).ok_or_else(|| long_points(line))
}

fn long_points(line: usize) -> Refusal {
    let problem = "digits, counted in the smallest unit of any ballot";
    Refusal::at_line(line, format_args!("points have more than {MOST_DIGITS_OF_POINTS} {problem}"))
}
