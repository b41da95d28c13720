//! The file of a vote, as Pabulib writes it: cells, rows and three sections, without their meaning.
//!
//! Owns how a `.pb` file is split and how one is written. Every cell is kept, also of columns that no rule uses, and what was
//! written once is written again to the byte. What the cells mean stands in `contest`.

use crate::core::refusal::{Refusal, quoted};
use std::fmt::Write;

/// The three sections of the file, in the order in which they are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pabulib {
    /// Keys and their values.
    pub meta: Section,
    /// One project a row.
    pub projects: Section,
    /// One ballot a row.
    pub votes: Section,
}

/// A section: its header and its rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// The names of the columns.
    pub header: Vec<String>,
    /// As many cells as the header, or more.
    pub rows: Vec<Row>,
}

/// A row, with the line of the file on which it begins; 0 where it was never in a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Counted from 1.
    pub line: usize,
    /// Trimmed.
    pub cells: Vec<String>,
}

impl Row {
    /// A cell, empty where it is missing or says `none`.
    pub(super) fn cell(&self, column: usize) -> &str {
        let text = self.cells.get(column).map_or("", String::as_str);
        if text.eq_ignore_ascii_case("none") { "" } else { text }
    }
}

/// The names of the sections, as they are written.
const NAMES: [&str; 3] = ["META", "PROJECTS", "VOTES"];

impl Pabulib {
    /// Splits a file into its sections.
    ///
    /// # Errors
    /// [`Refusal`] naming the line, or the section that is missing.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let mut sections: [Option<(usize, Section)>; 3] = [None, None, None];
        let mut open: Option<usize> = None;
        for row in Rows::of(text) {
            let row = row?;
            if let Some(name) = NAMES.iter().position(|name| row.cells[0].eq_ignore_ascii_case(name)) {
                if sections[name].replace((row.line, Section::default())).is_some() {
                    return Err(Refusal::at_line(row.line, format_args!("a second section {}", NAMES[name])));
                }
                open = Some(name);
                continue;
            }
            let Some((_, section)) = open.and_then(|name| sections[name].as_mut()) else {
                let found = quoted(&row.cells[0]);
                return Err(Refusal::at_line(
                    row.line,
                    format_args!("{found} before the first section META, PROJECTS or VOTES"),
                ));
            };
            section.take(row);
        }
        let [meta, projects, votes] = sections;
        let there = |section: Option<(usize, Section)>, name: &str| match section {
            None => Err(Refusal::at(name, "the section is missing")),
            Some((line, section)) if section.header.is_empty() => {
                Err(Refusal::at_line(line, format_args!("section {name} has no header")))
            }
            Some((_, section)) => Ok(section),
        };
        Ok(Self { meta: there(meta, NAMES[0])?, projects: there(projects, NAMES[1])?, votes: there(votes, NAMES[2])? })
    }

    /// The file; what it is read back as is written to the same bytes.
    pub fn write(&self) -> String {
        let mut text = String::new();
        for (name, section) in NAMES.iter().zip([&self.meta, &self.projects, &self.votes]) {
            let _ = writeln!(text, "{name}");
            line_of(&mut text, &section.header);
            for row in &section.rows {
                line_of(&mut text, &row.cells);
            }
        }
        text
    }
}

impl Section {
    /// Takes the header first, then rows, each padded to its length.
    fn take(&mut self, mut row: Row) {
        if self.header.is_empty() {
            self.header = row.cells;
            return;
        }
        let width = self.header.len();
        if row.cells.len() < width {
            row.cells.resize(width, String::new());
        }
        while row.cells.len() > width && row.cells.last().is_some_and(String::is_empty) {
            row.cells.pop();
        }
        self.rows.push(row);
    }
}

fn line_of(text: &mut String, cells: &[String]) {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            text.push(';');
        }
        if cell.contains([';', '"', '\n', '\r']) {
            let _ = write!(text, "\"{}\"", cell.replace('"', "\"\""));
        } else {
            text.push_str(cell);
        }
    }
    text.push('\n');
}

