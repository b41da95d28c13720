//! One run of equal shares, and for how many further rounds it would go the same way.
//!
//! Every step asks for the affordable project of least ρ. A project's ρ never falls within a run, for money is only spent; so an
//! earlier ρ is a bound, and most projects need no look. Floats find the price and bound it from below; the price of whoever
//! may be least is then reckoned exactly (`pricing`), and only exact numbers are compared where floats are close.
//!
//! Beside each number stands how it changes with another round. While nobody who pays their last stops doing so, no project
//! becomes affordable and no other overtakes, the run buys the same projects in the same order: [`Run::steady`] rounds long.
#![allow(
    clippy::float_arithmetic,
    reason = "floats sort out the clear cases; what they cannot certify is compared exactly"
)]

use super::contest::Contest;
use super::floats::{PER_PURCHASE, ROUNDING, float, ratio};
use super::ledger::Ledger;
use super::pricing::{Part, Priced, Question, price};
use super::purses::{Purse, Purses, Support, Supporter};
use num_bigint::{BigInt, BigUint, Sign};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A run of the same kind is looked for no further than this: more than the dearest project has units.
const FARTHEST: f64 = 1e33;

/// How much shorter a stretch of rounds is made than floats say.
const CAUTION: f64 = 1e-6;

/// What is known of a project's price per point: it is at least `low` + `change`·rounds.
#[derive(Debug, Clone, Copy)]
struct Bound {
    low: f64,
    change: f64,
    /// After how many purchases it was looked at last.
    looked: Option<usize>,
}

/// A project that was bought.
#[derive(Debug)]
pub(super) struct Purchase {
    pub project: usize,
    /// Its ρ is not above this, in units of its own.
    highest: f64,
    /// Who paid: place among the supporters, history before, and whether it was their last.
    pub paid: Vec<(u32, u32, bool)>,
}

/// A run with the share of one round.
#[derive(Debug)]
pub(super) struct Run<'a> {
    contest: &'a Contest,
    support: &'a Support,
    pub ledger: Ledger,
    pub purses: Purses<'a>,
    pub bought: Vec<Purchase>,
    share: f64,
    bounds: Vec<Bound>,
    /// Projects that may still be bought.
    open: Vec<usize>,
    is_open: Vec<bool>,
    /// Whether no further round follows, so that nobody asks how long the run stays the same.
    alone: bool,
    steady: f64,
}

impl<'a> Run<'a> {
    /// Buys what can be bought with the share of this round. There is a voter.
    pub fn of(contest: &'a Contest, support: &'a Support, round: u128) -> Self {
        let mut run = Self::opened(contest, support, round);
        while run.buys_one() {}
        run
    }

    /// The run of the first round, when no other follows: how long it would stay the same is not reckoned.
    pub fn alone(contest: &'a Contest, support: &'a Support) -> Self {
        let mut run = Self { alone: true, ..Self::opened(contest, support, 0) };
        while run.buys_one() {}
        run
    }

    /// The run of a later round, if every round up to it certainly buys the same projects in the same order as an earlier one.
    ///
    /// With a larger share, as long as the same was bought, nobody holds less and no ρ is larger. So it is enough that in each
    /// step the ρ of the winner, as it was in the earlier round, is below every other ρ as it is in the later one.
    pub fn following(earlier: &Self, round: u128) -> Option<Self> {
        let mut run = Self::opened(earlier.contest, earlier.support, round);
        for purchase in &earlier.bought {
            let winner = purchase.project;
            for project in run.open.clone() {
                if project != winner && run.rivals(project, purchase) {
                    return None;
                }
            }
            if !run.look(winner) {
                return None;
            }
            let priced = price(&run.ledger, &run.purses, run.supporters(winner), &run.question(winner));
            run.close(winner);
            run.race(&priced, &[]);
            run.pay(priced);
        }
        let affordable = run.open.clone().into_iter().any(|project| run.look(project));
        (!affordable).then_some(run)
    }

