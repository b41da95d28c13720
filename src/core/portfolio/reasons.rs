//! Why a project is in or out: what the portfolio would be worth otherwise, from which score on, and what stands in the
//! way of just adding it.

use super::conflict::feasible;
use super::input::{Decision, FULL_SCORE, File, Objective};
use super::prices::Active;
use super::programme::Programme;
use super::rounds::{Found, Wish};
use super::search::search;

/// States that one question may look at, and all questions of a file together.
const EFFORT: u64 = 400_000;
const EFFORT_OF_ALL: u64 = 6_000_000;
/// Every question may look at so many, whatever the others took.
const EFFORT_AT_LEAST: u64 = 20_000;

/// The four answers about one project.
#[derive(Debug)]
pub(super) struct Reasons {
    pub(super) if_funded: Option<i128>,
    pub(super) if_not: Option<i128>,
    pub(super) threshold: Option<i64>,
    pub(super) blocked_by: Vec<&'static str>,
    pub(super) extra_money: Option<i128>,
    /// Whether all of it is proven.
    pub(super) proven: bool,
}

/// A portfolio of which everything is asked.
pub(super) struct Asked<'a> {
    pub(super) file: &'a File,
    pub(super) programme: &'a Programme,
    /// In units.
    pub(super) amounts: &'a [i64],
    /// V in units.
    pub(super) value: i128,
    pub(super) active: Active,
    proven: bool,
    effort: u64,
}

impl<'a> Asked<'a> {
    pub(super) const fn new(
        file: &'a File,
        programme: &'a Programme,
        amounts: &'a [i64],
        value: i128,
        active: Active,
    ) -> Self {
        Self { file, programme, amounts, value, active, proven: true, effort: EFFORT_OF_ALL }
    }

    pub(super) fn reasons(&mut self, place: usize) -> Reasons {
        self.proven = true;
        let funded = self.amounts[place] > 0;
        let decision = self.programme.items[place].decision;
        let score = self.programme.items[place].score;
        let if_funded = if funded { Some(self.value) } else { self.best(place, true, score).map(|(value, _)| value) };
        let if_not = if funded { self.best(place, false, score).map(|(value, _)| value) } else { Some(self.value) };
        // What was decided is set aside: a funded project is no worse funded, a project left out no worse left out.
        debug_assert!(decision.is_none_or(|decided| decided == funded));
        let threshold = self.threshold(place, if_funded, if_not);
        let (blocked_by, extra_money) = self.blocked(place);
        let merit = |value: Option<i128>| value.map(|value| self.programme.merit(value));
        Reasons {
            if_funded: merit(if_funded),
            if_not: merit(if_not),
            threshold,
            blocked_by,
            extra_money,
            proven: self.proven,
        }
    }

    /// The largest V with the project in or out, at this score of its own, and its amount.
    fn best(&mut self, place: usize, funded: bool, score: i64) -> Option<(i128, i64)> {
        let mut programme = self.programme.clone();
        programme.items[place].decision = Some(funded);
        programme.items[place].score = score;
        // That nothing is possible is said much faster by asking for as little money as possible.
        if feasible(&programme, EFFORT_AT_LEAST) == Some(false) {
            return None;
        }
        let effort = self.effort.clamp(EFFORT_AT_LEAST, EFFORT);
        let mut wish = Wish { effort, ..Wish::BEST };
        let found = search(&programme, &programme.value_keys(), &mut wish, &mut self.active);
        self.effort = self.effort.saturating_sub(effort - wish.effort);
        match found {
            Found::Best(best) => {
                self.proven &= best.proven;
                Some((best.key, best.amounts[place]))
            }
            Found::None => None,
            Found::Unknown => {
                self.proven = false;
                None
            }
        }
    }

