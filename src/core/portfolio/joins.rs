//! The envelopes side by side: their lists are joined under one limit, the shortest first, and the last two pair by pair.

use super::prices::Prices;
use super::programme::{Keys, Programme};
use super::states::{Effort, Groups, NARROW, NOTHING, Rule, State, thin};
use super::trail::{Head, START, Trail};
use std::cmp::Ordering;

/// Looking at a pair costs so much less than keeping a state.
const GLANCES: usize = 16;

/// The best whole portfolio so far.
pub(super) struct Incumbent {
    pub(super) key: i128,
    pub(super) heads: Vec<Head>,
}

/// What is joined under which prices.
pub(super) struct Joiner<'a> {
    pub(super) programme: &'a Programme,
    pub(super) keys: &'a Keys,
    pub(super) prices: &'a Prices,
}

impl Joiner<'_> {
    /// Joins the lists, the shortest first, and finds the best whole.
    pub(super) fn joined(
        &self,
        mut lists: Vec<Vec<State>>,
        groups: &Groups,
        limit: i128,
        trail: &mut Trail,
        effort: &mut Effort,
    ) -> Option<Incumbent> {
        lists.sort_by_key(Vec::len);
        for list in &mut lists {
            list.sort_by_key(|state| state.loss);
        }
        let mut rest: Vec<Rest> = lists.iter().map(|list| Rest::of(list, self.programme.step)).collect();
        let mut so_far = vec![State::empty()];
        let last = lists.pop();
        rest.reverse();
        for list in &lists {
            rest.pop();
            so_far = self.pairs(&so_far, list, &Join { groups, rest: Rest::all(&rest), limit }, trail, effort);
        }
        let join = Join { groups, rest: Rest::default(), limit };
        self.best_pair(&so_far, &last.unwrap_or_default(), &join, trail, effort)
    }

    fn pairs(
        &self,
        one: &[State],
        other: &[State],
        join: &Join<'_>,
        trail: &mut Trail,
        effort: &mut Effort,
    ) -> Vec<State> {
        let Join { rest, limit, .. } = *join;
        let most = self.programme.ceiling().saturating_sub(rest.least_money);
        let mut next = Vec::new();
        let (one, other) = (few(one, effort), few(other, effort));
        for a in one {
            if effort.spent() {
                effort.cut = true;
                break;
            }
            let (before, mut seen) = (next.len(), 0);
            for b in other {
                if a.loss + b.loss + rest.loss > limit {
                    effort.pruned = true;
                    break;
                }
                seen += 1;
                let Some(state) = both(a, b, most, join.groups) else { continue };
                let reach = state.money.saturating_add(state.cap * self.programme.step).saturating_add(rest.most_money);
                let short = i128::from(self.programme.ceiling()) - i128::from(reach);
                if state.loss + rest.loss + self.prices.budget * short.max(0) > limit {
                    effort.pruned = true;
                    continue;
                }
                next.push(state);
            }
            effort.spend(next.len() - before + seen / GLANCES);
            if next.len() > effort.width * 16 {
                thin(&mut next, Rule { least: 0, fewest: 0, ties: self.keys.ties, by_loss: false }, trail, effort);
            }
        }
        thin(&mut next, Rule { least: 0, fewest: 0, ties: self.keys.ties, by_loss: false }, trail, effort);
        for state in &mut next {
            let node = trail.join(state.head.node, state.other);
            (state.head, state.other) = (Head::at(node), START);
        }
        next.sort_by_key(|state| state.loss);
        next
    }

    /// The best of all pairs, what is open filled up.
    fn best_pair(
        &self,
        one: &[State],
        other: &[State],
        join: &Join<'_>,
        trail: &Trail,
        effort: &mut Effort,
    ) -> Option<Incumbent> {
        let bound = self.prices.bound;
        let mut best: Option<(State, Head)> = None;
        let mut worst = join.limit;
        let (one, other) = (few(one, effort), few(other, effort));
        for a in one {
            let mut seen = 0;
            for b in other {
                if a.loss + b.loss > worst {
                    effort.pruned = true;
                    break;
                }
                seen += 1;
                let Some(state) = both(a, b, self.programme.ceiling(), join.groups) else { continue };
                let (state, grown) = self.grown(state);
                let better = best.as_ref().is_none_or(|(kept, head)| {
                    state.key.cmp(&kept.key).then_with(|| match self.keys.ties {
                        true => trail.compare(&heads(&state, grown), &heads(kept, *head)),
                        false => Ordering::Less,
                    }) == Ordering::Greater
                });
                if better {
                    worst = worst.min(bound - state.key);
                    best = Some((state, grown));
                }
            }
            effort.spend(seen / GLANCES);
            if effort.spent() {
                effort.cut = true;
                break;
            }
        }
        best.map(|(state, grown)| Incumbent { key: state.key, heads: heads(&state, grown).to_vec() })
    }

    /// The open item with as much as the budget leaves, or as little as may be where more is worse.
    fn grown(&self, state: State) -> (State, Head) {
        if state.pending == NOTHING {
            return (state, Head::at(START));
        }
        let (step, slope) = (self.programme.step, self.keys.worth[state.pending as usize].slope);
        let steps = if slope < 0 { 0 } else { state.cap.min((self.programme.ceiling() - state.money) / step) };
        let more = steps * step;
        let head = Head { node: START, item: state.pending, amount: state.open + more };
        (State { money: state.money + more, key: state.key + slope * i128::from(more), ..state }, head)
    }
}

