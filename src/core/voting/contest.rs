//! What the cells of a ballot file mean: budget, projects and ballots, in whole numbers.
//!
//! Owns every refusal and warning about their meaning. Amounts become whole numbers of the smallest unit that the file's
//! budget and costs use, points likewise; equal ballots are kept once with their number.

use super::decimals::{Decimal, MOST_DIGITS};
use super::pabulib::{Pabulib, Row};
use crate::core::refusal::{Refusal, quoted};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

/// Digits that points may have, counted in the smallest unit that any ballot of the file uses.
const MOST_DIGITS_OF_POINTS: u32 = 18;

/// A vote, ready to be counted.
#[derive(Debug)]
pub(super) struct Contest {
    /// As the file says it.
    pub vote_type: String,
    pub budget: i128,
    /// An amount is in units of 10^-`money_decimals`.
    pub money_decimals: u32,
    /// A score is in units of 10^-`score_decimals`.
    pub score_decimals: u32,
    pub projects: Vec<Project>,
    /// Rows in VOTES, empty ballots too.
    pub voters: u64,
    /// Ballots with a score above zero, equal ones once.
    pub ballots: Vec<Ballot>,
    pub warnings: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Project {
    pub id: String,
    pub cost: i128,
    pub support: i128,
}

/// What some voters said alike.
#[derive(Debug)]
pub(super) struct Ballot {
    pub voters: u32,
    /// (project, score > 0), ascending by project.
    pub scores: Vec<(u32, i64)>,
}

impl Contest {
    pub fn of(file: &Pabulib) -> Result<Self, Refusal> {
        let meta = Meta::of(file)?;
        let mut warnings = Vec::new();
        let (budget, projects, money_decimals) = projects(file, &meta, &mut warnings)?;
        let votes = Votes::of(file, &meta, &projects, &mut warnings)?;
        meta.compare("num_projects", file.projects.rows.len(), &mut warnings);
        meta.compare("num_votes", file.votes.rows.len(), &mut warnings);
        // By the line they are about.
        warnings.sort_by_key(|(line, _)| *line);
        let mut contest = Self {
            vote_type: meta.vote_type.to_owned(),
            budget,
            money_decimals,
            score_decimals: votes.decimals,
            projects,
            voters: u64::try_from(file.votes.rows.len()).unwrap_or(u64::MAX),
            ballots: votes.grouped(),
            warnings: warnings.into_iter().map(|(line, text)| format!("line {line}: {text}")).collect(),
        };
        for ballot in &contest.ballots {
            for (project, score) in &ballot.scores {
                contest.projects[at(*project)].support += i128::from(*score) * i128::from(ballot.voters);
            }
        }
        Ok(contest)
    }

    /// Larger support, then smaller cost, then smaller id.
    pub fn tie_order(&self, one: usize, other: usize) -> Ordering {
        let (one, other) = (&self.projects[one], &self.projects[other]);
        let by_support = other.support.cmp(&one.support);
        by_support.then(one.cost.cmp(&other.cost)).then_with(|| one.id.as_bytes().cmp(other.id.as_bytes()))
    }

    /// All projects in tie order.
    pub fn in_tie_order(&self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.projects.len()).collect();
        places.sort_unstable_by(|one, other| self.tie_order(*one, *other));
        places
    }
}

/// The place of a project in its list.
pub(super) fn at(project: u32) -> usize {
    // Projects are counted by u32, which every machine we run on can address.
    usize::try_from(project).unwrap_or(usize::MAX)
}

type Warnings = Vec<(usize, String)>;

/// The keys of META that mean something.
struct Meta<'a> {
    rows: &'a [Row],
    vote_type: &'a str,
    scoring: bool,
}

impl<'a> Meta<'a> {
    fn of(file: &'a Pabulib) -> Result<Self, Refusal> {
        let mut meta = Self { rows: &file.meta.rows, vote_type: "", scoring: false };
        for key in ["budget", "vote_type", "default_score", "num_projects", "num_votes"] {
            if let Some(second) = meta.rows_of(key).nth(1) {
                return Err(Refusal::at_line(second.line, format_args!("`{key}` stands in META twice")));
            }
        }
        let vote_type = meta.needed("vote_type")?;
        meta.vote_type = vote_type.cell(1);
        meta.scoring = match meta.vote_type {
            "approval" | "choose-1" => false,
            "scoring" | "cumulative" => true,
            other => {
                let known = "is not one of approval, choose-1, scoring, cumulative";
                return Err(Refusal::at_line(vote_type.line, format_args!("vote_type {} {known}", quoted(other))));
            }
        };
        if let Some(row) = meta.given("default_score") {
            let number = Decimal::read(row.cell(1), false);
            if !number.is_ok_and(Decimal::is_zero) {
                return Err(Refusal::at_line(row.line, "default_score must be 0"));
            }
        }
        Ok(meta)
    }

