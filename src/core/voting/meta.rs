//! What META and PROJECTS say: the budget, the kind of vote, the projects with their costs in one smallest unit.

use super::decimals::{Decimal, MOST_DIGITS};
use super::pabulib::{Pabulib, Row};
use super::records::Project;
use crate::core::refusal::{Refusal, quoted};
use std::collections::HashSet;

pub(super) type Warnings = Vec<(usize, String)>;

/// The keys of META that mean something.
pub(super) struct Meta<'a> {
    rows: &'a [Row],
    pub vote_type: &'a str,
    pub scoring: bool,
}

impl<'a> Meta<'a> {
    pub fn of(file: &'a Pabulib) -> Result<Self, Refusal> {
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
    pub fn compare(&self, key: &str, count: usize, warnings: &mut Warnings) {
        let Some(row) = self.given(key) else { return };
        let said = Decimal::read(row.cell(1), false).ok().and_then(|number| number.in_units(0));
        if said.is_none_or(|said| usize::try_from(said) != Ok(count)) {
            warnings.push((row.line, format!("{key} says {}, the file has {count}", quoted(row.cell(1)))));
        }
    }
}

/// What is longer than the header: it would be read as another column if a `;` is missing its quotes.
pub(super) fn warn_of_long_rows(rows: &[Row], width: usize, warnings: &mut Warnings) {
    let long = rows.iter().filter(|row| row.cells.len() > width);
    warnings.extend(long.map(|row| (row.line, "more cells than the header; the rest is not used".to_owned())));
}

/// The column of a name, which may be there once.
pub(super) fn column(header: &[String], name: &str, section: &str) -> Result<Option<usize>, Refusal> {
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
pub(super) fn projects(
    file: &Pabulib,
    meta: &Meta,
    warnings: &mut Warnings,
) -> Result<(i128, Vec<Project>, u32), Refusal> {
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

pub(super) fn check_id<'a>(id: &'a str, known: &mut HashSet<&'a str>, name: &str, line: usize) -> Result<(), Refusal> {
    if id.is_empty() {
        return Err(Refusal::at_line(line, format_args!("{name} must not be empty")));
    }
    if !known.insert(id) {
        return Err(Refusal::at_line(line, format_args!("{name} {} is there twice", quoted(id))));
    }
    Ok(())
}
