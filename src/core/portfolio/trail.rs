//! How a state came about: a shared chain of what was funded, so that a state need not carry its portfolio.

use std::cmp::Ordering;

/// The end of every chain.
pub(super) const START: u32 = u32::MAX;
/// In place of an item: the chain goes on in two.
const JOIN: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Node {
    parent: u32,
    item: u32,
    /// The amount of the item; of a join, the other chain.
    amount: i64,
}

/// A chain and one more amount that is not in it yet (0: none).
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) node: u32,
    pub(super) item: u32,
    pub(super) amount: i64,
}

impl Head {
    pub(super) const fn at(node: u32) -> Self {
        Self { node, item: 0, amount: 0 }
    }
}

/// All chains of one search.
#[derive(Debug, Default)]
pub(super) struct Trail(Vec<Node>);

impl Trail {
    fn push(&mut self, node: Node) -> u32 {
        self.0.push(node);
        u32::try_from(self.0.len() - 1).unwrap_or(START)
    }

    /// The chain with its one more amount. A later amount of an item takes the place of an earlier one.
    pub(super) fn fund(&mut self, head: Head) -> u32 {
        if head.amount == 0 {
            return head.node;
        }
        self.push(Node { parent: head.node, item: head.item, amount: head.amount })
    }

    pub(super) fn join(&mut self, one: u32, other: u32) -> u32 {
        match (one, other) {
            (START, node) | (node, START) => node,
            _ => self.push(Node { parent: one, item: JOIN, amount: i64::from(other) }),
        }
    }

    fn node(&self, at: u32) -> Node {
        self.0[at as usize]
    }

    /// Everything in a chain, the latest first.
    fn whole(&self, at: u32, into: &mut Vec<(u32, i64)>) {
        let mut waiting = vec![at];
        while let Some(mut at) = waiting.pop() {
            while at != START {
                let node = self.node(at);
                if node.item == JOIN {
                    waiting.push(u32::try_from(node.amount).unwrap_or(START));
                } else {
                    into.push((node.item, node.amount));
                }
                at = node.parent;
            }
        }
    }

    /// What two chains do not share, the latest first.
    fn apart(&self, mut one: u32, mut other: u32, left: &mut Vec<(u32, i64)>, right: &mut Vec<(u32, i64)>) {
        while one != other {
            if one == START || other == START {
                self.whole(one, left);
                self.whole(other, right);
                return;
            }
            let (a, b) = (self.node(one), self.node(other));
            if a.item == JOIN || b.item == JOIN {
                if a.item == JOIN && b.item == JOIN {
                    let (a, b) = (u32::try_from(a.amount).unwrap_or(START), u32::try_from(b.amount).unwrap_or(START));
                    self.apart(a, b, left, right);
                    (one, other) = (self.node(one).parent, self.node(other).parent);
                    continue;
                }
                self.whole(one, left);
                self.whole(other, right);
                return;
            }
            // A parent is always older than its child, so the younger one cannot be shared.
            if one > other {
                left.push((a.item, a.amount));
                one = a.parent;
            } else {
                right.push((b.item, b.amount));
                other = b.parent;
            }
        }
    }

    /// The order of the amounts in file order: greater is lexicographically larger.
    pub(super) fn compare(&self, one: &[Head], other: &[Head]) -> Ordering {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (list, heads) in [(&mut left, one), (&mut right, other)] {
            list.extend(heads.iter().filter(|head| head.amount != 0).map(|head| (head.item, head.amount)));
        }
        for (a, b) in one.iter().zip(other) {
            self.apart(a.node, b.node, &mut left, &mut right);
        }
        for list in [&mut left, &mut right] {
            list.sort_by_key(|(item, _)| *item);
            list.dedup_by_key(|(item, _)| *item);
        }
        for (a, b) in left.iter().zip(&right) {
            if a != b {
                // Whoever funds the earlier item has the larger amount there.
                return b.0.cmp(&a.0).then(a.1.cmp(&b.1));
            }
        }
        left.len().cmp(&right.len())
    }

    /// The amounts of a chain, item by item.
    pub(super) fn amounts(&self, heads: &[Head], items: usize) -> Vec<i64> {
        let mut whole: Vec<(u32, i64)> =
            heads.iter().filter(|head| head.amount != 0).map(|head| (head.item, head.amount)).collect();
        heads.iter().for_each(|head| self.whole(head.node, &mut whole));
        let mut amounts = vec![0; items];
        for (item, amount) in whole.into_iter().rev() {
            amounts[item as usize] = amount;
        }
        amounts
    }
}
