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
pub(super) struct Support {
    lists: Vec<Vec<Supporter>>,
    /// Where the steps of each ballot begin, and where those of the last end: a ballot takes no more steps than it names projects.
    begins: Vec<usize>,
}

impl Support {
    pub fn of(contest: &Contest) -> Self {
        let mut lists = vec![Vec::new(); contest.projects.len()];
        let mut begins = Vec::with_capacity(contest.ballots.len() + 1);
        let mut named = 0;
        for (place, ballot) in (0_u32..).zip(&contest.ballots) {
            begins.push(named);
            named += ballot.scores.len();
            for (project, score) in &ballot.scores {
                lists[index(*project)].push(Supporter { ballot: place, voters: ballot.voters, score: *score });
            }
        }
        begins.push(named);
        Self { lists, begins }
    }

    pub fn of_project(&self, project: usize) -> &[Supporter] {
        &self.lists[project]
    }
}

/// What one of some equal voters holds: about so much, and so much more with each further round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Purse {
    /// Exactly 0.0 once emptied, and never otherwise.
    pub money: f64,
    pub change: f64,
}

/// The purses of all ballots.
///
/// The history of a ballot is its steps, one for each purchase that it paid the price of. The steps of one ballot stand side by side:
/// pricing reads those of many voters again and again, and would otherwise wait for the memory most of its time.
#[derive(Debug)]
pub(super) struct Purses<'a> {
    held: Vec<Purse>,
    /// Steps of each ballot so far.
    taken: Vec<u32>,
    begins: &'a [usize],
    /// Which purchase each step paid for, and with which score.
    purchases: Vec<u32>,
    scores: Vec<i64>,
}

impl<'a> Purses<'a> {
    pub fn filled(support: &'a Support, purse: Purse) -> Self {
        let ballots = support.begins.len() - 1;
        let steps = support.begins[ballots];
        Self {
            held: vec![purse; ballots],
            taken: vec![0; ballots],
            begins: &support.begins,
            // Both are all zeros, which costs nothing before they are written.
            purchases: vec![0; steps],
            scores: vec![0; steps],
        }
    }

    pub fn held(&self, supporter: &Supporter) -> Purse {
        self.held[index(supporter.ballot)]
    }

    pub fn is_empty(&self, supporter: &Supporter) -> bool {
        self.held(supporter).money == 0.0
    }

    /// How far the history of a supporter goes, to be read by [`Purses::add`].
    pub fn history(&self, supporter: &Supporter) -> u32 {
        self.taken[index(supporter.ballot)]
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
        let step = self.begins[ballot] + index(self.taken[ballot]);
        self.purchases[step] = purchase;
        self.scores[step] = supporter.score;
        self.taken[ballot] += 1;
    }

    /// Adds what the voters of a supporter held after so many steps to a line.
    pub fn add(&self, line: &mut Line, supporter: &Supporter, history: u32) {
        let voters = i128::from(supporter.voters);
        self.add_of(line, supporter, history, voters);
    }

    fn add_of(&self, line: &mut Line, supporter: &Supporter, history: u32, voters: i128) {
        line.voters += voters;
        let begin = self.begins[index(supporter.ballot)];
        let steps = begin..begin + index(history);
        // Purchases are made one after the other, so the last step has the largest.
        let Some(last) = self.purchases[steps.clone()].last().map(|last| index(*last)) else { return };
        if line.weights.len() <= last {
            line.weights.resize(last + 1, 0);
        }
        for (purchase, score) in self.purchases[steps.clone()].iter().zip(&self.scores[steps]) {
            line.weights[index(*purchase)] += i128::from(*score) * voters;
        }
    }

    /// What one voter of a supporter held after so many steps.
    pub fn line(&self, supporter: &Supporter, history: u32) -> Line {
        let mut line = Line::default();
        self.add_of(&mut line, supporter, history, 1);
        line
    }

    /// What the supporters hold together.
    pub fn line_of(&self, supporters: &[Supporter]) -> Line {
        let mut line = Line::default();
        for supporter in supporters.iter().filter(|supporter| !self.is_empty(supporter)) {
            self.add(&mut line, supporter, self.history(supporter));
        }
        line
    }
}

/// A place in a list.
pub(super) fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}