    fn rows_of(&self, key: &str) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().filter(move |row| row.cell(0) == key)
    }

    /// The row of a key that says something.
    fn given(&self, key: &str) -> Option<&'a Row> {
        self.rows_of(key).find(|row| !row.cell(1).is_empty())
    }

    fn needed(&self, key: &str) -> Result<&'a Row, Refusal> {
        self.given(key).ok_or_else(|| Refusal::at("META", format_args!("`{key}` is needed")))
    }

    /// Warns where a count is not what META says.
    fn compare(&self, key: &str, count: usize, warnings: &mut Warnings) {
        let Some(row) = self.given(key) else { return };
        let said = Decimal::read(row.cell(1), false).ok().and_then(|number| number.in_units(0));
        if said.is_none_or(|said| usize::try_from(said) != Ok(count)) {
            warnings.push((row.line, format!("{key} says {}, the file has {count}", quoted(row.cell(1)))));
        }
    }
}

/// What is longer than the header: it would be read as another column if a `;` is missing its quotes.
fn warn_of_long_rows(rows: &[Row], width: usize, warnings: &mut Warnings) {
    let long = rows.iter().filter(|row| row.cells.len() > width);
    warnings.extend(long.map(|row| (row.line, "more cells than the header; the rest is not used".to_owned())));
}

/// The column of a name, which may be there once.
fn column(header: &[String], name: &str, section: &str) -> Result<Option<usize>, Refusal> {
    let mut places = header.iter().enumerate().filter(|(_, column)| *column == name).map(|(place, _)| place);
    let first = places.next();
    if places.next().is_some() {
        return Err(Refusal::at(section, format_args!("the column `{name}` is there twice")));
    }
    Ok(first)
}

/// An amount of META or PROJECTS.
fn amount(row: &Row, column: usize, name: &str) -> Result<Decimal, Refusal> {
    let refused =
        |problem: String| Refusal::at_line(row.line, format_args!("{name} {} {problem}", quoted(row.cell(column))));
    Decimal::read(row.cell(column), true).map_err(refused)
}

/// Budget and projects, and how many decimals their amounts have.
fn projects(file: &Pabulib, meta: &Meta, warnings: &mut Warnings) -> Result<(i128, Vec<Project>, u32), Refusal> {
    let section = &file.projects;
    if section.header.first().is_none_or(|name| name != "project_id") {
        return Err(Refusal::at("PROJECTS", "the first column must be `project_id`"));
    }
    let cost_column = column(&section.header, "cost", "PROJECTS")?
        .ok_or_else(|| Refusal::at("PROJECTS", "the column `cost` is missing"))?;
    warn_of_long_rows(&section.rows, section.header.len(), warnings);
    let budget_row = meta.needed("budget")?;
    let budget = amount(budget_row, 1, "budget")?;
    let (mut ids, mut costs, mut decimals) = (HashSet::new(), Vec::new(), budget.decimals);
    for row in &section.rows {
        let id = row.cell(0);
        check_id(id, &mut ids, "project_id", row.line)?;
        let cost = amount(row, cost_column, "cost")?;
        if cost.is_zero() {
            return Err(Refusal::at_line(row.line, format_args!("the cost of {} must be above 0", quoted(id))));
        }
        decimals = decimals.max(cost.decimals);
        costs.push(cost);
    }
    let units = |number: Decimal, name: &str, line: usize| {
        let long = format!("{name} has more than {MOST_DIGITS} digits, counted in the smallest unit of the file");
        number.in_units(decimals).ok_or_else(|| Refusal::at_line(line, long))
    };
    let mut projects = Vec::with_capacity(costs.len());
    for (row, cost) in section.rows.iter().zip(costs) {
        projects.push(Project { id: row.cell(0).to_owned(), cost: units(cost, "cost", row.line)?, support: 0 });
    }
    if u32::try_from(projects.len()).is_err() {
        return Err(Refusal::at("PROJECTS", "too many rows"));
    }
    Ok((units(budget, "budget", budget_row.line)?, projects, decimals))
}

