//! What one envelope may do: every way to spend in it that gives up no more than a limit, the dominated ones left out.
//!
//! Item by item, a state is (money, count, places taken in groups, the item whose amount is still open). Two states
//! alike in these have the same future, so the one with the smaller key is dropped, and so is one that has spent more
//! for a smaller key wherever less money can be no harm.
//!
//! Partial items need no state for each amount. Steps are alike, so of two partial items of one envelope the one that
//! adds more per unit (or stands earlier in the file) is filled first: in file of decreasing slope all funded are full,
//! then one is open, then all are at their minimum. Only the open one (`pending`) has an amount yet to be found.

use super::prices::Prices;
use super::programme::{Keys, Programme};
use super::states::{Effort, Field, Groups, NOTHING, Rule, State, thin};
use super::trail::{Head, Trail};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One envelope under its prices.
pub(super) struct Scope<'a> {
    pub(super) programme: &'a Programme,
    pub(super) keys: &'a Keys,
    pub(super) prices: &'a Prices,
    pub(super) envelope: usize,
    /// How each group stands under the limits of this round.
    pub(super) groups: &'a Groups,
    /// Only the least loss is asked for, not the best key.
    pub(super) by_loss: bool,
    /// The least and the most that all other envelopes spend.
    pub(super) others_least: i64,
    pub(super) others_most: i64,
    /// Whether what the whole budget gives up counts here too.
    pub(super) whole: bool,
}

/// An item under its prices.
#[derive(Debug, Clone)]
struct Line {
    place: usize,
    best: i128,
    /// What it is worth at its minimum after all prices.
    net: i128,
    /// What every unit more is worth after its price.
    tilt: i128,
    more: i64,
    fields: Vec<Field>,
    closing: Vec<Field>,
    /// Of all later lines: their asks, and how many they are.
    rest_money: i64,
    rest_count: i64,
}

impl Line {
    fn full(&self) -> i128 {
        self.net + self.tilt * i128::from(self.more)
    }
    fn funded(&self) -> i128 {
        self.net.max(self.full())
    }
}

/// Too many groups are open at once to be counted side by side.
#[derive(Debug)]
pub(super) struct Crowded;

