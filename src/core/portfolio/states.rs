//! A way to have spent so far, when one may stand for another, and how many may be looked at.

use super::programme::Programme;
use super::trail::{Head, START, Trail};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// States kept of one list once the effort is spent: enough to end with something good.
pub(super) const NARROW: usize = 200;
/// States that may be looked at after that.
const OVERSPENT: u64 = 2_000_000;

/// No item is open.
pub(super) const NOTHING: u32 = u32::MAX;

/// Places taken in groups, packed.
pub(super) type Signs = [u128; 2];

/// Where the places of one group are counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) word: usize,
    pub(super) shift: u32,
    pub(super) bits: u32,
    pub(super) at_most: u128,
    /// Price of a place left over, paid once the group is closed.
    pub(super) price: i128,
}

impl Field {
    pub(super) const fn mask(self) -> u128 {
        ((1 << self.bits) - 1) << self.shift
    }

    pub(super) const fn taken(self, signs: &Signs) -> u128 {
        (signs[self.word] & self.mask()) >> self.shift
    }
}

/// Hands out room for fields, and takes it back.
#[derive(Debug, Clone, Default)]
pub(super) struct Room(Signs);

impl Room {
    pub(super) fn take(&mut self, at_most: i64, price: i128) -> Option<Field> {
        let at_most = u128::try_from(at_most).ok()?;
        let bits = u128::BITS - at_most.leading_zeros();
        for word in 0..self.0.len() {
            for shift in 0..(u128::BITS - bits) {
                let field = Field { word, shift, bits, at_most, price };
                if self.0[word] & field.mask() == 0 {
                    self.0[word] |= field.mask();
                    return Some(field);
                }
            }
        }
        None
    }

    pub(super) fn give_back(&mut self, field: Field) {
        self.0[field.word] &= !field.mask();
    }
}

/// One way to have spent so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) money: i64,
    pub(super) count: i64,
    pub(super) signs: Signs,
    /// The item that may still grow, and by how many steps.
    pub(super) pending: u32,
    pub(super) cap: i64,
    /// The amount it has without them.
    pub(super) open: i64,
    pub(super) key: i128,
    /// A lower bound of what was given up so far.
    pub(super) loss: i128,
    pub(super) head: Head,
    /// The other chain, of a joined state.
    pub(super) other: u32,
}

impl State {
    pub(super) const fn empty() -> Self {
        Self {
            money: 0,
            count: 0,
            signs: [0; 2],
            pending: NOTHING,
            cap: 0,
            open: 0,
            key: 0,
            loss: 0,
            head: Head::at(START),
            other: START,
        }
    }

    fn like(&self) -> (Signs, u32, i64) {
        (self.signs, self.pending, self.cap)
    }
}

/// What bounds the work.
#[derive(Debug)]
pub(super) struct Effort {
    /// States that may still be looked at.
    pub(super) left: u64,
    /// What was spent beyond, narrowly.
    pub(super) overspent: u64,
    /// States that are kept of one list.
    pub(super) width: usize,
    /// Something was left out for want of effort.
    pub(super) cut: bool,
    /// Something was left out because it gave up too much.
    pub(super) pruned: bool,
}

impl Effort {
    pub(super) const fn of(left: u64, width: usize) -> Self {
        Self { left, overspent: 0, width, cut: false, pruned: false }
    }

    pub(super) fn spend(&mut self, states: usize) {
        self.left = self.left.saturating_sub(states as u64);
        if self.left == 0 {
            self.width = self.width.min(NARROW);
            self.overspent += states as u64;
        }
    }

    /// Even what may be spent narrowly is spent.
    pub(super) const fn spent(&self) -> bool {
        self.overspent > OVERSPENT
    }
}

/// How the groups stand: which are still open, where those that reach over several envelopes are counted, and which
/// items are out because a group is full for certain.
#[derive(Debug)]
pub(super) struct Groups {
    pub(super) binding: Vec<bool>,
    pub(super) shared: Vec<Option<Field>>,
    pub(super) out: Vec<bool>,
    pub(super) room: Room,
}

impl Groups {
    /// No group is looked at.
    pub(super) fn none(programme: &Programme) -> Self {
        let groups = programme.groups.len();
        let out = vec![false; programme.items.len()];
        Self { binding: vec![false; groups], shared: vec![None; groups], out, room: Room::default() }
    }
}

/// When one state may stand for another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// Below so much money, and so few items, less is no better.
    pub(super) least: i64,
    pub(super) fewest: i64,
    /// Equal keys are told apart by the amounts.
    pub(super) ties: bool,
    pub(super) by_loss: bool,
}

/// Drops what cannot be part of the best: of states alike the smaller key, and whoever spent more for a smaller key.
pub(super) fn thin(states: &mut Vec<State>, rule: Rule, trail: &Trail, effort: &mut Effort) {
    let ties = rule.ties;
    if rule.by_loss {
        states.sort_unstable_by(|a, b| order(a).cmp(&order(b)).then(a.loss.cmp(&b.loss)));
        states.dedup_by(|next, kept| order(next) == order(kept));
    } else {
        states.sort_unstable_by(|a, b| order(a).cmp(&order(b)).then(b.key.cmp(&a.key)));
        states.dedup_by(|next, kept| {
            if order(next) != order(kept) {
                return false;
            }
            // The earlier one has the larger key; equal keys are told apart by the amounts.
            if ties && next.key == kept.key && compare(trail, next, kept) == Ordering::Greater {
                *kept = *next;
            }
            true
        });
        undominated(states, rule);
    }
    if states.len() > effort.width {
        states.sort_by_key(|state| state.loss);
        states.truncate(effort.width);
        effort.cut = true;
    }
}

fn undominated(states: &mut Vec<State>, Rule { least, fewest, ties, .. }: Rule) {
    let mut front: BTreeMap<i64, i128> = BTreeMap::new();
    let mut like = None;
    let mut count = 0;
    states.retain(|state| {
        if like != Some(state.like()) || (state.count != count && state.count <= fewest) {
            front.clear();
        }
        (like, count) = (Some(state.like()), state.count);
        // Equal keys may still differ in their amounts.
        let behind = |key: i128| key > state.key || (key == state.key && !ties);
        if front.range(..=state.money).next_back().is_some_and(|(_, key)| behind(*key)) {
            return false;
        }
        if state.money >= least {
            while let Some((money, key)) = front.range(state.money..).next().map(|(money, key)| (*money, *key)) {
                if key > state.key {
                    break;
                }
                front.remove(&money);
            }
            front.insert(state.money, state.key);
        }
        true
    });
}

const fn order(state: &State) -> (Signs, u32, i64, i64, i64) {
    (state.signs, state.pending, state.cap, state.count, state.money)
}

pub(super) fn compare(trail: &Trail, one: &State, other: &State) -> Ordering {
    trail.compare(&[one.head, Head::at(one.other)], &[other.head, Head::at(other.other)])
}
