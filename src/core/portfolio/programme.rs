//! The programme in small whole numbers: money in its greatest common unit, objectives as one integer.
//!
//! The first three objectives of the page are one `i128` key, `V·W1 − Σask·W2 + Σx`, with W2 above every Σx and W1
//! above every Σask·W2 + Σx, so that comparing keys is comparing the three in their order. The fourth, the
//! lexicographic order, is kept by comparing the amounts themselves (see `trail`).

use super::input::{Decision, File, Objective};

/// Keys stay below this, so that prices and losses may be added a few times without a thought.
const LARGEST_KEY: i128 = 1 << 121;

/// One project, money in units.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) category: Option<usize>,
    pub(super) score: i64,
    pub(super) ask: i64,
    pub(super) min: i64,
    /// How many steps lie between `min` and `ask`.
    pub(super) steps: i64,
    /// Funded or not, when that is decided.
    pub(super) decision: Option<bool>,
}

/// The bounds of a category, money in units.
#[derive(Debug, Clone, Default)]
pub(super) struct Bounds {
    pub(super) max_amount: Option<i64>,
    pub(super) min_amount: Option<i64>,
    pub(super) max_count: Option<i64>,
    pub(super) min_count: Option<i64>,
}

#[derive(Debug, Clone)]
pub(super) struct Exclusive {
    pub(super) members: Vec<usize>,
    pub(super) at_most: i64,
}

/// All constraints, each of which can be taken away.
#[derive(Debug, Clone)]
pub(super) struct Programme {
    /// Minor units per unit.
    pub(super) unit: i64,
    pub(super) step: i64,
    pub(super) objective: Objective,
    pub(super) budget: Option<i64>,
    pub(super) items: Vec<Item>,
    pub(super) bounds: Vec<Bounds>,
    pub(super) groups: Vec<Exclusive>,
}

/// What a project is worth at its minimum, and what every unit above adds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worth {
    pub(super) base: i128,
    pub(super) slope: i128,
}

/// What is sought.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) worth: Vec<Worth>,
    /// W1; a key divided by it is V, but for the lesser objectives.
    pub(super) weight: i128,
    /// What the lesser objectives may take off a key at most.
    pub(super) lesser: i128,
    /// Whether equal keys are told apart by the amounts.
    pub(super) ties: bool,
}

impl Keys {
    /// The key of these amounts.
    pub(super) fn of(&self, programme: &Programme, amounts: &[i64]) -> i128 {
        let items = programme.items.iter().zip(&self.worth).zip(amounts).filter(|(_, amount)| **amount > 0);
        items.map(|((item, worth), amount)| worth.base + worth.slope * i128::from(amount - item.min)).sum()
    }
}

impl Programme {
    pub(super) fn new(file: &File) -> Self {
        let mut unit = 0;
        for project in &file.projects {
            unit = gcd(unit, project.ask);
            if project.min < project.ask {
                unit = gcd(gcd(unit, project.min), file.step);
            }
        }
        let unit = unit.max(1);
        let items = file.projects.iter().map(|project| Item {
            category: project.category,
            score: project.score,
            ask: project.ask / unit,
            min: project.min / unit,
            steps: (project.ask - project.min) / file.step,
            decision: project.decision.map(|decision| decision == Decision::Fund),
        });
        let bounds = file.categories.iter().map(|category| Bounds {
            max_amount: category.max_amount.map(|most| most / unit),
            min_amount: category.min_amount.map(|least| least / unit + i64::from(least % unit != 0)),
            max_count: category.max_count,
            min_count: category.min_count,
        });
        let groups = file.exclusive.iter();
        Self {
            unit,
            step: (file.step / unit).max(1),
            objective: file.objective,
            budget: Some(file.budget / unit),
            items: items.collect(),
            bounds: bounds.collect(),
            groups: groups.map(|one| Exclusive { members: one.projects.clone(), at_most: one.at_most }).collect(),
        }
    }

    fn asks(&self) -> i128 {
        self.items.iter().map(|item| i128::from(item.ask)).sum()
    }

    /// All four objectives; `None` when the sums are too large to be one integer.
    pub(super) fn full_keys(&self) -> Option<Keys> {
        let asks = self.asks();
        let most = asks.min(self.budget.map_or(asks, i128::from));
        let second = most + 1;
        // What is funded fits the budget at its minimum, so the asks exceed it by the partial shares at most.
        let partial: i128 = self.items.iter().map(|item| i128::from(item.ask - item.min)).sum();
        let lesser = asks.min(most + partial).checked_mul(second)?;
        let weight = lesser.checked_add(second)?;
        let merit = match self.objective {
            Objective::MeritMoney => asks,
            Objective::MeritCount => i128::try_from(self.items.len()).ok()?,
        };
        if merit.checked_mul(10_001)?.checked_mul(weight)? > LARGEST_KEY {
            return None;
        }
        let worth = self.items.iter().map(|item| {
            let value = self.value(item);
            let base = value.base * weight - i128::from(item.ask) * second + i128::from(item.min);
            Worth { base, slope: value.slope * weight + 1 }
        });
        Some(Keys { worth: worth.collect(), weight, lesser, ties: true })
    }

    /// V alone.
    pub(super) fn value_keys(&self) -> Keys {
        Keys { worth: self.items.iter().map(|item| self.value(item)).collect(), weight: 1, lesser: 0, ties: false }
    }

    /// As little money as possible.
    pub(super) fn thrift_keys(&self) -> Keys {
        let worth = self.items.iter().map(|item| Worth { base: -i128::from(item.min), slope: -1 });
        Keys { worth: worth.collect(), weight: 1, lesser: 0, ties: false }
    }

    /// V in units: the money of a unit is taken out of merit-money, and put back by [`Self::merit`].
    fn value(&self, item: &Item) -> Worth {
        let score = i128::from(item.score);
        match self.objective {
            Objective::MeritMoney => Worth { base: score * i128::from(item.min), slope: score },
            Objective::MeritCount => Worth { base: score, slope: 0 },
        }
    }

    /// V as the page counts it, from V in units.
    pub(super) fn merit(&self, value: i128) -> i128 {
        match self.objective {
            Objective::MeritMoney => value * i128::from(self.unit),
            Objective::MeritCount => value,
        }
    }

    /// V in units of these amounts.
    pub(super) fn value_of(&self, amounts: &[i64]) -> i128 {
        let funded = self.items.iter().zip(amounts).filter(|(_, amount)| **amount > 0);
        funded
            .map(|(item, amount)| match self.objective {
                Objective::MeritMoney => i128::from(item.score) * i128::from(*amount),
                Objective::MeritCount => i128::from(item.score),
            })
            .sum()
    }

    /// The most that all amounts may come to.
    pub(super) fn ceiling(&self) -> i64 {
        let asks = i64::try_from(self.asks()).unwrap_or(i64::MAX);
        self.budget.map_or(asks, |budget| budget.min(asks))
    }
}

fn gcd(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