impl Scope<'_> {
    /// Every closed state of the envelope that gives up at most `limit`.
    pub(super) fn states(&self, limit: i128, trail: &mut Trail, effort: &mut Effort) -> Result<Vec<State>, Crowded> {
        let lines = self.lines(limit)?;
        let bounds = &self.prices.envelopes[self.envelope].bounds;
        let counted = bounds.max_count.is_some() || bounds.min_count.is_some();
        let (least, fewest) = (bounds.min_amount.unwrap_or(0), bounds.min_count.unwrap_or(0));
        let rule = Rule { least, fewest, ties: self.keys.ties, by_loss: self.by_loss };
        let cap = self.cap();
        let mut states = vec![State::empty()];
        for line in &lines {
            let mut next = Vec::with_capacity(states.len() * 2);
            for state in &states {
                self.branch(line, state, counted, &mut next);
            }
            effort.spend(next.len());
            next.retain(|state| state.money <= cap && self.may_be(line, state));
            let all = next.len();
            next.retain(|state| state.loss + self.ahead(line, state) <= limit);
            effort.pruned |= next.len() < all;
            thin(&mut next, rule, trail, effort);
            for state in &mut next {
                state.head = Head::at(trail.fund(state.head));
            }
            states = next;
        }
        let mut closed = Vec::with_capacity(states.len());
        for state in &states {
            self.close(&lines, state, trail, &mut closed);
        }
        let all = closed.len();
        closed.retain(|state| state.loss <= limit);
        effort.pruned |= closed.len() < all;
        thin(&mut closed, Rule { least: 0, fewest: 0, ..rule }, trail, effort);
        Ok(closed)
    }

    /// The most this envelope may spend.
    fn cap(&self) -> i64 {
        let budget = self.programme.ceiling().saturating_sub(self.others_least);
        self.prices.envelopes[self.envelope].bounds.max_amount.map_or(budget, |most| most.min(budget))
    }

    /// The items in the order they are gone through: the certain ones, the partial ones from the steepest slope down,
    /// then the others, the costliest to change first.
    fn lines(&self, limit: i128) -> Result<Vec<Line>, Crowded> {
        let envelope = &self.prices.envelopes[self.envelope];
        let mut lines: Vec<Line> = Vec::with_capacity(envelope.items.len());
        for place in envelope.items.iter().copied() {
            let (item, worth) = (&self.programme.items[place], self.keys.worth[place]);
            if item.decision == Some(false) || self.groups.out[place] {
                continue;
            }
            let price = envelope.money;
            let net = worth.base - price * i128::from(item.min) - self.prices.dues[place] - envelope.place;
            let mut line = Line {
                place,
                best: 0,
                net,
                tilt: worth.slope - price,
                more: item.ask - item.min,
                fields: Vec::new(),
                closing: Vec::new(),
                rest_money: 0,
                rest_count: 0,
            };
            line.best = if item.decision == Some(true) { line.funded() } else { line.funded().max(0) };
            lines.push(line);
        }
        let certain = |line: &Line| self.flip(line) > limit;
        lines.sort_by_cached_key(|line| match (line.more > 0, certain(line)) {
            (false, true) => (0, Reverse(0), line.place),
            (true, _) => (1, Reverse(self.keys.worth[line.place].slope), line.place),
            (false, false) => (2, Reverse(self.flip(line)), line.place),
        });
        let (mut money, mut count) = (0_i64, 0);
        for line in lines.iter_mut().rev() {
            (line.rest_money, line.rest_count) = (money, count);
            money = money.saturating_add(self.programme.items[line.place].ask);
            count += 1;
        }
        self.seat(&mut lines)?;
        Ok(lines)
    }

    /// What it costs to decide otherwise than the prices do.
    fn flip(&self, line: &Line) -> i128 {
        match self.programme.items[line.place].decision {
            Some(_) => i128::MAX,
            None => line.funded().abs(),
        }
    }

    /// Gives every group that may bind its field, from its first line here to its last.
    fn seat(&self, lines: &mut [Line]) -> Result<(), Crowded> {
        let mut lasts: BTreeMap<usize, usize> = BTreeMap::new();
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); lines.len()];
        let mut at = vec![usize::MAX; self.programme.items.len()];
        for (number, line) in lines.iter().enumerate() {
            at[line.place] = number;
        }
        for (number, group) in self.programme.groups.iter().enumerate() {
            if !self.groups.binding[number] {
                continue;
            }
            for member in group.members.iter().filter(|member| at[**member] != usize::MAX) {
                groups[at[*member]].push(number);
                let last = lasts.entry(number).or_insert(0);
                *last = (*last).max(at[*member]);
            }
        }
        let mut open: BTreeMap<usize, Field> = BTreeMap::new();
        let mut room = self.groups.room.clone();
        for (number, line) in lines.iter_mut().enumerate() {
            for group in &groups[number] {
                if let Some(field) = self.groups.shared[*group] {
                    line.fields.push(field);
                    continue;
                }
                if !open.contains_key(group) {
                    let price = self.prices.groups[*group];
                    let field = room.take(self.programme.groups[*group].at_most, price).ok_or(Crowded)?;
                    open.insert(*group, field);
                }
                line.fields.push(open[group]);
                if lasts[group] == number {
                    line.closing.push(open[group]);
                }
            }
            line.closing.iter().for_each(|field| room.give_back(*field));
        }
        Ok(())
    }

    fn branch(&self, line: &Line, state: &State, counted: bool, into: &mut Vec<State>) {
        let (item, worth) = (&self.programme.items[line.place], self.keys.worth[line.place]);
        if item.decision != Some(true) {
            let state = State { loss: state.loss + line.best, head: Head::at(state.head.node), ..*state };
            into.push(shut(line, state));
        }
        let mut signs = state.signs;
        for field in &line.fields {
            if field.taken(&signs) >= field.at_most {
                return;
            }
            signs[field.word] += 1 << field.shift;
        }
        let count = state.count + i64::from(counted);
        let place = u32::try_from(line.place).unwrap_or(NOTHING);
        let fund = |amount: i64, value: i128| State {
            money: state.money + amount,
            count,
            signs,
            key: state.key + worth.base + worth.slope * i128::from(amount - item.min),
            loss: state.loss + line.best - value,
            head: Head { node: state.head.node, item: place, amount },
            ..*state
        };
        if state.pending != NOTHING || line.more == 0 {
            into.push(shut(line, fund(item.min, line.net)));
            return;
        }
        into.push(shut(line, fund(item.ask, line.full())));
        into.push(shut(
            line,
            State { pending: place, cap: item.steps, open: item.min, ..fund(item.min, line.funded()) },
        ));
    }

    /// Whether bounds from below can still be met.
    fn may_be(&self, line: &Line, state: &State) -> bool {
        let bounds = &self.prices.envelopes[self.envelope].bounds;
        let reach = self.reach(line.rest_money, state);
        bounds.min_amount.is_none_or(|least| reach >= least)
            && bounds.min_count.is_none_or(|least| state.count + line.rest_count >= least)
            && bounds.max_count.is_none_or(|most| state.count <= most)
    }

    /// The most money this state may still come to.
    fn reach(&self, rest: i64, state: &State) -> i64 {
        state.money.saturating_add(rest).saturating_add(state.cap * self.programme.step)
    }

    /// What is certain to be given up yet: money and places that nobody is left to take.
    fn ahead(&self, line: &Line, state: &State) -> i128 {
        let mut ahead = self.ahead_here((line.rest_money, line.rest_count), state);
        if self.whole && self.prices.budget > 0 {
            let reach = self.reach(line.rest_money, state).saturating_add(self.others_most);
            ahead += self.prices.budget * short(self.programme.ceiling(), reach).max(0);
        }
        ahead
    }

    /// The same inside the envelope, with so much money and so many items still to come.
    fn ahead_here(&self, (money, count): (i64, i64), state: &State) -> i128 {
        let envelope = &self.prices.envelopes[self.envelope];
        let (bounds, own) = (&envelope.bounds, envelope.money - self.prices.budget);
        let mut ahead = 0;
        if own > 0 {
            let reach = self.reach(money, state);
            ahead += own * bounds.max_amount.map_or(0, |most| short(most, reach).max(0));
        } else if own < 0 {
            ahead -= own * bounds.min_amount.map_or(0, |least| short(state.money, least).max(0));
        }
        if envelope.place > 0 {
            ahead += envelope.place * bounds.max_count.map_or(0, |most| short(most, state.count + count).max(0));
        } else if envelope.place < 0 {
            ahead -= envelope.place * bounds.min_count.map_or(0, |least| short(state.count, least).max(0));
        }
        ahead
    }

    /// Ends a state: what is open gets the least and the most that fits here, or stays open between the two.
    fn close(&self, lines: &[Line], state: &State, trail: &mut Trail, into: &mut Vec<State>) {
        let bounds = &self.prices.envelopes[self.envelope].bounds;
        let step = self.programme.step;
        let least = bounds.min_amount.unwrap_or(0);
        let close = |state: State| {
            let loss = state.loss + self.ahead_here((0, 0), &state);
            State { loss, count: 0, ..state }
        };
        if state.pending == NOTHING {
            if state.money >= least && bounds.min_count.is_none_or(|fewest| state.count >= fewest) {
                into.push(close(*state));
            }
            return;
        }
        if bounds.min_count.is_some_and(|fewest| state.count < fewest) {
            return;
        }
        let Some(line) = lines.iter().find(|line| line.place == state.pending as usize) else { return };
        let (item, slope) = (&self.programme.items[line.place], self.keys.worth[line.place].slope);
        let low = ((least - state.money).max(0) + step - 1) / step;
        let high = state.cap.min((self.cap() - state.money).div_euclid(step));
        if low > high {
            return;
        }
        let mut give = |steps: i64, lost: i128| {
            let more = steps * step;
            let head = Head { node: state.head.node, item: state.pending, amount: item.min + more };
            State {
                money: state.money + more,
                key: state.key + slope * i128::from(more),
                loss: state.loss + lost,
                head: Head::at(if steps > 0 { trail.fund(head) } else { head.node }),
                ..*state
            }
        };
        let value = |steps: i64| line.net + line.tilt * i128::from(steps * step);
        let lost = |steps: i64| line.funded() - value(steps);
        for steps in if low == high { vec![low] } else { vec![low, high] } {
            into.push(close(State { pending: NOTHING, cap: 0, open: 0, ..give(steps, lost(steps)) }));
        }
        if high - low > 1 {
            let open = State { cap: high - low, open: item.min + low * step, ..give(low, lost(low).min(lost(high))) };
            into.push(close(open));
        }
    }
}

fn short(most: i64, reach: i64) -> i128 {
    i128::from(most) - i128::from(reach)
}

/// Closes the groups that end with this line: a place left over is given up.
fn shut(line: &Line, mut state: State) -> State {
    for field in &line.closing {
        let left = i128::try_from(field.at_most - field.taken(&state.signs)).unwrap_or(0);
        state.loss += field.price * left;
        state.signs[field.word] &= !field.mask();
    }
    state
}
