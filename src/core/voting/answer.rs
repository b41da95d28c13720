//! The answer to a vote: who won by which phase and who paid what, who lost and why. Amounts are fractions as text.

use super::contest::{Contest, Project};
use super::decimals::{fraction, written};
use super::ledger::Divisors;
use super::pabulib::Pabulib;
use super::purses::{Support, index};
use super::rounds::{Kept, add_one_until_used, fill, single};
use super::run::{Run, rho};
use super::{Completion, Rule};
use crate::core::refusal::Refusal;
use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The answer. Keys are written in this order; amounts are `"n"` or `"n/d"` in lowest terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What was asked for.
    pub rule: Rule,
    /// How equal shares were completed; `none` for greedy.
    pub completion: Completion,
    /// As the file says it.
    pub vote_type: String,
    /// The budget.
    pub budget: String,
    /// Rows in VOTES.
    pub voters: u64,
    /// x of the run kept; `None` for greedy and without a voter.
    pub share: Option<String>,
    /// Its k.
    pub rounds: u128,
    /// What the winners cost.
    pub cost: String,
    /// What is left of the budget.
    pub left: String,
    /// In the order of choice.
    pub winners: Vec<Winner>,
    /// In tie order.
    pub losers: Vec<Loser>,
    /// What in the file does not fit together, by its line.
    pub warnings: Vec<String>,
}

/// A project that won.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Winner {
    /// Its id.
    pub project: String,
    /// Its cost.
    pub cost: String,
    /// The sum of its scores.
    pub support: String,
    /// What chose it.
    pub phase: Phase,
    /// ρ; `None` outside of equal shares.
    pub rho: Option<String>,
    /// Who paid more than nothing, largest first; they sum to the cost.
    pub payments: Vec<Payment>,
}

/// What chose a winner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Equal shares.
    Shares,
    /// The utilitarian part behind them.
    Completion,
    /// Greedy.
    Greedy,
}

/// Voters who paid the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// What each of them paid.
    pub amount: String,
    /// How many they are.
    pub voters: u64,
}

/// A project that did not win.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loser {
    /// Its id.
    pub project: String,
    /// Its cost.
    pub cost: String,
    /// The sum of its scores.
    pub support: String,
    /// The first reason that holds.
    pub reason: Reason,
    /// What its supporters hold at the end of the run kept; `None` for greedy.
    pub supporters_money: Option<String>,
    /// What was left at its turn.
    pub money_left: Option<String>,
    /// What was missing.
    pub missing: Option<String>,
}

/// Why a project did not win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Nobody named it.
    NoSupport,
    /// It costs more than the budget.
    OverBudget,
    /// Its supporters do not hold its cost.
    NotAffordable,
    /// It costs more than was left at its turn.
    NoMoneyLeft,
}

/// Counts a vote.
///
/// # Errors
/// [`Refusal`] naming the line that breaks a rule of the page.
pub fn count(file: &Pabulib, rule: Rule, completion: Completion) -> Result<Outcome, Refusal> {
    let contest = Contest::of(file)?;
    let support = Support::of(&contest);
    let kept = match (rule, completion) {
        (Rule::Greedy, _) => None,
        _ if contest.voters == 0 => None,
        (Rule::EqualShares, Completion::None) => Some(single(&contest, &support)),
        (Rule::EqualShares, Completion::Add1u) => Some(add_one_until_used(&contest, &support)),
    };
    let completion = if rule == Rule::Greedy { Completion::None } else { completion };
    Ok(Counted { contest: &contest, support: &support, rule, completion, kept: kept.as_ref() }.outcome())
}

/// A vote that was counted.
struct Counted<'a> {
    contest: &'a Contest,
    support: &'a Support,
    rule: Rule,
    completion: Completion,
    kept: Option<&'a Kept<'a>>,
}

