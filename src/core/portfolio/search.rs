//! The one question that everything else asks: groups are counted side by side as long as that is cheap, and branched on after.

use super::branches;
use super::prices::Active;
use super::programme::{Keys, Programme};
use super::rounds::{Found, WIDTH, Wish, side_by_side};
use super::states::Effort;

/// The part of the effort that counting groups side by side may take, before they are branched on.
const GROUP_EFFORT: u64 = 40_000;

/// Searches with as few constraints as will do. `active` is taken as a hint and handed back for the next search, and what
/// was spent is taken off the effort of the wish.
pub(super) fn search(programme: &Programme, keys: &Keys, wish: &mut Wish, active: &mut Active) -> Found {
    let mut counted = Effort::of(wish.effort.min(GROUP_EFFORT), WIDTH);
    let before = counted.left;
    let found = side_by_side(programme, keys, *wish, active, &mut counted);
    wish.effort -= before - counted.left;
    let entangled = match found {
        Found::Best(best) if !best.proven => Some(best),
        Found::Unknown => None,
        settled => return settled,
    };
    let mut effort = Effort::of(wish.effort, WIDTH);
    let found = if active.groups.contains(&true) {
        branches::search(programme, keys, *wish, (active, entangled), &mut effort)
    } else {
        side_by_side(programme, keys, *wish, active, &mut effort)
    };
    wish.effort = effort.left;
    found
}
