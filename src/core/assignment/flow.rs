//! The cheapest flow, application by application.
//!
//! Successive shortest paths: every unit an application needs is sent along the cheapest path that is left, so the
//! flow is the cheapest of its size at every moment. A path goes application → reviewer, and from there reviewer →
//! reviewer by taking one of the first one's applications over to the second. Those steps are kept in a square matrix
//! of the cheapest application for each, which only a few entries of change with a path: a search costs what the
//! reviewers cost, not what the pairs cost.
//!
//! A price is a pair (cost, lot) in one `i128`: the cost in the upper 64 bits, so that comparing is comparing pairs.

use super::input::Panel;
use super::lots;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Above every price, and far enough from the end to add to.
const NONE: i128 = i128::MAX / 4;

pub(super) const fn price(cost: i64, lot: u32) -> i128 {
    ((cost as i128) << 64) + lot as i128
}

/// The flow over the pairs that are not fixed.
pub(super) struct Flow {
    reviewers: usize,
    /// Pair by pair, what can still be sent; `NONE` where the pair is not usable or carries the flow already.
    prices: Vec<i128>,
    /// The applications each reviewer carries beyond the fixed ones, and the price of each.
    carried: Vec<Vec<(usize, i128)>>,
    /// The reviewers each application has beyond the fixed ones, and the price of each.
    given: Vec<Vec<(usize, i128)>>,
    /// What each application still needs.
    missing: Vec<i64>,
    /// How many more each reviewer may take.
    room: Vec<i64>,
    /// Pairs each reviewer has, fixed ones included.
    load: Vec<i64>,
    load_weight: i64,
    /// Cheapest way to take an application from one reviewer over to another, and which application that is.
    over: Vec<i128>,
    over_by: Vec<usize>,
    potential: Vec<i128>,
}

/// What one search found: reduced distances, how each reviewer was reached, and the last one.
struct Search {
    distance: Vec<i128>,
    before: Vec<usize>,
    last: usize,
    exit: i128,
}

impl Flow {
    pub(super) fn new(panel: &Panel) -> Self {
        let (rows, reviewers) = (panel.applications.len(), panel.reviewers.len());
        let mut prices = vec![NONE; rows * reviewers];
        for application in 0..rows {
            for reviewer in 0..reviewers {
                if panel.usable(application, reviewer) {
                    let known = panel.at(application, reviewer);
                    let cost = panel.weights.expertise * i64::from(3 - known.expertise)
                        + panel.weights.bid * i64::from(2 - known.bid);
                    let lot = lots::lot(&panel.seed, &panel.applications[application].0, &panel.reviewers[reviewer].0);
                    prices[application * reviewers + reviewer] = price(cost, lot);
                }
            }
        }
        let load: Vec<i64> = (0..reviewers).map(|reviewer| panel.fixed_to(reviewer)).collect();
        Self {
            reviewers,
            prices,
            carried: vec![Vec::new(); reviewers],
            given: vec![Vec::new(); rows],
            missing: (0..rows).map(|row| panel.applications[row].1 - panel.fixed_of(row)).collect(),
            room: (0..reviewers).map(|reviewer| panel.reviewers[reviewer].1 - load[reviewer]).collect(),
            load,
            load_weight: panel.weights.load,
            over: vec![NONE; reviewers * reviewers],
            over_by: vec![usize::MAX; reviewers * reviewers],
            potential: vec![0; reviewers],
        }
    }

    /// Sends all that can be sent, at least cost.
    pub(super) fn fill(&mut self) {
        for application in 0..self.missing.len() {
            while self.missing[application] > 0 {
                // Once no path is left for an application, none comes back.
                let Some(search) = self.search(application) else { break };
                self.augment(application, &search);
            }
        }
    }

    pub(super) fn carries(&self, application: usize, reviewer: usize) -> bool {
        self.given[application].iter().any(|(given, _)| *given == reviewer)
    }

    pub(super) fn missing(&self) -> i128 {
        self.missing.iter().map(|missing| i128::from(*missing)).sum()
    }

    /// What the next pair of a reviewer adds for its load; `None` when there is no room.
    fn next_load(&self, reviewer: usize) -> Option<i128> {
        (self.room[reviewer] > 0).then(|| price(self.load_weight * (2 * self.load[reviewer] + 1), 0))
    }

