//! A second, slow reading of the page about votes: every voter by themselves, every fraction as it stands.
//!
//! It shares nothing with the tool but the page: no floats, no groups of voters, no skipped rounds, prices by sorting.

use crate::support::tools::Throws;
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A fraction in lowest terms; what does not fit is `None`, and the instance is left to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction(i128, i128);

impl Fraction {
    pub const ZERO: Self = Self(0, 1);

    pub fn new(over: i128, under: i128) -> Option<Self> {
        let (mut a, mut b) = (over.unsigned_abs(), under.unsigned_abs());
        while b > 0 {
            (a, b) = (b, a % b);
        }
        let shared = i128::try_from(a.max(1)).ok()? * under.signum();
        Some(Self(over / shared, under / shared))
    }

    pub fn whole(number: i128) -> Self {
        Self(number, 1)
    }

    fn plus(self, other: Self) -> Option<Self> {
        let over = self.0.checked_mul(other.1)?.checked_add(other.0.checked_mul(self.1)?)?;
        Self::new(over, self.1.checked_mul(other.1)?)
    }

    fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self(-other.0, other.1))
    }

    fn times(self, other: Self) -> Option<Self> {
        Self::new(self.0.checked_mul(other.0)?, self.1.checked_mul(other.1)?)
    }

    fn over(self, other: Self) -> Option<Self> {
        self.times(Self::new(other.1, other.0)?)
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        Some(self.0.checked_mul(other.1)?.cmp(&other.0.checked_mul(self.1)?))
    }

    fn less(self, other: Self) -> Option<bool> {
        self.compare(other).map(Ordering::is_lt)
    }

    fn least(self, other: Self) -> Option<Self> {
        Some(if self.less(other)? { self } else { other })
    }

    pub fn text(self) -> String {
        if self.1 == 1 { self.0.to_string() } else { format!("{}/{}", self.0, self.1) }
    }
}

/// A vote, drawn so that ties are common.
#[derive(Debug, Clone)]
pub struct Instance {
    pub vote_type: &'static str,
    pub budget: Fraction,
    pub projects: Vec<(String, Fraction)>,
    /// Per voter and project.
    pub scores: Vec<Vec<Fraction>>,
    pub file: String,
}

/// A number in hundredths as people write it.
fn decimal(hundredths: i64, mark: char) -> String {
    match (hundredths / 100, hundredths % 100) {
        (whole, 0) => whole.to_string(),
        (whole, rest) if rest % 10 == 0 => format!("{whole}{mark}{}", rest / 10),
        (whole, rest) => format!("{whole}{mark}{rest:02}"),
    }
}

impl Instance {
    pub fn drawn(throws: &mut Throws) -> Self {
        let fine = throws.next().is_multiple_of(5);
        let vote_type = ["approval", "choose-1", "scoring", "cumulative"][pick(throws, 4)];
        let scoring = vote_type != "approval" && vote_type != "choose-1";
        let count = if fine || scoring { throws.between(1, 4) } else { throws.between(1, 7) };
        let voters = [0, throws.between(1, 4), throws.between(2, 12)][pick(throws, 30).min(2)];
        let step = if fine { [25, 50][pick(throws, 2)] } else { 100 };
        let hundredths = |throws: &mut Throws, low, high| throws.between(low, high) * step;
        let dear = [throws.between(300, 2_000), throws.between(20, 300), throws.between(2, 40)][pick(throws, 8).min(2)];
        let budget = hundredths(throws, 0, dear * 2);
        let mut projects = Vec::new();
        let (mut meta, mut rows, mut votes) = (String::new(), String::new(), String::new());
        for place in 0..count {
            let cost = match projects.last() {
                Some((_, last)) if throws.next().is_multiple_of(3) => *last,
                _ => hundredths(throws, 1, dear),
            };
            let name = format!("{}{}", ["p", "P", "é", "p1"][pick(throws, 4)], place);
            rows += &format!("{name};{};x\n", decimal(cost, [',', '.'][pick(throws, 2)]));
            projects.push((name, cost));
        }
        let mut scores: Vec<Vec<Fraction>> = Vec::new();
        for voter in 0..voters {
            let mut named: Vec<(usize, i64)> = Vec::new();
            for place in 0..projects.len() {
                if throws.next().is_multiple_of(2) {
                    let points = if fine { throws.between(0, 4) * 50 } else { throws.between(0, 3) * 100 };
                    named.push((place, if scoring { points } else { 100 }));
                }
            }
            if voter > 0 && throws.next().is_multiple_of(3) {
                // The same ballot as somebody before.
                let before: usize = pick(throws, scores.len());
                scores.push(scores[before].clone());
                let line = votes.lines().nth(before).unwrap().split_once(';').unwrap().1.to_owned();
                votes += &format!("{voter};{line}\n");
                continue;
            }
            if throws.next().is_multiple_of(2) {
                named.reverse();
            }
            let list = |part: &dyn Fn(&(usize, i64)) -> String| named.iter().map(part).collect::<Vec<_>>().join(",");
            let (ids, points) =
                (list(&|(place, _)| projects[*place].0.clone()), list(&|(_, points)| decimal(*points, '.')));
            votes += &if scoring { format!("{voter};{ids};{points}\n") } else { format!("{voter};{ids}\n") };
            let mut given = vec![Fraction::ZERO; projects.len()];
            for (place, points) in named {
                given[place] = Fraction::new(i128::from(points), 100).unwrap();
            }
            scores.push(given);
        }
        meta += &format!("budget;{}\nvote_type;{vote_type}\nnum_votes;{voters}\n", decimal(budget, '.'));
        let file = format!(
            "META\nkey;value\n{meta}PROJECTS\nproject_id;cost;name\n{rows}VOTES\nvoter_id;vote{}\n{votes}",
            if scoring { ";points" } else { "" }
        );
        let exact = |hundredths: i64| Fraction::new(i128::from(hundredths), 100).unwrap();
        let projects = projects.into_iter().map(|(name, cost)| (name, exact(cost))).collect();
        Self { vote_type, budget: exact(budget), projects, scores, file }
    }
}