/// The rows of a text that are not blank.
struct Rows<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Rows<'a> {
    fn of(text: &'a str) -> Self {
        Self { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 }
    }

    /// One row from `rest`, which is not empty.
    fn row(&mut self) -> Result<Row, Refusal> {
        let mut row = Row { line: self.line, cells: Vec::new() };
        loop {
            let inside = self.rest.trim_start_matches(|c: char| c.is_whitespace() && c != '\n');
            let cell = if let Some(inside) = inside.strip_prefix('"') { self.in_quotes(inside)? } else { self.bare() };
            row.cells.push(cell);
            match self.rest.strip_prefix(';') {
                Some(rest) => self.rest = rest,
                None => break,
            }
        }
        self.rest = self.rest.strip_prefix('\n').unwrap_or(self.rest);
        self.line += 1;
        Ok(row)
    }

    /// A cell as it stands, up to the next `;` or the end of the line.
    fn bare(&mut self) -> String {
        // Both are ASCII, so what is cut at them is text.
        let end = memchr::memchr2(b';', b'\n', self.rest.as_bytes()).unwrap_or(self.rest.len());
        let (cell, rest) = self.rest.split_at(end);
        self.rest = rest;
        cell.trim().to_owned()
    }

    /// A cell in quotes; `inside` begins behind the first of them. It may go over several lines.
    fn in_quotes(&mut self, mut inside: &'a str) -> Result<String, Refusal> {
        let opened = self.line;
        let mut cell = String::new();
        loop {
            let Some((part, behind)) = inside.split_once('"') else {
                return Err(Refusal::at_line(opened, "a quote is opened and never closed"));
            };
            cell.push_str(part);
            self.line += part.matches('\n').count();
            let Some(next) = behind.strip_prefix('"') else {
                inside = behind;
                break;
            };
            cell.push('"');
            inside = next;
        }
        let end = inside.find([';', '\n']).unwrap_or(inside.len());
        let (gap, rest) = inside.split_at(end);
        if !gap.trim().is_empty() {
            return Err(Refusal::at_line(self.line, "text behind a closing quote"));
        }
        self.rest = rest;
        Ok(cell.trim().to_owned())
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            match self.row() {
                Ok(row) if row.cells.iter().all(String::is_empty) => {}
                row => return Some(row),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(usize, Vec<String>)> {
        Rows::of(text).map(|row| row.map(|row| (row.line, row.cells)).unwrap()).collect()
    }

    fn row(line: usize, cells: &[&str]) -> (usize, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn rows_are_split_trimmed_and_counted() {
        let text = "\u{feff} a ; b\r\n\r\n;;\n\"c;\"\"d\"\"\r\ne\" ;\" f \"\n g;h\"i";
        assert_eq!(cells(text), [row(1, &["a", "b"]), row(4, &["c;\"d\"\r\ne", "f"]), row(6, &["g", "h\"i"])]);
        assert_eq!(cells("x;"), [row(1, &["x", ""])]);
        assert!(cells("").is_empty() && cells("\n \n\t").is_empty());
    }

    #[test]
    fn a_broken_quote_names_its_line() {
        let refused = |text: &str| Rows::of(text).find_map(Result::err).unwrap().to_string();
        assert_eq!(refused("a\n\"b;c\nd"), "line 2: a quote is opened and never closed");
        assert_eq!(refused("a\n\"b\nc\"d;e"), "line 3: text behind a closing quote");
    }

    #[test]
    fn what_was_written_once_is_written_again_to_the_byte() {
        let text = "VOTES\nvoter_id;vote\n1;\"p1,p2\"\n2\nmeta\r\n Key ; value\nbudget;7;more;;\nProjects\nproject_id;name\np1;\"a \"\"b\"\";\nc\"\np2;None\n";
        let file = Pabulib::read(text).unwrap();
        let written = file.write();
        assert_eq!(
            written,
            "META\nKey;value\nbudget;7;more\nPROJECTS\nproject_id;name\np1;\"a \"\"b\"\";\nc\"\np2;None\nVOTES\nvoter_id;vote\n1;p1,p2\n2;\n"
        );
        assert_eq!(Pabulib::read(&written).unwrap().write(), written);
        assert_eq!(file.projects.rows[1].cell(1), "");
    }

    #[test]
    fn sections_are_there_once_with_a_header() {
        let refused = |text: &str| Pabulib::read(text).unwrap_err().to_string();
        assert_eq!(refused("a;b"), "line 1: `a` before the first section META, PROJECTS or VOTES");
        assert_eq!(refused("META\nkey;value\n"), "PROJECTS: the section is missing");
        assert_eq!(refused("META\nPROJECTS\nproject_id\nVOTES\nvote\n"), "line 1: section META has no header");
        assert_eq!(refused("META\nk\n\nmeta\n"), "line 4: a second section META");
    }
}
