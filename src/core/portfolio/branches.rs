//! Groups that are too entangled to be counted side by side: in or out, project by project.
//!
//! At each node the groups are priced (`prices`) and then left aside, so that a search without them gives a bound: its
//! best key after the prices, plus what the places are worth. If that portfolio keeps to the groups and leaves no priced
//! place over, it is the best below this node. Otherwise a member of a group that it breaks, or leaves a place of, is
//! funded in one branch and left out in the other.

use super::prices::{Active, fit};
use super::programme::{Keys, Programme};
use super::rounds::{Best, FIT_COST, Found, Wish, without_groups};
use super::states::Effort;
use std::cmp::Ordering;

/// Nodes of one search.
const NODES: usize = 3_000;

struct Node {
    programme: Programme,
    /// No key below this node is above it.
    bound: i128,
}

/// What one node says.
enum Said {
    /// Nothing of interest below.
    Nothing,
    /// The best below, or at least a bound, and the member to branch on.
    Portfolio { amounts: Vec<i64>, bound: i128, fits: bool, next: Option<usize> },
    /// The effort was spent.
    Unknown,
}

/// Searches with all groups. `best` is what is known already.
pub(super) fn search(
    programme: &Programme,
    keys: &Keys,
    wish: Wish,
    (active, mut best): (&mut Active, Option<Best>),
    effort: &mut Effort,
) -> Found {
    let mut open = vec![Node { programme: programme.clone(), bound: i128::MAX }];
    let (mut nodes, mut cut) = (0, None);
    active.groups.fill(true);
    while let Some(node) = open.pop() {
        let least = best.as_ref().map(|best| best.key + i128::from(!keys.ties)).max(wish.at_least);
        if least.is_some_and(|least| node.bound < least) {
            continue;
        }
        nodes += 1;
        effort.spend(programme.items.len() * FIT_COST * 4);
        if nodes > NODES || effort.left == 0 && best.is_some() || effort.spent() {
            cut = open.iter().map(|node| node.bound).chain([node.bound]).max();
            break;
        }
        match said(&node, keys, least, active, effort) {
            Said::Nothing => {}
            Said::Unknown => {
                cut = open.iter().map(|node| node.bound).chain([node.bound]).max();
                break;
            }
            Said::Portfolio { amounts, bound, fits, next } => {
                let key = keys.of(programme, &amounts);
                let better = best.as_ref().is_none_or(|best| {
                    key.cmp(&best.key).then_with(|| amounts.cmp(&best.amounts)) == Ordering::Greater
                });
                if fits && better && wish.at_least.is_none_or(|least| key >= least) {
                    best = Some(Best { key, amounts, bound: key, proven: true });
                    if wish.any {
                        break;
                    }
                }
                for funded in if next.is_some() { vec![false, true] } else { Vec::new() } {
                    let mut programme = node.programme.clone();
                    if let Some(next) = next {
                        programme.items[next].decision = Some(funded);
                    }
                    open.push(Node { programme, bound: bound.min(node.bound) });
                }
            }
        }
    }
    ended(best, cut)
}

fn ended(best: Option<Best>, cut: Option<i128>) -> Found {
    match (best, cut) {
        (Some(best), None) => Found::Best(Best { bound: best.key, proven: true, ..best }),
        (Some(best), Some(bound)) => Found::Best(Best { bound: bound.max(best.key), proven: false, ..best }),
        (None, None) => Found::None,
        (None, Some(_)) => Found::Unknown,
    }
}

fn said(node: &Node, keys: &Keys, least: Option<i128>, active: &mut Active, effort: &mut Effort) -> Said {
    let mut programme = node.programme.clone();
    if !settle(&mut programme) {
        return Said::Nothing;
    }
    let prices = fit(&programme, keys, active);
    if least.is_some_and(|least| prices.bound < least) {
        return Said::Nothing;
    }
    let mut priced = keys.clone();
    for (worth, dues) in priced.worth.iter_mut().zip(&prices.dues) {
        worth.base -= dues;
    }
    let places: i128 =
        programme.groups.iter().zip(&prices.groups).map(|(group, price)| i128::from(group.at_most) * price).sum();
    let wish = Wish { at_least: least.map(|least| least - places), any: false, effort: 0 };
    let groups = std::mem::take(&mut programme.groups);
    let found = without_groups(&programme, &priced, wish, active, effort);
    programme.groups = groups;
    match found {
        Found::None => Said::Nothing,
        Found::Unknown => Said::Unknown,
        Found::Best(found) => {
            let bound = found.bound + places;
            let (fits, next) = judged(&programme, &prices.groups, &found.amounts);
            // Where nothing is left to branch on, and the search was exact, the portfolio is the best below.
            let next = if fits && keys.of(&programme, &found.amounts) == bound { None } else { next };
            Said::Portfolio { amounts: found.amounts, bound, fits, next }
        }
    }
}

/// Leaves out whoever finds their group full; whether all groups can be kept to.
fn settle(programme: &mut Programme) -> bool {
    for group in &programme.groups {
        let funded = group.members.iter().filter(|member| programme.items[**member].decision == Some(true)).count();
        let funded = i64::try_from(funded).unwrap_or(i64::MAX);
        if funded > group.at_most {
            return false;
        }
        if funded == group.at_most {
            for member in &group.members {
                let decision = &mut programme.items[*member].decision;
                *decision = decision.or(Some(false));
            }
        }
    }
    true
}

/// Whether the amounts keep to all groups, and the undecided member that matters most where they do not, or where a place
/// that has a price is left over.
fn judged(programme: &Programme, prices: &[i128], amounts: &[i64]) -> (bool, Option<usize>) {
    let (mut fits, mut next, mut most) = (true, None, 0);
    for (group, price) in programme.groups.iter().zip(prices) {
        let funded = group.members.iter().filter(|member| amounts[**member] > 0).count();
        let over = i64::try_from(funded).unwrap_or(i64::MAX) - group.at_most;
        fits &= over <= 0;
        if over == 0 || over < 0 && *price == 0 {
            continue;
        }
        let undecided = group.members.iter().filter(|member| programme.items[**member].decision.is_none());
        // Broken groups come first, then places left over.
        let candidates = undecided.filter(|member| (amounts[**member] > 0) == (over > 0));
        let Some(member) = candidates.max_by_key(|member| (programme.items[**member].score, **member)) else {
            continue;
        };
        let weight = if over > 0 { i128::MAX / 2 } else { *price };
        if weight > most {
            (next, most) = (Some(*member), weight);
        }
    }
    (fits, next)
}