fn pick(throws: &mut Throws, count: usize) -> usize {
    usize::try_from(throws.next() >> 7).unwrap() % count
}

/// A run of equal shares.
struct Shares {
    won: Vec<usize>,
    rho: Vec<Fraction>,
    paid: Vec<Vec<Fraction>>,
    money: Vec<Fraction>,
}

impl Instance {
    fn cost(&self, project: usize) -> Fraction {
        self.projects[project].1
    }

    fn support(&self, project: usize) -> Option<Fraction> {
        self.scores.iter().try_fold(Fraction::ZERO, |sum, ballot| sum.plus(ballot[project]))
    }

    fn supported(&self, project: usize) -> bool {
        self.scores.iter().any(|ballot| ballot[project] != Fraction::ZERO)
    }

    fn sum(&self, projects: &[usize]) -> Option<Fraction> {
        projects.iter().try_fold(Fraction::ZERO, |sum, project| sum.plus(self.cost(*project)))
    }

    /// Whether one comes before the other.
    fn before(&self, one: usize, other: usize) -> Option<bool> {
        let by_support = self.support(other)?.compare(self.support(one)?)?;
        let by_cost = self.cost(one).compare(self.cost(other))?;
        Some(by_support.then(by_cost).then(self.projects[one].0.cmp(&self.projects[other].0)).is_lt())
    }

    fn tie_order(&self) -> Option<Vec<usize>> {
        let mut order: Vec<usize> = Vec::new();
        for project in 0..self.projects.len() {
            let mut place = 0;
            while place < order.len() && self.before(order[place], project)? {
                place += 1;
            }
            order.insert(place, project);
        }
        Some(order)
    }

    /// `Some(None)` is not affordable.
    fn price(&self, project: usize, money: &[Fraction]) -> Option<Option<Fraction>> {
        let cost = self.cost(project);
        // Richest per utility last.
        let mut pairs: Vec<(Fraction, Fraction, Fraction)> = Vec::new();
        for (ballot, money) in self.scores.iter().zip(money) {
            if ballot[project] != Fraction::ZERO {
                let utility = ballot[project].times(cost)?;
                let each = money.over(utility)?;
                let mut place = 0;
                while place < pairs.len() && pairs[place].0.less(each)? {
                    place += 1;
                }
                pairs.insert(place, (each, *money, utility));
            }
        }
        let mut poor = Fraction::ZERO;
        let mut rest = pairs.iter().try_fold(Fraction::ZERO, |sum, (_, _, utility)| sum.plus(*utility))?;
        for (each, money, utility) in pairs {
            let rho = cost.minus(poor)?.over(rest)?;
            if !each.less(rho)? {
                return Some(Some(rho));
            }
            poor = poor.plus(money)?;
            rest = rest.minus(utility)?;
        }
        Some(None)
    }

    fn shares(&self, x: Fraction) -> Option<Shares> {
        let mut run = Shares { won: vec![], rho: vec![], paid: vec![], money: vec![x; self.scores.len()] };
        loop {
            let mut best: Option<(Fraction, usize)> = None;
            for project in
                (0..self.projects.len()).filter(|project| !run.won.contains(project) && self.supported(*project))
            {
                let Some(rho) = self.price(project, &run.money)? else { continue };
                let better = match best {
                    None => true,
                    Some((least, other)) => match rho.compare(least)? {
                        Ordering::Equal => self.before(project, other)?,
                        order => order.is_lt(),
                    },
                };
                if better {
                    best = Some((rho, project));
                }
            }
            let Some((rho, project)) = best else { return Some(run) };
            let mut paid = Vec::new();
            for (ballot, money) in self.scores.iter().zip(&mut run.money) {
                let pays = money.least(rho.times(ballot[project])?.times(self.cost(project))?)?;
                *money = money.minus(pays)?;
                paid.push(pays);
            }
            run.won.push(project);
            run.rho.push(rho);
            run.paid.push(paid);
        }
    }

