//! The exact price of one project.
//!
//! Σ min(m, r·s) = c has one least solution r. Whoever holds less than r·s pays their last, everybody else the price; once it is
//! known who does what, r = (c − what the former hold) ÷ (the points of the others). Floats tell who is who from a guess; voters
//! too close to call are compared exactly. Whatever the guess was, the outcome is certain: every part is checked against the exact
//! price in the end, and a wrong guess only leads to another, from below.
#![allow(
    clippy::float_arithmetic,
    reason = "floats sort out the clear cases; what they cannot certify is compared exactly"
)]

use super::floats::{PER_PURCHASE, float, ratio};
use super::ledger::{Ask, Ledger, Line};
use super::purses::{Purse, Purses, Supporter};
use num_bigint::{BigInt, BigUint};
use std::collections::HashMap;

/// What is asked about a project that is affordable.
pub(super) struct Question {
    pub project: usize,
    pub cost: i128,
    /// Where to begin.
    pub guess: f64,
    /// What the float of somebody's money may be wrong by.
    pub slack: f64,
}

/// What a supporter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Has nothing.
    Nothing,
    /// Holds less than the price asks, and pays it all.
    Last,
    /// Pays the price times the score.
    Price,
}

/// A project with its exact price per point.
pub(super) struct Priced {
    pub project: usize,
    pub ask: Ask,
    /// The same as floats.
    pub price: Purse,
    /// Beside the supporters.
    pub parts: Vec<Part>,
}

pub(super) fn price(ledger: &Ledger, purses: &Purses, supporters: &[Supporter], question: &Question) -> Priced {
    let mut guess = question.guess;
    loop {
        let mut sorting = Sorting::by(guess, purses, supporters, question.slack);
        if sorting.points == 0 {
            guess = sorting.richest;
            continue;
        }
        let ask = sorting.settled(ledger, purses, supporters, question.cost);
        let under = ledger.denominator() * BigUint::from(ask.points.unsigned_abs());
        let found = ratio(&ask.over.at, &under);
        if sorting.holds(found, purses, supporters, question.slack) {
            let price = Purse { money: found, change: ratio(&ask.over.change, &under) };
            return Priced { project: question.project, ask, price, parts: sorting.parts };
        }
        // A price that nobody could be asked came from taking too many for poor: the least possible is a safe beginning.
        let points: i128 = supporters.iter().map(points_of).sum();
        guess = found.max(float(question.cost) / float(points));
    }
}

/// Who does what at a price.
struct Sorting {
    parts: Vec<Part>,
    /// Places of those too close to call for floats.
    compared: Vec<usize>,
    /// Those of them who pay the price, for now.
    close: Vec<usize>,
    /// What those who pay their last hold.
    poor: Line,
    /// Points of those who pay the price.
    points: i128,
    /// The price at which the last of them all pays their last.
    richest: f64,
}

impl Sorting {
    fn by(price: f64, purses: &Purses, supporters: &[Supporter], slack: f64) -> Self {
        let parts = Vec::with_capacity(supporters.len());
        let mut sorting =
            Self { parts, compared: Vec::new(), close: Vec::new(), poor: Line::default(), points: 0, richest: 0.0 };
        for (place, supporter) in supporters.iter().enumerate() {
            let purse = purses.held(supporter);
            if purse.money == 0.0 {
                sorting.parts.push(Part::Nothing);
                continue;
            }
            let score = float(i128::from(supporter.score));
            let (asked, doubt) = doubt(score, price, slack);
            sorting.richest = sorting.richest.max(purse.money / score);
            if purse.money < asked - doubt {
                sorting.parts.push(Part::Last);
                purses.add(&mut sorting.poor, supporter, purses.history(supporter));
                continue;
            }
            if purse.money <= asked + doubt {
                sorting.close.push(place);
            }
            sorting.parts.push(Part::Price);
            sorting.points += points_of(supporter);
        }
        sorting.compared.clone_from(&sorting.close);
        sorting
    }

    /// Takes those close ones for poor who hold less than is asked, until nobody does.
    fn settled(&mut self, ledger: &Ledger, purses: &Purses, supporters: &[Supporter], cost: i128) -> Ask {
        let mut worth: HashMap<Vec<i128>, BigInt> = HashMap::new();
        loop {
            let over = ledger.missing(cost, &self.poor);
            let before = self.close.len();
            let (mut close, points) = (std::mem::take(&mut self.close), self.points);
            close.retain(|place| {
                let supporter = &supporters[*place];
                let history = purses.history(supporter);
                let line = purses.line(supporter, history);
                let held = worth.entry(line.weights.clone()).or_insert_with(|| ledger.worth(&line).at);
                let asks_more = &*held * points < &over.at * supporter.score;
                // Somebody must pay the price.
                if asks_more && self.points > points_of(supporter) {
                    self.parts[*place] = Part::Last;
                    purses.add(&mut self.poor, supporter, history);
                    self.points -= points_of(supporter);
                    return false;
                }
                true
            });
            self.close = close;
            if self.close.len() == before {
                return Ask { over, points: self.points };
            }
        }
    }

    /// Whether every part that floats gave is right at the price that came out of it.
    fn holds(&self, price: f64, purses: &Purses, supporters: &[Supporter], slack: f64) -> bool {
        let mut compared = self.compared.iter().peekable();
        supporters.iter().zip(&self.parts).enumerate().all(|(place, (supporter, part))| {
            let exactly = compared.next_if(|other| **other == place).is_some();
            let score = float(i128::from(supporter.score));
            // Half the doubt is still more than floats are wrong by.
            let (asked, doubt) = doubt(score, price, slack);
            let money = purses.held(supporter).money;
            match part {
                _ if exactly => true,
                Part::Nothing => true,
                Part::Last => money < asked - doubt / 2.0,
                Part::Price => money > asked + doubt / 2.0,
            }
        })
    }
}

/// What a price asks of a score, and how far floats are not believed about it.
fn doubt(score: f64, price: f64, slack: f64) -> (f64, f64) {
    let asked = score * price;
    (asked, 2.0 * slack + asked * PER_PURCHASE)
}

fn points_of(supporter: &Supporter) -> i128 {
    i128::from(supporter.score) * i128::from(supporter.voters)
}