    /// Whether a project might be bought in the place of the one that was.
    fn rivals(&mut self, project: usize, purchase: &Purchase) -> bool {
        let behind = |run: &Self| run.bounds[project].low / run.cost_of(project) > purchase.highest;
        !behind(self) && self.look(project) && !behind(self) && !self.trails(project, purchase.project)
    }

    /// Whether a project has the same price as another whatever happens, and comes behind it.
    fn trails(&self, project: usize, other: usize) -> bool {
        self.contest.projects[project].cost == self.contest.projects[other].cost
            && self.supporters(project) == self.supporters(other)
            && self.contest.tie_order(other, project).is_lt()
    }

    /// Before the first purchase.
    fn opened(contest: &'a Contest, support: &'a Support, round: u128) -> Self {
        // One unit of the currency a round; it was read with so many decimals, so it is there.
        let unit = 10_i128.saturating_pow(contest.money_decimals);
        let ledger = Ledger::opened(contest.budget, contest.voters, round, unit);
        let share = ratio(ledger.share(), ledger.denominator());
        let open = (0..contest.projects.len()).filter(|project| !support.of_project(*project).is_empty());
        let open: Vec<usize> = open.collect();
        let mut is_open = vec![false; contest.projects.len()];
        for project in &open {
            is_open[*project] = true;
        }
        Self {
            contest,
            support,
            ledger,
            purses: Purses::filled(support, Purse { money: share, change: float(unit) }),
            bought: Vec::new(),
            share,
            bounds: vec![Bound { low: 0.0, change: 0.0, looked: None }; contest.projects.len()],
            open,
            is_open,
            alone: false,
            // Of a share of nothing no straight line is known.
            steady: if share > 0.0 { FARTHEST } else { 0.0 },
        }
    }

    /// How many further rounds certainly buy the same projects in the same order.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and FARTHEST")]
    pub fn steady(&self) -> u128 {
        (self.steady * (1.0 - CAUTION) - CAUTION).max(0.0) as u128
    }

    /// The cost of what was bought.
    pub fn cost(&self) -> i128 {
        self.bought.iter().map(|purchase| self.contest.projects[purchase.project].cost).sum()
    }

    fn cost_of(&self, project: usize) -> f64 {
        float(self.contest.projects[project].cost)
    }

