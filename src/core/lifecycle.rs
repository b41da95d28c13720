//! Lifecycles as data: who may move what from where to where.
//!
//! Each room writes one const table of [`Move`]s in its `rules.rs`; buttons, refusals, tests and `docs/lifecycle.md` all
//! come from that table. To add a move, add a row; no template and no handler tests a stage by itself.

use std::fmt::Display;

/// The part somebody plays when acting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The clock, a job, a webhook.
    System,
    /// Anyone, signed in or not.
    Anyone,
    /// Anyone signed in.
    Person,
    /// Signs for the organisation concerned.
    Signatory,
    /// Writes for the organisation concerned.
    Editor,
    /// Programme officer.
    Officer,
    /// Finance officer, the maker.
    Finance,
    /// Approver, the checker.
    Approver,
    /// Administrator.
    Administrator,
    /// Supervisor of the fund or the foundation.
    Supervisor,
    /// Chair of the call's panel.
    Chair,
    /// The reviewer the application was assigned to.
    Reviewer,
    /// The evaluator the award was assigned to.
    Evaluator,
    /// Member of a fund's committee.
    Committee,
}

impl Part {
    /// Every part.
    pub const ALL: &'static [Self] = &[
        Self::System,
        Self::Anyone,
        Self::Person,
        Self::Signatory,
        Self::Editor,
        Self::Officer,
        Self::Finance,
        Self::Approver,
        Self::Administrator,
        Self::Supervisor,
        Self::Chair,
        Self::Reviewer,
        Self::Evaluator,
        Self::Committee,
    ];

    /// The word in events, docs and locale keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Anyone => "anyone",
            Self::Person => "person",
            Self::Signatory => "signatory",
            Self::Editor => "editor",
            Self::Officer => "officer",
            Self::Finance => "finance",
            Self::Approver => "approver",
            Self::Administrator => "administrator",
            Self::Supervisor => "supervisor",
            Self::Chair => "chair",
            Self::Reviewer => "reviewer",
            Self::Evaluator => "evaluator",
            Self::Committee => "committee",
        }
    }
}

/// Who makes a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// One person in one of these parts.
    One(&'static [Part]),
    /// One proposes, a different person confirms.
    Two(Part, Part),
}

impl By {
    /// Whether this part takes part in the move.
    pub fn includes(self, part: Part) -> bool {
        match self {
            Self::One(parts) => parts.contains(&part),
            Self::Two(first, second) => first == part || second == part,
        }
    }
}

/// One row of a lifecycle.
#[derive(Debug, Clone, Copy)]
pub struct Move<S: 'static> {
    /// Stage before.
    pub from: S,
    /// The act, a verb in kebab-case; also the last part of its locale key.
    pub act: &'static str,
    /// Stage after.
    pub to: S,
    /// Who.
    pub by: By,
    /// What must hold besides, in words for the generated page; `""` when nothing.
    pub guard: &'static str,
}

/// A move by one person in any of these parts.
pub const fn mv<S>(from: S, act: &'static str, to: S, by: &'static [Part]) -> Move<S> {
    Move { from, act, to, by: By::One(by), guard: "" }
}

/// A move that one person proposes and a different one confirms.
pub const fn mv2<S>(from: S, act: &'static str, to: S, first: Part, second: Part) -> Move<S> {
    Move { from, act, to, by: By::Two(first, second), guard: "" }
}

impl<S: Copy> Move<S> {
    /// The same move, with what must hold besides.
    pub const fn when(self, guard: &'static str) -> Self {
        Self { guard, ..self }
    }
}

/// A whole lifecycle.
#[derive(Debug, Clone, Copy)]
pub struct Lifecycle<S: 'static> {
    /// Name in events and locale keys, e.g. `fund`.
    pub name: &'static str,
    /// Stages in which a life can begin.
    pub starts: &'static [S],
    /// The table.
    pub moves: &'static [Move<S>],
}

/// Why a move is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmoved {
    /// The act does not start from this stage.
    NotFromHere,
    /// It does, but this part may not make it.
    NotYours,
}

impl<S: Copy + PartialEq + Display + 'static> Lifecycle<S> {
    /// The stage after `act`, or why not.
    ///
    /// # Errors
    /// [`Unmoved::NotFromHere`] when no row has this stage and act; [`Unmoved::NotYours`] when none of them is for `part`.
    pub fn step(&self, from: S, act: &str, part: Part) -> Result<S, Unmoved> {
        let mut known = false;
        for row in self.moves.iter().filter(|row| row.from == from && row.act == act) {
            if row.by.includes(part) {
                return Ok(row.to);
            }
            known = true;
        }
        Err(if known { Unmoved::NotYours } else { Unmoved::NotFromHere })
    }

    /// The acts that somebody in these parts is offered at this stage, in table order and once each.
    pub fn offers(&self, from: S, parts: &[Part]) -> Vec<&'static str> {
        let mut acts = Vec::new();
        for row in self.moves.iter().filter(|row| row.from == from) {
            if parts.iter().any(|part| row.by.includes(*part)) && !acts.contains(&row.act) {
                acts.push(row.act);
            }
        }
        acts
    }

    /// This lifecycle as a section of `docs/lifecycle.md`.
    pub fn document(&self) -> String {
        let starts: Vec<String> = self.starts.iter().map(|s| format!("`{s}`")).collect();
        let mut text = format!(
            "## {}\n\nBegins as {}.\n\n| from | act | to | by | guard |\n|---|---|---|---|---|\n",
            self.name,
            starts.join(" or ")
        );
        for row in self.moves {
            let by = match row.by {
                By::One(parts) => parts.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(", "),
                By::Two(first, second) if first == second => {
                    format!("{} + another {}", first.as_str(), second.as_str())
                }
                By::Two(first, second) => {
                    format!("{} + different {}", first.as_str(), second.as_str())
                }
            };
            text.push_str(&format!("| `{}` | {} | `{}` | {} | {} |\n", row.from, row.act, row.to, by, row.guard));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOOR: Lifecycle<&str> = Lifecycle {
        name: "door",
        starts: &["shut"],
        moves: &[
            mv("shut", "open", "ajar", &[Part::Officer, Part::System]),
            mv2("ajar", "lock", "locked", Part::Finance, Part::Approver),
        ],
    };

    #[test]
    fn a_step_says_where_it_leads_or_why_not() {
        assert_eq!(DOOR.step("shut", "open", Part::Officer), Ok("ajar"));
        assert_eq!(DOOR.step("shut", "open", Part::Finance), Err(Unmoved::NotYours));
        assert_eq!(DOOR.step("ajar", "open", Part::Officer), Err(Unmoved::NotFromHere));
        assert_eq!(DOOR.step("ajar", "lock", Part::Approver), Ok("locked"));
    }

    #[test]
    fn offers_are_what_the_table_allows() {
        assert_eq!(DOOR.offers("shut", &[Part::Officer]), vec!["open"]);
        assert!(DOOR.offers("locked", Part::ALL).is_empty());
    }
}