/// Two states side by side, where money, groups and the one open item allow.
fn both(a: &State, b: &State, most: i64, groups: &Groups) -> Option<State> {
    let money = a.money + b.money;
    if money > most || (a.pending != NOTHING && b.pending != NOTHING) {
        return None;
    }
    let mut signs = a.signs;
    for field in groups.shared.iter().flatten() {
        let taken = field.taken(&b.signs);
        if taken > 0 {
            if field.taken(&signs) + taken > field.at_most {
                return None;
            }
            signs[field.word] += taken << field.shift;
        }
    }
    let State { pending, cap, open, .. } = if a.pending == NOTHING { *b } else { *a };
    let (key, loss) = (a.key + b.key, a.loss + b.loss);
    Some(State { money, count: 0, signs, pending, cap, open, key, loss, head: a.head, other: b.head.node })
}

/// All of a list, or its best once the effort is spent.
fn few<'a>(list: &'a [State], effort: &mut Effort) -> &'a [State] {
    let few = list.len().min(if effort.left == 0 { NARROW } else { usize::MAX });
    effort.cut |= few < list.len();
    &list[..few]
}

/// The chain of the amount an open item ended with stands first, because the latest amount counts.
const fn heads(state: &State, grown: Head) -> [Head; 3] {
    [grown, state.head, Head::at(state.other)]
}

/// Under what two lists are joined.
struct Join<'a> {
    groups: &'a Groups,
    rest: Rest,
    limit: i128,
}

/// What the lists to come add at least and at most.
#[derive(Debug, Clone, Copy, Default)]
struct Rest {
    loss: i128,
    least_money: i64,
    most_money: i64,
}

impl Rest {
    fn of(list: &[State], step: i64) -> Self {
        Self {
            loss: list.iter().map(|state| state.loss).min().unwrap_or(0),
            least_money: list.iter().map(|state| state.money).min().unwrap_or(0),
            most_money: list.iter().map(|state| state.money + state.cap * step).max().unwrap_or(0),
        }
    }

    fn all(rests: &[Self]) -> Self {
        rests.iter().fold(Self::default(), |sum, rest| Self {
            loss: sum.loss + rest.loss,
            least_money: sum.least_money.saturating_add(rest.least_money),
            most_money: sum.most_money.saturating_add(rest.most_money),
        })
    }
}