    fn supporters(&self, project: usize) -> &'a [Supporter] {
        self.support.of_project(project)
    }

    fn buys_one(&mut self) -> bool {
        if self.share == 0.0 {
            return false;
        }
        let mut priced = self.candidates();
        let Some(place) = self.least(&priced) else { return false };
        let winner = priced.swap_remove(place);
        self.close(winner.project);
        if !self.alone {
            self.race(&winner, &priced);
        }
        self.pay(winner);
        true
    }

    fn close(&mut self, project: usize) {
        self.open.retain(|other| *other != project);
        self.is_open[project] = false;
    }

    /// The exact prices of all projects that may have the least ρ.
    fn candidates(&mut self) -> Vec<Priced> {
        // Bounds are never negative, and the bits of such floats are in the order of their sizes.
        let bits = |run: &Self, project: usize| (run.bounds[project].low / run.cost_of(project)).to_bits();
        let mut waiting: BinaryHeap<Reverse<(u64, usize)>> =
            self.open.iter().map(|project| Reverse((bits(self, *project), *project))).collect();
        let mut priced: Vec<Priced> = Vec::new();
        let mut least = f64::INFINITY;
        // Whoever has the least bound is looked at; who still has it then is priced, and so are all not above that price.
        while let Some(Reverse((bound, project))) = waiting.pop() {
            if bound > least.to_bits() {
                break;
            }
            if self.bounds[project].looked != Some(self.bought.len()) {
                if self.look(project) {
                    waiting.push(Reverse((bits(self, project), project)));
                }
                continue;
            }
            let found = price(&self.ledger, &self.purses, self.supporters(project), &self.question(project));
            least = least.min(highest(&found, self.cost_of(project)));
            priced.push(found);
        }
        priced
    }

    fn question(&self, project: usize) -> Question {
        Question {
            project,
            cost: self.contest.projects[project].cost,
            guess: self.bounds[project].low,
            slack: self.slack(),
        }
    }

    /// What the float of somebody's money may be wrong by.
    fn slack(&self) -> f64 {
        self.share * PER_PURCHASE * float(2 + i128::try_from(self.bought.len()).unwrap_or(i128::MAX))
    }

    /// The place of the least ρ, exactly, ties in tie order.
    fn least(&self, priced: &[Priced]) -> Option<usize> {
        let compare = |one: &Priced, other: &Priced| {
            let (left, right) = self.crossed(one, other);
            (&one.ask.over.at * left)
                .cmp(&(&other.ask.over.at * right))
                .then(self.contest.tie_order(one.project, other.project))
        };
        (0..priced.len()).min_by(|one, other| compare(&priced[*one], &priced[*other]))
    }

    /// ρ = over ÷ (denominator · points · cost): what two of them are multiplied by to be compared.
    fn crossed(&self, one: &Priced, other: &Priced) -> (BigInt, BigInt) {
        let under = |priced: &Priced| BigInt::from(priced.ask.points) * self.contest.projects[priced.project].cost;
        (under(other), under(one))
    }

    /// Looks at a project's money and price; `false` and out of the run if it is not affordable.
    fn look(&mut self, project: usize) -> bool {
        let supporters = self.supporters(project);
        let cost = self.cost_of(project);
        let all = Heap::of(&self.purses, supporters, f64::INFINITY);
        let error = self.error(&all);
        if all.money - error <= cost && !self.affordable(project, &all, error) {
            self.close(project);
            return false;
        }
        let before = self.bounds[project];
        let (mut guess, mut bound) = (before.low.max(cost / all.points), before);
        // Each guess is below the price or at it; it takes a few. If it took more, the last would still be a bound.
        for _ in 0..100 {
            let poor = Heap::of(&self.purses, supporters, guess);
            let points = all.points - poor.points;
            // Whoever is left asks for a point at least; less is what sums of floats leave over.
            if points < 0.5 {
                break;
            }
            let next = (cost - poor.money) / points;
            let margin = 4.0 * error / points + next.abs() * (error / (all.voters * self.share) + 16.0 * ROUNDING);
            let found = Bound { low: next - margin, change: -poor.change / points, looked: None };
            if found.low >= bound.low {
                bound = found;
            }
            if next <= guess * (1.0 + 4.0 * ROUNDING) {
                break;
            }
            guess = next;
        }
        bound.looked = Some(self.bought.len());
        self.bounds[project] = bound;
        true
    }

    /// What the sums over these voters may be wrong by.
    fn error(&self, all: &Heap) -> f64 {
        all.voters * (self.slack() + self.share * (all.lists + 8.0) * ROUNDING)
    }

    /// Whether the supporters hold the cost together, exactly where floats cannot tell.
    fn affordable(&mut self, project: usize, all: &Heap, error: f64) -> bool {
        let missing = self.cost_of(project) - all.money - error;
        if missing > 0.0 {
            self.ends_within(missing, all.change);
            return false;
        }
        let line = self.purses.line_of(self.supporters(project));
        let missing = self.ledger.missing(self.contest.projects[project].cost, &line);
        if missing.at.sign() != Sign::Plus {
            return true;
        }
        if missing.change.sign() == Sign::Minus {
            self.ends_within(ratio(&missing.at, missing.change.magnitude()), 1.0);
        }
        false
    }

    /// The run goes another way once what is `apart` has been closed, so much a round.
    fn ends_within(&mut self, apart: f64, closed: f64) {
        if closed > 0.0 {
            self.steady = self.steady.min(apart.max(0.0) / (closed * (1.0 + CAUTION)));
        }
    }

    /// For how many rounds nobody overtakes the winner.
    fn race(&mut self, winner: &Priced, priced: &[Priced]) {
        for other in priced {
            let (left, right) = self.crossed(winner, other);
            let ahead = &other.ask.over.at * &right - &winner.ask.over.at * &left;
            let change = &other.ask.over.change * right - &winner.ask.over.change * left;
            match (ahead.sign(), change.sign()) {
                (_, Sign::NoSign | Sign::Plus) => {}
                (Sign::Plus, Sign::Minus) => self.ends_within(ratio(&ahead, change.magnitude()), 1.0),
                (_, Sign::Minus) => self.steady = 0.0,
            }
        }
        let cost = self.cost_of(winner.project);
        let (highest, falls) = (highest(winner, cost), -winner.price.change / cost);
        for project in self.open.clone() {
            if priced.iter().any(|other| other.project == project) {
                continue;
            }
            let rounds = self.rounds_behind(project, highest, falls);
            // A bound from an earlier step may be too low: before it ends the stretch, look again.
            let seen = self.bounds[project].looked == Some(self.bought.len());
            if rounds < self.steady && !seen && self.look(project) {
                let rounds = self.rounds_behind(project, highest, falls);
                self.steady = self.steady.min(rounds);
            } else if self.is_open[project] {
                self.steady = self.steady.min(rounds);
            }
        }
    }

    /// For how many rounds a project's ρ is certainly above the winner's, which falls by so much a round at least.
    fn rounds_behind(&self, project: usize, highest: f64, falls: f64) -> f64 {
        let (bound, cost) = (self.bounds[project], self.cost_of(project));
        let closed = -bound.change / cost * (1.0 + CAUTION) - falls * (1.0 - CAUTION);
        if closed > 0.0 { (bound.low / cost - highest).max(0.0) / closed } else { FARTHEST }
    }

    fn pay(&mut self, winner: Priced) {
        let purchase = u32::try_from(self.bought.len()).unwrap_or(u32::MAX);
        let slack = self.slack();
        let supporters = self.supporters(winner.project);
        let mut paid = Vec::with_capacity(supporters.len());
        for ((place, supporter), part) in (0_u32..).zip(supporters).zip(&winner.parts) {
            let purse = self.purses.held(supporter);
            let history = self.purses.history(supporter);
            match part {
                Part::Nothing => continue,
                Part::Last => {
                    let score = float(i128::from(supporter.score));
                    let asked = score * winner.price.money;
                    self.ends_within(
                        asked - purse.money - slack - asked * 4.0 * ROUNDING,
                        purse.change - score * winner.price.change,
                    );
                    self.purses.emptied(supporter);
                }
                Part::Price => self.purses.paid(supporter, purchase, winner.price),
            }
            paid.push((place, history, *part == Part::Last));
        }
        self.ledger.bought(&winner.ask);
        let highest = highest(&winner, self.cost_of(winner.project));
        self.bought.push(Purchase { project: winner.project, highest, paid });
    }
}

