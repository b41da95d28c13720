//! Why a file that somebody handed in is not answered: one line that names the field or the line.
//!
//! The decision tools read files that others wrote. Whatever stands in them, a refusal stays one line and short, so that it
//! can be shown, logged and quoted. To refuse something more, call [`Refusal::at`] where it is noticed.

use std::fmt;

/// How much of somebody's text a refusal quotes.
const QUOTED: usize = 60;

/// How long a place or a problem may get: somebody's key may be as long as their file.
const LONGEST: usize = 300;

/// A file that breaks a rule: where, and which rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    place: String,
    problem: String,
}

impl Refusal {
    /// A refusal at a place such as `line 7` or `reviews[3].total`.
    pub fn at(place: impl fmt::Display, problem: impl fmt::Display) -> Self {
        Self { place: one_line(&place.to_string()), problem: one_line(&problem.to_string()) }
    }

    /// A refusal at a line of the file, counted from 1.
    pub fn at_line(line: usize, problem: impl fmt::Display) -> Self {
        Self::at(format_args!("line {line}"), problem)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.problem)
    }
}

/// Somebody's text between quotes: what is longer than a line of print is cut.
pub fn quoted(text: &str) -> String {
    let short: String = text.chars().take(QUOTED).collect();
    let rest = if short.len() < text.len() { "…" } else { "" };
    format!("`{short}{rest}`")
}

/// Control characters and line separators written out: a refusal never breaks the line it stands on, and it ends.
fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let rest = if text.chars().nth(LONGEST).is_some() { vec!['…'] } else { Vec::new() };
    text.chars()
        .take(LONGEST)
        .flat_map(|c| if breaks(c) { c.escape_default().collect() } else { vec![c] })
        .chain(rest)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_short_line() {
        let refusal = Refusal::at_line(3, format!("{} is unknown", quoted(&"a\nb\u{2028}\r".repeat(40))));
        let said = refusal.to_string();
        assert!(said.starts_with("line 3: `a\\nb\\u{2028}\\ra"), "{said}");
        assert!(said.ends_with("…` is unknown") && said.lines().count() == 1, "{said}");
    }
}