    fn threshold(&mut self, place: usize, if_funded: Option<i128>, if_not: Option<i128>) -> Option<i64> {
        let if_funded = if_funded?;
        let Some(if_not) = if_not else { return Some(0) };
        let item = &self.programme.items[place];
        let each = match self.programme.objective {
            Objective::MeritCount => 1,
            Objective::MeritMoney if item.steps == 0 => i128::from(item.ask),
            Objective::MeritMoney => return self.partial_threshold(place, if_funded, if_not),
        };
        // V grows by the same with every hundredth of the own score.
        let needed = i128::from(item.score) + ceiling(if_not - if_funded, each);
        i64::try_from(needed.max(0)).ok().filter(|needed| *needed <= FULL_SCORE)
    }

    /// With an amount that may change, V is convex in the own score: from a score that is enough, the amount found there
    /// leads down to a lower one that is enough, until one hundredth less is not.
    fn partial_threshold(&mut self, place: usize, if_funded: i128, if_not: i128) -> Option<i64> {
        let score = self.programme.items[place].score;
        let (mut enough, mut value, mut amount) = (score, if_funded, self.amounts[place]);
        if if_funded < if_not {
            enough = FULL_SCORE;
            (value, amount) = self.best(place, true, FULL_SCORE)?;
            if value < if_not {
                return None;
            }
        } else if amount == 0 {
            (value, amount) = self.best(place, true, score)?;
        }
        loop {
            let lower = i128::from(enough) - (value - if_not).div_euclid(i128::from(amount.max(1)));
            enough = i64::try_from(lower.max(0)).unwrap_or(0);
            if enough == 0 {
                return Some(0);
            }
            (value, amount) = self.best(place, true, enough - 1)?;
            if value < if_not {
                return Some(enough);
            }
            enough -= 1;
        }
    }

    /// What keeps the project from being added at its minimum to what is chosen.
    fn blocked(&self, place: usize) -> (Vec<&'static str>, Option<i128>) {
        let project = &self.file.projects[place];
        let mut blocked = Vec::new();
        if self.amounts[place] > 0 {
            return (blocked, Some(0));
        }
        let unit = i128::from(self.programme.unit);
        let chosen = |other: &usize| self.amounts[*other] > 0;
        let spent: i128 = self.amounts.iter().map(|amount| i128::from(*amount) * unit).sum();
        let mut short = (spent + i128::from(project.min) - i128::from(self.file.budget)).max(0);
        let mut else_than_money = project.decision == Some(Decision::Reject);
        if else_than_money {
            blocked.push("decision");
        }
        if short > 0 {
            blocked.push("budget");
        }
        if let Some(category) = project.category {
            let inside = |other: &usize| self.file.projects[*other].category == Some(category);
            let bounds = &self.file.categories[category];
            let all = (0..self.file.projects.len()).filter(|other| chosen(other) && inside(other));
            let there: i128 = all.clone().map(|other| i128::from(self.amounts[other]) * unit).sum();
            let lacks = bounds.max_amount.map_or(0, |most| there + i128::from(project.min) - i128::from(most));
            if lacks > 0 {
                blocked.push("category-max-amount");
                short = short.max(lacks);
            }
            let count = i64::try_from(all.count()).unwrap_or(i64::MAX);
            if bounds.max_count.is_some_and(|most| count >= most) {
                blocked.push("category-max-count");
                else_than_money = true;
            }
        }
        let full = self.file.exclusive.iter().any(|group| {
            let funded = group.projects.iter().filter(|other| chosen(other)).count();
            group.projects.contains(&place) && i64::try_from(funded).is_ok_and(|funded| funded >= group.at_most)
        });
        if full {
            blocked.push("exclusive");
            else_than_money = true;
        }
        if blocked.is_empty() {
            blocked.push("no-value");
        }
        (blocked, (!else_than_money).then_some(short))
    }
}

/// The quotient rounded up, for a positive divisor.
fn ceiling(dividend: i128, divisor: i128) -> i128 {
    -(-dividend).div_euclid(divisor)
}