    /// Dijkstra over the reviewers. Whoever is no nearer than the cheapest exit seen so far is not looked at again.
    fn search(&self, application: usize) -> Option<Search> {
        let width = self.reviewers;
        let row = application * width;
        let mut search =
            Search { distance: vec![NONE; width], before: vec![usize::MAX; width], last: usize::MAX, exit: NONE };
        for reviewer in 0..width {
            let price = self.prices[row + reviewer];
            if price < NONE {
                search.distance[reviewer] = price - self.potential[reviewer];
                self.leave(reviewer, &mut search);
            }
        }
        let near = (0..width).filter(|reviewer| search.distance[*reviewer] < search.exit);
        let mut waiting: BinaryHeap<_> = near.map(|reviewer| Reverse((search.distance[reviewer], reviewer))).collect();
        while let Some(Reverse((here, reviewer))) = waiting.pop() {
            if here >= search.exit {
                break;
            }
            if here > search.distance[reviewer] {
                continue;
            }
            let base = here + self.potential[reviewer];
            let over = &self.over[reviewer * width..(reviewer + 1) * width];
            for (next, step) in over.iter().enumerate() {
                let way = base + step - self.potential[next];
                if way < search.exit && way < search.distance[next] && *step < NONE {
                    search.distance[next] = way;
                    search.before[next] = reviewer;
                    self.leave(next, &mut search);
                    waiting.push(Reverse((way, next)));
                }
            }
        }
        (search.exit < NONE).then_some(search)
    }

    /// Takes note of the exit behind a reviewer, when it is the cheapest so far.
    fn leave(&self, reviewer: usize, search: &mut Search) {
        if let Some(load) = self.next_load(reviewer) {
            let exit = search.distance[reviewer] + load + self.potential[reviewer];
            if exit < search.exit {
                (search.exit, search.last) = (exit, reviewer);
            }
        }
    }

    fn augment(&mut self, application: usize, search: &Search) {
        for (potential, distance) in self.potential.iter_mut().zip(&search.distance) {
            *potential += (distance - search.exit).min(0);
        }
        let mut moves = Vec::new();
        let mut here = search.last;
        while search.before[here] != usize::MAX {
            let from = search.before[here];
            moves.push((self.over_by[from * self.reviewers + here], from, here));
            here = from;
        }
        for (moved, from, to) in moves {
            self.remove(moved, from);
            self.add(moved, to);
        }
        self.add(application, here);
        self.missing[application] -= 1;
        self.load[search.last] += 1;
        self.room[search.last] -= 1;
    }

    fn add(&mut self, application: usize, reviewer: usize) {
        let (width, row) = (self.reviewers, application * self.reviewers);
        let paid = std::mem::replace(&mut self.prices[row + reviewer], NONE);
        self.carried[reviewer].push((application, paid));
        for place in 0..self.given[application].len() {
            let other = self.given[application][place].0;
            if self.over_by[other * width + reviewer] == application {
                self.look_again(other, reviewer);
            }
        }
        self.given[application].push((reviewer, paid));
        for next in 0..width {
            let price = self.prices[row + next];
            if price < NONE {
                self.offer(reviewer * width + next, price - paid, application);
            }
        }
    }

    fn remove(&mut self, application: usize, reviewer: usize) {
        let (width, row) = (self.reviewers, application * self.reviewers);
        let Some(place) = self.given[application].iter().position(|(given, _)| *given == reviewer) else { return };
        let (_, price) = self.given[application].swap_remove(place);
        self.prices[row + reviewer] = price;
        self.carried[reviewer].retain(|(carried, _)| *carried != application);
        for next in 0..width {
            if self.over_by[reviewer * width + next] == application {
                self.look_again(reviewer, next);
            }
        }
        for place in 0..self.given[application].len() {
            let (other, paid) = self.given[application][place];
            self.offer(other * width + reviewer, price - paid, application);
        }
    }

    fn offer(&mut self, step: usize, price: i128, application: usize) {
        if (price, application) < (self.over[step], self.over_by[step]) {
            (self.over[step], self.over_by[step]) = (price, application);
        }
    }

    /// The cheapest application that can go from one reviewer to another, from scratch.
    fn look_again(&mut self, from: usize, to: usize) {
        let width = self.reviewers;
        let cheapest = self.carried[from]
            .iter()
            .filter(|(carried, _)| self.prices[carried * width + to] < NONE)
            .map(|(carried, paid)| (self.prices[carried * width + to] - paid, *carried))
            .min();
        (self.over[from * width + to], self.over_by[from * width + to]) = cheapest.unwrap_or((NONE, usize::MAX));
    }

    /// What is reached from the source when nothing more can be sent: applications, reviewers.
    pub(super) fn reached(&self) -> (Vec<bool>, Vec<bool>) {
        let width = self.reviewers;
        let mut applications: Vec<bool> = self.missing.iter().map(|missing| *missing > 0).collect();
        let mut reviewers = vec![false; width];
        let mut waiting: Vec<usize> = (0..applications.len()).filter(|place| applications[*place]).collect();
        while let Some(application) = waiting.pop() {
            for (reviewer, seen) in reviewers.iter_mut().enumerate() {
                let pair = application * width + reviewer;
                if *seen || self.prices[pair] >= NONE {
                    continue;
                }
                *seen = true;
                for (next, _) in &self.carried[reviewer] {
                    if !applications[*next] {
                        applications[*next] = true;
                        waiting.push(*next);
                    }
                }
            }
        }
        (applications, reviewers)
    }
}