impl Counted<'_> {
    fn outcome(&self) -> Outcome {
        let mut winners = Vec::new();
        let mut taken = vec![false; self.contest.projects.len()];
        let mut left = self.contest.budget;
        let bought = self.kept.map_or(&[][..], |kept| &kept.run.bought);
        for (place, purchase) in bought.iter().enumerate() {
            taken[purchase.project] = true;
            left -= self.contest.projects[purchase.project].cost;
            winners.extend(self.kept.map(|kept| self.by_shares(&kept.run, place)));
        }
        let (phase, fills) = match (self.rule, self.completion) {
            (Rule::Greedy, _) => (Phase::Greedy, true),
            (Rule::EqualShares, completion) => (Phase::Completion, completion == Completion::Add1u),
        };
        let filled = if fills { Some(fill(self.contest, &taken, left)) } else { None };
        for place in filled.iter().flat_map(|filled| &filled.chosen) {
            let project = &self.contest.projects[*place];
            taken[*place] = true;
            left -= project.cost;
            let (cost, support) = (self.amount(project.cost), self.points(project.support));
            winners.push(Winner { project: project.id.clone(), cost, support, phase, rho: None, payments: Vec::new() });
        }
        let losers = self.contest.in_tie_order().into_iter().filter(|place| !taken[*place]);
        let losers = losers.map(|place| self.loser(place, filled.as_ref().and_then(|filled| filled.left_at[place])));
        Outcome {
            rule: self.rule,
            completion: self.completion,
            vote_type: self.contest.vote_type.clone(),
            budget: self.amount(self.contest.budget),
            voters: self.contest.voters,
            share: self.kept.map(|kept| self.money(&kept.run.ledger.divisors(0), kept.run.ledger.share().clone())),
            rounds: self.kept.map_or(0, |kept| kept.round),
            cost: self.amount(self.contest.budget - left),
            left: self.amount(left),
            winners,
            losers: losers.collect(),
            warnings: self.contest.warnings.clone(),
        }
    }

    fn by_shares(&self, run: &Run, place: usize) -> Winner {
        let project = &self.contest.projects[run.bought[place].project];
        let (over, under) = rho(run, place);
        Winner {
            project: project.id.clone(),
            cost: self.amount(project.cost),
            support: self.points(project.support),
            phase: Phase::Shares,
            rho: Some(fraction(&over, &under)),
            payments: self.payments(run, place),
        }
    }

    /// Who paid what for a purchase: voters with the same amount together, largest first.
    fn payments(&self, run: &Run, place: usize) -> Vec<Payment> {
        let (purchase, ledger) = (&run.bought[place], &run.ledger);
        let supporters = self.support.of_project(purchase.project);
        let mut paid: BTreeMap<BigInt, u64> = BTreeMap::new();
        for (supporter, history, last) in &purchase.paid {
            let supporter = &supporters[index(*supporter)];
            let amount = if *last {
                ledger.worth_after(&run.purses.line(supporter, *history), place + 1)
            } else {
                ledger.price(place) * supporter.score
            };
            *paid.entry(amount).or_default() += u64::from(supporter.voters);
        }
        paid.remove(&BigInt::ZERO);
        let divisors = ledger.divisors(place + 1);
        let told = |(amount, voters)| Payment { amount: self.money(&divisors, amount), voters };
        paid.into_iter().rev().map(told).collect()
    }

    fn loser(&self, place: usize, left_at: Option<i128>) -> Loser {
        let project = &self.contest.projects[place];
        let reason = self.reason(project);
        let (mut supporters_money, mut money_left, mut missing) = (None, None, None);
        if self.rule == Rule::EqualShares {
            supporters_money = Some("0".to_owned());
        }
        if let Some(Kept { run, .. }) = self.kept {
            let line = run.purses.line_of(self.support.of_project(place));
            let (ledger, divisors) = (&run.ledger, run.ledger.divisors(run.ledger.purchases()));
            supporters_money = Some(self.money(&divisors, ledger.worth(&line).at));
            if reason == Reason::NotAffordable {
                missing = Some(self.money(&divisors, ledger.missing(project.cost, &line).at));
            }
        }
        if let (Reason::NoMoneyLeft, Some(left)) = (reason, left_at) {
            money_left = Some(self.amount(left));
            missing = Some(self.amount(project.cost - left));
        }
        let (cost, support) = (self.amount(project.cost), self.points(project.support));
        Loser { project: project.id.clone(), cost, support, reason, supporters_money, money_left, missing }
    }

    fn reason(&self, project: &Project) -> Reason {
        if project.support == 0 {
            Reason::NoSupport
        } else if project.cost > self.contest.budget {
            Reason::OverBudget
        } else if self.rule == Rule::EqualShares && self.completion == Completion::None {
            Reason::NotAffordable
        } else {
            Reason::NoMoneyLeft
        }
    }

    /// An amount of the file.
    fn amount(&self, units: i128) -> String {
        fraction(&BigInt::from(units), &power(self.contest.money_decimals))
    }

    /// A sum of scores.
    fn points(&self, units: i128) -> String {
        fraction(&BigInt::from(units), &power(self.contest.score_decimals))
    }

    /// An amount of the ledger over a denominator of its.
    fn money(&self, divisors: &Divisors, over: BigInt) -> String {
        let (over, under) = divisors.reduced(over);
        if self.contest.money_decimals == 0 {
            return written(&over, &under);
        }
        let decimals = power(self.contest.money_decimals);
        let shared = over.magnitude().gcd(&decimals);
        written(&(over / BigInt::from(shared.clone())), &(under * (decimals / shared)))
    }
}

fn power(decimals: u32) -> BigUint {
    BigUint::from(10_u8).pow(decimals)
}
