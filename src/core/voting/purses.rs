//! Who supports what, and what everybody holds during a run: exactly as a history, closely as a float.

use super::contest::Contest;
use super::floats::float;
use super::ledger::Line;

/// Some voters' equal part in the support of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Supporter {
    /// Their place among the ballots.
    pub ballot: u32,
    pub voters: u32,
    pub score: i64,
}

/// The supporters of each project.
#[derive(Debug)]
pub(super) struct Support(Vec<Vec<Supporter>>);

impl Support {
    pub fn of(contest: &Contest) -> Self {
        let mut lists = vec![Vec::new(); contest.projects.len()];
        for (place, ballot) in (0_u32..).zip(&contest.ballots) {
            for (project, score) in &ballot.scores {
                lists[index(*project)].push(Supporter { ballot: place, voters: ballot.voters, score: *score });
            }
        }
        Self(lists)
    }

    pub fn of_project(&self, project: usize) -> &[Supporter] {
        &self.0[project]
    }
}

/// Nothing was bought yet.
const START: u32 = 0;

/// A purchase in somebody's history.
#[derive(Debug)]
struct Step {
    before: u32,
    purchase: u32,
    score: i64,
}

/// What one of some equal voters holds: about so much, and so much more with each further round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Purse {
    /// Exactly 0.0 once emptied, and never otherwise.
    pub money: f64,
    pub change: f64,
}

/// The purses of all ballots.
#[derive(Debug)]
pub(super) struct Purses {
    held: Vec<Purse>,
    /// The last step of each ballot's history.
    last: Vec<u32>,
    /// A step's number is its place and one.
    steps: Vec<Step>,
}

impl Purses {
    pub fn filled(ballots: usize, purse: Purse) -> Self {
        Self { held: vec![purse; ballots], last: vec![START; ballots], steps: Vec::new() }
    }

    pub fn held(&self, supporter: &Supporter) -> Purse {
        self.held[index(supporter.ballot)]
    }

    pub fn is_empty(&self, supporter: &Supporter) -> bool {
        self.held(supporter).money == 0.0
    }

    /// The history of a supporter, to be read by [`Purses::add`].
    pub fn history(&self, supporter: &Supporter) -> u32 {
        self.last[index(supporter.ballot)]
    }

    /// They paid all they had.
    pub fn emptied(&mut self, supporter: &Supporter) {
        self.held[index(supporter.ballot)] = Purse { money: 0.0, change: 0.0 };
    }

    /// They paid the price times their score.
    #[allow(clippy::float_arithmetic, reason = "the exact amount is the history; this is its float")]
    pub fn paid(&mut self, supporter: &Supporter, purchase: u32, price: Purse) {
        let ballot = index(supporter.ballot);
        let (purse, score) = (&mut self.held[ballot], float(i128::from(supporter.score)));
        purse.money -= score * price.money;
        purse.change -= score * price.change;
        if purse.money == 0.0 {
            // They have nothing left for now, but more with another round: that is not an emptied purse.
            purse.money = f64::MIN_POSITIVE;
        }
        self.steps.push(Step { before: self.last[ballot], purchase, score: supporter.score });
        self.last[ballot] = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
    }

    /// Adds what so many voters of a history hold to a line.
    pub fn add(&self, line: &mut Line, history: u32, voters: u32) {
        line.voters += i128::from(voters);
        let mut at = history;
        while at != START {
            let step = &self.steps[index(at) - 1];
            let purchase = index(step.purchase);
            if line.weights.len() <= purchase {
                line.weights.resize(purchase + 1, 0);
            }
            line.weights[purchase] += i128::from(step.score) * i128::from(voters);
            at = step.before;
        }
    }

    /// What one voter of a history holds.
    pub fn line(&self, history: u32) -> Line {
        let mut line = Line::default();
        self.add(&mut line, history, 1);
        line
    }

    /// What the supporters hold together.
    pub fn line_of(&self, supporters: &[Supporter]) -> Line {
        let mut line = Line::default();
        for supporter in supporters.iter().filter(|supporter| !self.is_empty(supporter)) {
            self.add(&mut line, self.history(supporter), supporter.voters);
        }
        line
    }
}

/// A place in a list.
pub(super) fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}