/// What ρ is at most.
fn highest(priced: &Priced, cost: f64) -> f64 {
    priced.price.money / cost * (1.0 + 64.0 * ROUNDING)
}

/// What those supporters hold whose money a price per point takes whole.
struct Heap {
    voters: f64,
    points: f64,
    money: f64,
    change: f64,
    /// How many were added up.
    lists: f64,
}

impl Heap {
    fn of(purses: &Purses, supporters: &[Supporter], price: f64) -> Self {
        let mut heap = Self { voters: 0.0, points: 0.0, money: 0.0, change: 0.0, lists: 0.0 };
        for supporter in supporters {
            let purse = purses.held(supporter);
            let score = float(i128::from(supporter.score));
            if purse.money != 0.0 && purse.money < score * price {
                let voters = f64::from(supporter.voters);
                heap.voters += voters;
                heap.points += voters * score;
                heap.money += voters * purse.money;
                heap.change += voters * purse.change;
                heap.lists += 1.0;
            }
        }
        heap
    }
}

/// ρ of a purchase as `over` and `under`, in the file's own units.
pub(super) fn rho(run: &Run, purchase: usize) -> (BigInt, BigUint) {
    let cost = run.contest.projects[run.bought[purchase].project].cost;
    let points = BigInt::from(10_u8).pow(run.contest.score_decimals);
    let under = run.ledger.denominator_after(purchase + 1) * BigUint::from(cost.unsigned_abs());
    (run.ledger.price(purchase) * points, under)
}