fn check_id<'a>(id: &'a str, known: &mut HashSet<&'a str>, name: &str, line: usize) -> Result<(), Refusal> {
    if id.is_empty() {
        return Err(Refusal::at_line(line, format_args!("{name} must not be empty")));
    }
    if !known.insert(id) {
        return Err(Refusal::at_line(line, format_args!("{name} {} is there twice", quoted(id))));
    }
    Ok(())
}

/// Every ballot that names somebody, with points as written.
struct Votes {
    decimals: u32,
    /// (project, score), ascending by project, without zeros.
    ballots: Vec<Vec<(u32, i64)>>,
}

impl Votes {
    fn of(file: &Pabulib, meta: &Meta, projects: &[Project], warnings: &mut Warnings) -> Result<Self, Refusal> {
        let section = &file.votes;
        let vote = column(&section.header, "vote", "VOTES")?
            .ok_or_else(|| Refusal::at("VOTES", "the column `vote` is missing"))?;
        let points = if meta.scoring { column(&section.header, "points", "VOTES")? } else { None };
        let voter = column(&section.header, "voter_id", "VOTES")?;
        if u32::try_from(section.rows.len()).is_err() {
            return Err(Refusal::at("VOTES", "too many rows"));
        }
        warn_of_long_rows(&section.rows, section.header.len(), warnings);
        let known: HashMap<&str, u32> =
            (0..).zip(projects).map(|(place, project)| (project.id.as_str(), place)).collect();
        let (mut voters, mut read) = (HashSet::new(), Vec::new());
        let mut approved = Vec::with_capacity(section.rows.len());
        for row in &section.rows {
            if let Some(voter) = voter {
                check_id(row.cell(voter), &mut voters, "voter_id", row.line)?;
            }
            let named = named(row, vote, &known)?;
            if meta.scoring {
                let points = points_of(row, points, named.len())?;
                read.push(once(row, named.into_iter().zip(points), projects, warnings));
            } else {
                approved.push(once(row, named.into_iter().map(|project| (project, 1)), projects, warnings));
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
            approved.push(scores);
        }
        Ok(Self { decimals, ballots: approved })
    }

    /// Equal ballots once, in the order of their first appearance; those that support nothing left out.
    fn grouped(self) -> Vec<Ballot> {
        let mut places: HashMap<Vec<(u32, i64)>, usize> = HashMap::new();
        let mut counts: Vec<u32> = Vec::new();
        for scores in self.ballots.into_iter().filter(|scores| !scores.is_empty()) {
            let place = *places.entry(scores).or_insert(counts.len());
            if place == counts.len() {
                counts.push(0);
            }
            counts[place] += 1;
        }
        let mut ballots: Vec<(usize, Ballot)> =
            places.into_iter().map(|(scores, place)| (place, Ballot { voters: counts[place], scores })).collect();
        ballots.sort_unstable_by_key(|(place, _)| *place);
        ballots.into_iter().map(|(_, ballot)| ballot).collect()
    }
}

/// The projects that a ballot names, in its order.
fn named(row: &Row, column: usize, known: &HashMap<&str, u32>) -> Result<Vec<u32>, Refusal> {
    let cell = row.cell(column);
    if cell.is_empty() {
        return Ok(Vec::new());
    }
    let place = |id: &str| {
        let unknown =
            || Refusal::at_line(row.line, format_args!("the vote names {}, which is not in PROJECTS", quoted(id)));
        known.get(id).copied().ok_or_else(unknown)
    };
    cell.split(',').map(|id| place(id.trim())).collect()
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
fn once<T: Copy>(
    row: &Row,
    named: impl Iterator<Item = (u32, T)>,
    projects: &[Project],
    warnings: &mut Warnings,
) -> Vec<(u32, T)> {
    let mut ballot: Vec<(u32, T)> = named.collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn contest(text: &str) -> Result<Contest, String> {
        let file = Pabulib::read(text).map_err(|refusal| refusal.to_string())?;
        Contest::of(&file).map_err(|refusal| refusal.to_string())
    }

    fn file(meta: &str, projects: &str, votes: &str) -> String {
        format!("META\nkey;value\n{meta}PROJECTS\nproject_id;name;cost\n{projects}VOTES\nvoter_id;vote;points\n{votes}")
    }

    const APPROVAL: &str = "budget;100\nvote_type;approval\n";
    const SCORING: &str = "budget;100\nvote_type;scoring\n";

    #[test]
    fn amounts_and_points_share_a_unit() {
        let text = file(
            "budget;100,5\nvote_type;cumulative\ndefault_score;0.0\n",
            "a;;1.25\nb;;3\n",
            "1;a,b;0.5,2\n2;none\n3;b , a;2,.50\n",
        );
        let contest = contest(&text).unwrap();
        assert_eq!((contest.budget, contest.money_decimals, contest.score_decimals, contest.voters), (10_050, 2, 1, 3));
        assert_eq!((contest.projects[0].cost, contest.projects[0].support, contest.projects[1].support), (125, 10, 40));
        assert_eq!((contest.ballots.len(), contest.ballots[0].voters), (1, 2));
        assert!(contest.warnings.is_empty());
    }

    #[test]
    fn what_does_not_fit_is_a_warning() {
        let text = file(
            "num_votes;3\nnum_projects;x\nbudget;1\nvote_type;scoring\n",
            "a;;1\nb;;1;2;3\n",
            "1;a,b,a,a;1,2,3,4\n2;b;0\n",
        );
        let contest = contest(&text).unwrap();
        assert_eq!(
            contest.warnings,
            [
                "line 3: num_votes says `3`, the file has 2",
                "line 4: num_projects says `x`, the file has 2",
                "line 10: more cells than the header; the rest is not used",
                "line 13: the vote names `a` more than once; it counts once",
            ]
        );
        assert_eq!(contest.ballots[0].scores, [(0, 4), (1, 2)]);
        assert_eq!((contest.ballots.len(), contest.voters), (1, 2));
    }

    #[test]
    fn every_refusal_names_its_line() {
        let refused = [
            (file("vote_type;approval\n", "", ""), "META: `budget` is needed"),
            (file("budget;None\nvote_type;approval\n", "", ""), "META: `budget` is needed"),
            (file("budget;1\nbudget;1\nvote_type;approval\n", "", ""), "line 4: `budget` stands in META twice"),
            (file("budget;-1\nvote_type;approval\n", "", ""), "line 3: budget `-1` must be digits"),
            (file("budget;1\nvote_type;ordinal\n", "", ""), "line 4: vote_type `ordinal` is not one of"),
            (file("budget;1\nvote_type;scoring\ndefault_score;1\n", "", ""), "line 5: default_score must be 0"),
            (file(APPROVAL, "a;;0.00\n", ""), "line 7: the cost of `a` must be above 0"),
            (file(APPROVAL, "a;;\n", ""), "line 7: cost `` must be digits"),
            (file(APPROVAL, "a;;1\nnone;;2\n", ""), "line 8: project_id must not be empty"),
            (file(APPROVAL, "a;;1\na;;2\n", ""), "line 8: project_id `a` is there twice"),
            (file(APPROVAL, "a;;1\n", "1;a,b\n"), "line 10: the vote names `b`, which is not in PROJECTS"),
            (file(APPROVAL, "a;;1\n", "1;a,\n"), "line 10: the vote names ``, which"),
            (file(APPROVAL, "a;;1\n", "1;a\n1;\n"), "line 11: voter_id `1` is there twice"),
            (file(APPROVAL, "a;;1\n", ";a\n"), "line 10: voter_id must not be empty"),
            (file(SCORING, "a;;1\n", "1;a\n"), "line 10: points must be one number per project: 0 for 1"),
            (file(SCORING, "a;;1\n", "1;a;-1\n"), "line 10: points `-1` must be digits"),
            (file(SCORING, "a;;1\n", "1;a;1000000000000000000\n"), "line 10: points have more than 18 digits"),
            (file(APPROVAL, &format!("a;;0.1\nb;;{}\n", "9".repeat(30)), ""), "line 8: cost has more than 30 digits"),
            (file(APPROVAL, "", "").replace("cost", "price"), "PROJECTS: the column `cost` is missing"),
            (file(APPROVAL, "", "").replace("project_id", "id"), "PROJECTS: the first column must be `project_id`"),
            (file(APPROVAL, "", "").replace("vote;", "ballot;"), "VOTES: the column `vote` is missing"),
        ];
        for (text, start) in refused {
            let said = contest(&text).unwrap_err();
            assert!(said.starts_with(start), "{said} instead of {start}");
        }
    }

    #[test]
    fn ties_are_in_order_of_support_cost_and_id() {
        let text = file(APPROVAL, "c;;2\nb;;2\nd;;1\na;;9\nB;;2\n", "1;a\n2;a,b,B,c,d\n");
        let contest = contest(&text).unwrap();
        let order: Vec<&str> =
            contest.in_tie_order().into_iter().map(|place| contest.projects[place].id.as_str()).collect();
        assert_eq!(order, ["a", "d", "B", "b", "c"]);
    }
}
