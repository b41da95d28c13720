//! The best portfolio: what all envelopes give up together, sought from nothing upwards.
//!
//! Each envelope is enumerated by itself (`fronts`), first as far as it takes to find anything in it: what it gives up
//! at least is given up for certain. Then all are joined under one limit. If something is found within the limit it is
//! the best, because everything within was looked at; otherwise the limit grows. Nothing here looks at a clock: the
//! work is bounded by the number of states, so the same file always gets the same answer. When the bound is met, the
//! best found so far is given with the bound that was proven.
//!
//! Constraints that rarely bind (minima, counts, groups) are relaxed until a solution breaks them.

use super::fronts::{Crowded, Scope};
use super::joins::{Incumbent, Joiner};
use super::prices::{Active, Prices, fit};
use super::programme::{Keys, Programme};
use super::states::{Effort, Groups, Room};
use super::trail::Trail;

/// States one search may look at; a second or so.
pub(super) const EFFORT: u64 = 3_000_000;
/// States kept of one list.
pub(super) const WIDTH: usize = 60_000;
/// The same for what one envelope gives up by itself, where groups make that costly to say.
const LOSS_EFFORT: u64 = 100_000;
const LOSS_WIDTH: usize = 10_000;
/// How the limit grows, and how it grows while enumerating costs next to nothing.
const GROWTH: i128 = 4;
const FAST_GROWTH: i128 = 32;
const NEXT_TO_NOTHING: u64 = 20_000;

/// What fitting the prices costs, in states per project.
pub(super) const FIT_COST: usize = 50;
/// Rounds that may still be tried narrowly when the effort is spent and nothing is found yet.
const SPARE_ROUNDS: usize = 24;

/// What a search ends with.
#[derive(Debug)]
pub(super) enum Found {
    Best(Best),
    /// No feasible portfolio reaches what was asked for.
    None,
    /// The effort was spent before anything was found or excluded.
    Unknown,
}

/// A portfolio, and how sure it is.
#[derive(Debug, Clone)]
pub(super) struct Best {
    pub(super) key: i128,
    pub(super) amounts: Vec<i64>,
    /// No key is above this; the same as `key` once it is proven.
    pub(super) bound: i128,
    pub(super) proven: bool,
}

/// What is asked of a search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// Nothing below this key is of interest.
    pub(super) at_least: Option<i128>,
    /// Anything that reaches it will do.
    pub(super) any: bool,
    pub(super) effort: u64,
}

impl Wish {
    pub(super) const BEST: Self = Self { at_least: None, any: false, effort: EFFORT };
}

/// The best without any group; the programme has none.
pub(super) fn without_groups(
    programme: &Programme,
    keys: &Keys,
    wish: Wish,
    active: &mut Active,
    effort: &mut Effort,
) -> Found {
    let groups = std::mem::take(&mut active.groups);
    let found = side_by_side(programme, keys, wish, active, effort);
    active.groups = groups;
    found
}

/// Searches with the groups that are enforced counted side by side, and as few constraints as will do.
pub(super) fn side_by_side(
    programme: &Programme,
    keys: &Keys,
    wish: Wish,
    active: &mut Active,
    effort: &mut Effort,
) -> Found {
    loop {
        effort.spend(programme.items.len() * FIT_COST);
        let prices = fit(programme, keys, active);
        match (Round { programme, keys, prices: &prices, wish }).run(effort) {
            Ok(Found::Best(best)) => {
                if !enforce_broken(programme, &best.amounts, active) {
                    return Found::Best(best);
                }
            }
            Ok(other) => return other,
            Err(Crowded) => return Found::Unknown,
        }
    }
}

/// Enforces what these amounts break; whether there was anything.
fn enforce_broken(programme: &Programme, amounts: &[i64], active: &mut Active) -> bool {
    let mut money = vec![0_i64; programme.bounds.len()];
    let mut count = vec![0_i64; programme.bounds.len()];
    for (item, amount) in programme.items.iter().zip(amounts).filter(|(_, amount)| **amount > 0) {
        if let Some(category) = item.category {
            money[category] += amount;
            count[category] += 1;
        }
    }
    let mut broken = false;
    let mut enforce = |active: &mut bool, breaks: bool| {
        broken |= breaks && !*active;
        *active |= breaks;
    };
    for (place, bounds) in programme.bounds.iter().enumerate() {
        enforce(&mut active.min_amount[place], bounds.min_amount.is_some_and(|least| money[place] < least));
        enforce(&mut active.max_count[place], bounds.max_count.is_some_and(|most| count[place] > most));
        enforce(&mut active.min_count[place], bounds.min_count.is_some_and(|least| count[place] < least));
    }
    for (number, group) in programme.groups.iter().enumerate() {
        let funded = group.members.iter().filter(|member| amounts[**member] > 0).count();
        let breaks = i64::try_from(funded).is_ok_and(|funded| funded > group.at_most);
        enforce(&mut active.groups[number], breaks);
    }
    broken
}

