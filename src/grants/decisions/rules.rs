//! How batches, items and objections live, and what a ranking proposes.

use crate::core::lifecycle::{Lifecycle, Part, mv};
use crate::living;
use entities::kinds::BatchStage::{self, Approved, Decided, Draft, Submitted};
use entities::kinds::ItemStage::{self, Drafted, Final, Held, Noticed, Released};
use entities::kinds::ObjectionStage::{self, Dismissed, Escalated, Filed, Upheld, UpheldInPart};
use entities::kinds::{ApplicationId, Outcome};

const ANSWERS: &[Part] = &[Part::Officer, Part::Administrator];

/// A decision batch.
pub const BATCH: Lifecycle<BatchStage> = Lifecycle {
    name: "batch",
    starts: &[Draft],
    moves: &[
        mv(Draft, "submit", Submitted, &[Part::Chair, Part::Officer]).when("its scores are those of today"),
        mv(Submitted, "approve", Approved, &[Part::Approver])
            .when("had no hand in it, nobody of the panel, no conflict"),
        mv(Submitted, "return", Draft, &[Part::Approver, Part::System]).when("with reasons, or a recusal"),
        mv(Approved, "decide", Decided, &[Part::System]).when("every item is final or released"),
    ],
};

/// A decision about one application.
pub const ITEM: Lifecycle<ItemStage> = Lifecycle {
    name: "item",
    starts: &[Drafted],
    moves: &[
        mv(Drafted, "notice", Noticed, &[Part::Approver]).when("an approval is reserved in the books"),
        mv(Noticed, "object", Held, &[Part::Anyone]).when("within the window, the same ground once"),
        mv(Held, "change", Noticed, ANSWERS).when("upheld in part: noticed again in full"),
        mv(Held, "resume", Noticed, ANSWERS).when("dismissed: the remaining days"),
        mv(Held, "release", Released, ANSWERS).when("upheld: the money is given back"),
        mv(Noticed, "fall", Released, &[Part::System])
            .when("withdrawn, or an appeal is upheld: the money is given back"),
        mv(Held, "fall", Released, &[Part::System]).when("withdrawn, or an appeal is upheld: the money is given back"),
        mv(Final, "fall", Released, &[Part::System]).when("withdrawn, or an appeal is upheld; no award is there"),
        mv(Noticed, "bar", Released, &[Part::System])
            .when("the window is over, and the organisation is not eligible any more: the money is given back"),
        mv(Noticed, "finish", Final, &[Part::System]).when("the window is over"),
        mv(Final, "move-up", Noticed, &[Part::System]).when("from the reserve list, noticed as an approval"),
    ],
};

/// An objection.
pub const OBJECTION: Lifecycle<ObjectionStage> = Lifecycle {
    name: "objection",
    starts: &[Filed],
    moves: &[
        mv(Filed, "uphold", Upheld, &[Part::Officer]).when("not of the panel, no hand in it"),
        mv(Filed, "uphold-in-part", UpheldInPart, &[Part::Officer]).when("not of the panel, no hand in it"),
        mv(Filed, "dismiss", Dismissed, &[Part::Officer]).when("not of the panel, no hand in it"),
        mv(Filed, "escalate", Escalated, &[Part::System]).when("not answered by its day"),
        mv(Escalated, "uphold", Upheld, &[Part::Administrator]).when("not of the panel, no hand in it"),
        mv(Escalated, "uphold-in-part", UpheldInPart, &[Part::Administrator]).when("not of the panel, no hand in it"),
        mv(Escalated, "dismiss", Dismissed, &[Part::Administrator]).when("not of the panel, no hand in it"),
    ],
};

living!(decision_batch, BatchStage, DecisionBatch, BATCH);
living!(decision_item, ItemStage, DecisionItem, ITEM);
living!(objection, ObjectionStage, Objection, OBJECTION);

/// An application with its rank and what it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranked {
    /// Which.
    pub application: ApplicationId,
    /// Score in hundredths.
    pub score: i64,
    /// Rank by score; equal scores share one.
    pub rank: i64,
    /// What it asks for, at most the call's cap.
    pub amount_minor: i64,
}

/// What a ranking proposes: by rank, then by the earlier application, whoever fits into what is left of the envelope is
/// approved; the others stand in reserve in the same order.
pub fn propose(ranked: &mut [Ranked], envelope_minor: i64) -> Vec<(Ranked, Outcome)> {
    ranked.sort_by_key(|row| (row.rank, row.application));
    let mut left = envelope_minor;
    ranked
        .iter()
        .map(|row| {
            let outcome = if row.amount_minor == 0 {
                Outcome::Declined
            } else if row.amount_minor <= left {
                left -= row.amount_minor;
                Outcome::Approved
            } else {
                Outcome::Reserved
            };
            (*row, outcome)
        })
        .collect()
}

/// What an objection says, without what makes two writings of one ground differ.
pub fn same_ground(text: &str) -> String {
    text.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(application: i64, rank: i64, amount_minor: i64) -> Ranked {
        Ranked { application: ApplicationId(application), score: 9_000 - rank, rank, amount_minor }
    }

    #[test]
    fn the_envelope_is_filled_by_rank_and_a_smaller_bid_may_still_fit() {
        let mut rows = [ranked(1, 2, 80), ranked(2, 1, 60), ranked(3, 3, 40), ranked(4, 4, 0)];
        let proposed: Vec<_> =
            propose(&mut rows, 100).into_iter().map(|(row, outcome)| (row.application.0, outcome)).collect();
        let expected = [(2, Outcome::Approved), (1, Outcome::Reserved), (3, Outcome::Approved), (4, Outcome::Declined)];
        assert_eq!(proposed, expected);
    }

    #[test]
    fn a_ground_written_twice_is_the_same() {
        assert_eq!(same_ground(" The wall, is PRIVATE. "), same_ground("the wall is private"));
        assert_ne!(same_ground("墙属私人。"), same_ground("墙属公共"));
    }
}