    /// The whole answer as the page says it; `None` where a fraction does not fit.
    pub fn answer(&self, rule: &str, completion: &str) -> Option<Value> {
        let voters = i128::try_from(self.scores.len()).unwrap();
        let mut kept: Option<(Shares, i128, Fraction)> = None;
        if rule == "equal-shares" && voters > 0 {
            let mut round = 0;
            loop {
                let x = self.budget.over(Fraction::whole(voters))?.plus(Fraction::whole(round))?;
                let run = self.shares(x)?;
                let left = self.budget.minus(self.sum(&run.won)?)?;
                if left.less(Fraction::ZERO)? {
                    break;
                }
                let fits = |project: usize| Some(!left.less(self.cost(project))?);
                let others =
                    (0..self.projects.len()).filter(|other| !run.won.contains(other) && self.supported(*other));
                let fitting = others.map(fits).collect::<Option<Vec<_>>>()?.contains(&true);
                kept = Some((run, round, x));
                if completion == "none" || !fitting {
                    break;
                }
                round += 1;
            }
        }
        let mut winners: Vec<Value> = Vec::new();
        let mut won: Vec<usize> = Vec::new();
        if let Some((run, _, _)) = &kept {
            for ((project, rho), paid) in run.won.iter().zip(&run.rho).zip(&run.paid) {
                winners.push(json!({"project": self.projects[*project].0, "cost": self.cost(*project).text(),
                    "support": self.support(*project)?.text(), "phase": "shares", "rho": rho.text(), "payments": grouped(paid)?}));
                won.push(*project);
            }
        }
        let mut left = self.budget.minus(self.sum(&won)?)?;
        let mut turns: BTreeMap<usize, Fraction> = BTreeMap::new();
        if rule == "greedy" || completion == "add1u" {
            for project in self.tie_order()? {
                if won.contains(&project) || !self.supported(project) {
                    continue;
                }
                if left.less(self.cost(project))? {
                    turns.insert(project, left);
                    continue;
                }
                left = left.minus(self.cost(project))?;
                let phase = if rule == "greedy" { "greedy" } else { "completion" };
                winners.push(json!({"project": self.projects[project].0, "cost": self.cost(project).text(),
                    "support": self.support(project)?.text(), "phase": phase, "rho": null, "payments": []}));
                won.push(project);
            }
        }
        let mut losers: Vec<Value> = Vec::new();
        for project in self.tie_order()?.into_iter().filter(|project| !won.contains(project)) {
            losers.push(self.loser(project, rule, completion, kept.as_ref().map(|(run, _, _)| run), &turns)?);
        }
        Some(
            json!({"rule": rule, "completion": if rule == "greedy" { "none" } else { completion }, "vote_type": self.vote_type,
            "budget": self.budget.text(), "voters": voters, "share": kept.as_ref().map(|(_, _, x)| x.text()),
            "rounds": kept.as_ref().map_or(0, |(_, round, _)| *round), "cost": self.budget.minus(left)?.text(), "left": left.text(),
            "winners": winners, "losers": losers, "warnings": []}),
        )
    }

    fn loser(
        &self,
        project: usize,
        rule: &str,
        completion: &str,
        run: Option<&Shares>,
        turns: &BTreeMap<usize, Fraction>,
    ) -> Option<Value> {
        let cost = self.cost(project);
        let mut together = if rule == "greedy" { None } else { Some(Fraction::ZERO) };
        if let Some(run) = run {
            for (ballot, money) in self.scores.iter().zip(&run.money) {
                if ballot[project] != Fraction::ZERO {
                    together = Some(together?.plus(*money)?);
                }
            }
        }
        let (mut left, mut missing) = (None, None);
        let reason = if !self.supported(project) {
            "no-support"
        } else if self.budget.less(cost)? {
            "over-budget"
        } else if rule != "greedy" && completion == "none" {
            missing = Some(cost.minus(together?)?);
            "not-affordable"
        } else {
            left = turns.get(&project).copied();
            missing = Some(cost.minus(left?)?);
            "no-money-left"
        };
        let text = |number: Option<Fraction>| number.map(Fraction::text);
        Some(json!({"project": self.projects[project].0, "cost": cost.text(), "support": self.support(project)?.text(),
            "reason": reason, "supporters_money": text(together), "money_left": text(left), "missing": text(missing)}))
    }
}

fn grouped(paid: &[Fraction]) -> Option<Vec<Value>> {
    let mut groups: Vec<(Fraction, u64)> = Vec::new();
    for amount in paid.iter().filter(|amount| **amount != Fraction::ZERO) {
        let mut place = 0;
        while place < groups.len() && amount.less(groups[place].0)? {
            place += 1;
        }
        match groups.get_mut(place) {
            Some((other, voters)) if other == amount => *voters += 1,
            _ => groups.insert(place, (*amount, 1)),
        }
    }
    Some(groups.into_iter().map(|(amount, voters)| json!({"amount": amount.text(), "voters": voters})).collect())
}