/// One search under one set of constraints.
struct Round<'a> {
    programme: &'a Programme,
    keys: &'a Keys,
    prices: &'a Prices,
    wish: Wish,
}

impl Round<'_> {
    fn run(self, effort: &mut Effort) -> Result<Found, Crowded> {
        let bound = self.prices.bound;
        let most = self.wish.at_least.map_or(i128::MAX, |least| bound - least);
        if most < 0 {
            return Ok(Found::None);
        }
        let mut least = Vec::new();
        for envelope in 0..self.prices.envelopes.len() {
            match self.least_loss(envelope, most, effort)? {
                Some(loss) => least.push(loss),
                None if effort.cut => return Ok(Found::Unknown),
                None => return Ok(Found::None),
            }
        }
        let base: i128 = least.iter().sum();
        if base > most {
            return Ok(Found::None);
        }
        let mut more = self.first_limit().min((most - base).max(0));
        let mut proven = base;
        let mut incumbent: Option<(Incumbent, Vec<i64>)> = None;
        let mut spare = SPARE_ROUNDS;
        loop {
            let mut trail = Trail::default();
            effort.pruned = false;
            let (spent, limit) = (effort.left, base + more);
            let limits: Vec<i128> = least.iter().map(|loss| loss + more).collect();
            let found = match self.groups(&limits, effort)? {
                None => None,
                Some(groups) => {
                    let mut lists = Vec::new();
                    for (envelope, limit) in limits.iter().enumerate() {
                        lists.push(self.scope(envelope, &groups, true).states(*limit, &mut trail, effort)?);
                    }
                    self.joiner().joined(lists, &groups, limit, &mut trail, effort)
                }
            };
            if let Some(found) = found
                && incumbent.as_ref().is_none_or(|(kept, _)| found.key >= kept.key)
            {
                let amounts = trail.amounts(&found.heads, self.programme.items.len());
                incumbent = Some((found, amounts));
            }
            let lost = incumbent.as_ref().map(|(kept, _)| bound - kept.key);
            let done = lost.is_some_and(|lost| lost <= limit || self.wish.any && lost <= most);
            let exhausted = !effort.cut && (!effort.pruned || limit >= most);
            if done || exhausted || effort.cut && (incumbent.is_some() || spare == 0 || limit >= most) {
                return Ok(self.ended(incumbent, most, proven, effort));
            }
            if effort.cut {
                spare -= 1;
            } else {
                proven = limit;
            }
            let growth = if spent - effort.left < NEXT_TO_NOTHING { FAST_GROWTH } else { GROWTH };
            more = more.saturating_mul(growth).min(most.saturating_sub(base));
            if let Some(lost) = lost {
                more = more.min(lost - base);
            }
        }
    }

    const fn joiner(&self) -> Joiner<'_> {
        Joiner { programme: self.programme, keys: self.keys, prices: self.prices }
    }

    fn ended(&self, incumbent: Option<(Incumbent, Vec<i64>)>, most: i128, proven: i128, effort: &Effort) -> Found {
        let bound = self.prices.bound;
        match incumbent {
            Some((kept, amounts)) if bound - kept.key <= most => {
                let proven = if effort.cut { bound - proven } else { kept.key };
                let bound = proven.max(kept.key);
                let proven = bound == kept.key && !(effort.cut && self.keys.ties);
                Found::Best(Best { key: kept.key, amounts, bound, proven })
            }
            _ if effort.cut => Found::Unknown,
            _ => Found::None,
        }
    }

    /// A fraction of what one project is worth.
    fn first_limit(&self) -> i128 {
        let worth: i128 = self.keys.worth.iter().map(|worth| worth.base.abs()).sum();
        let items = i128::try_from(self.keys.worth.len().max(1)).unwrap_or(1);
        (worth / items / 32).max(1)
    }

    /// How the groups stand when every envelope keeps to its limit; `None` when one is then overfull.
    fn groups(&self, limits: &[i128], effort: &mut Effort) -> Result<Option<Groups>, Crowded> {
        let all = self.programme.groups.len();
        let (mut binding, mut shared) = (vec![false; all], vec![None; all]);
        let mut out = vec![false; self.programme.items.len()];
        let mut may = vec![false; self.programme.items.len()];
        let mut must = may.clone();
        for (envelope, limit) in limits.iter().enumerate() {
            for place in &self.prices.envelopes[envelope].items {
                let (funded, decision) = (self.worth(*place, envelope), self.programme.items[*place].decision);
                may[*place] = decision != Some(false) && (decision.is_some() || -funded <= *limit);
                must[*place] = decision == Some(true) || decision.is_none() && funded > *limit;
                out[*place] = decision.is_none() && !may[*place];
                effort.pruned |= decision.is_none() && funded.abs() > *limit;
            }
        }
        let mut room = Room::default();
        // Whoever is put out by a full group may open another one's question, never close it: one pass suffices.
        for (_, group) in self.programme.groups.iter().enumerate().filter(|(group, _)| self.prices.enforced[*group]) {
            let certain = count(group.members.iter().filter(|member| must[**member]));
            if certain > group.at_most {
                return Ok(None);
            }
            if certain == group.at_most {
                group.members.iter().filter(|member| !must[**member]).for_each(|member| out[*member] = true);
            }
        }
        for (number, group) in
            self.programme.groups.iter().enumerate().filter(|(group, _)| self.prices.enforced[*group])
        {
            let open = || group.members.iter().filter(|member| may[**member] && !out[**member]);
            binding[number] = count(open()) > group.at_most;
            let mut categories: Vec<_> = open().map(|member| self.programme.items[*member].category).collect();
            categories.sort_unstable();
            categories.dedup();
            if binding[number] && categories.len() > 1 {
                shared[number] = Some(room.take(group.at_most, self.prices.groups[number]).ok_or(Crowded)?);
            }
        }
        Ok(Some(Groups { binding, shared, out, room }))
    }

    /// What a funded item is worth after all prices.
    fn worth(&self, place: usize, envelope: usize) -> i128 {
        let (item, worth) = (&self.programme.items[place], self.keys.worth[place]);
        let envelope = &self.prices.envelopes[envelope];
        let least = worth.base - envelope.money * i128::from(item.min) - self.prices.dues[place] - envelope.place;
        least + (worth.slope - envelope.money).max(0) * i128::from(item.ask - item.min)
    }

    fn scope<'a>(&'a self, envelope: usize, groups: &'a Groups, whole: bool) -> Scope<'a> {
        let mut others_most = 0_i64;
        for (_, other) in self.prices.envelopes.iter().enumerate().filter(|(place, _)| *place != envelope) {
            let asks: i64 = other.items.iter().map(|item| self.programme.items[*item].ask).sum();
            let most = other.bounds.max_amount.map_or(asks, |most| most.min(asks));
            others_most = others_most.saturating_add(most);
        }
        Scope {
            programme: self.programme,
            keys: self.keys,
            prices: self.prices,
            envelope,
            groups,
            by_loss: false,
            others_least: 0,
            others_most,
            whole,
        }
    }

    /// What this envelope gives up by itself at least; `None` when it cannot be had at all.
    ///
    /// Groups are left aside here: whatever they forbid, less is given up without them. What a group forbids may have
    /// dominated what it allows, so states are then told apart by their loss alone, as far as that costs little.
    fn least_loss(&self, envelope: usize, most: i128, effort: &mut Effort) -> Result<Option<i128>, Crowded> {
        let by_loss = self.prices.enforced.contains(&true);
        let mut limit = self.first_limit().min(most);
        let mut proven = 0;
        let groups = Groups::none(self.programme);
        let mut own = if by_loss { Effort::of(LOSS_EFFORT, LOSS_WIDTH) } else { Effort::of(effort.left, effort.width) };
        loop {
            own.pruned = false;
            let spent = own.left;
            let scope = Scope { by_loss, ..self.scope(envelope, &groups, false) };
            let states = scope.states(limit, &mut Trail::default(), &mut own)?;
            let used = spent - own.left;
            effort.spend(usize::try_from(used).unwrap_or(usize::MAX));
            let least = states.iter().map(|state| state.loss).min();
            if own.cut {
                effort.cut |= !by_loss;
                return Ok(Some(proven).filter(|_| by_loss || least.is_some()));
            }
            if least.is_some() || !own.pruned || limit >= most {
                return Ok(least);
            }
            proven = limit;
            let growth = if used < NEXT_TO_NOTHING { FAST_GROWTH } else { GROWTH };
            limit = limit.saturating_mul(growth).min(most);
        }
    }
}

fn count(things: impl Iterator) -> i64 {
    i64::try_from(things.count()).unwrap_or(i64::MAX)
}
