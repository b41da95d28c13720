//! How funds and matching pools live.

use crate::core::lifecycle::{Lifecycle, Part, mv, mv2};
use crate::living;
use entities::kinds::FundStage::{self, Active, Approved, Closed, Closing, Declined, Draft, Merged, Submitted};
use entities::kinds::MatchPoolStage;

/// A fund. Frozen is a hold, not a stage.
pub const FUND: Lifecycle<FundStage> = Lifecycle {
    name: "fund",
    starts: &[Draft],
    moves: &[
        mv(Draft, "submit", Submitted, &[Part::Signatory]).when("mode public has its qualification and filing numbers"),
        mv(Submitted, "approve", Approved, &[Part::Administrator]).when("with the number of the board minute"),
        mv(Submitted, "decline", Declined, &[Part::Administrator]).when("with the board minute and a reason"),
        mv(Approved, "activate", Active, &[Part::System]).when("signed by both, opening amount received"),
        mv(Active, "start-closing", Closing, &[Part::Administrator]).when("no open award"),
        mv2(Closing, "close", Closed, Part::Finance, Part::Approver)
            .when("nothing open, no receipt that waits; balance zero after the residue decision"),
        mv2(Active, "merge", Merged, Part::Administrator, Part::Administrator)
            .when("the receiving fund is active, four documents noted"),
        mv2(Closing, "merge", Merged, Part::Administrator, Part::Administrator)
            .when("the receiving fund is active, four documents noted"),
    ],
};

/// A matching pool.
pub const POOL: Lifecycle<MatchPoolStage> = Lifecycle {
    name: "pool",
    starts: &[MatchPoolStage::Proposed],
    moves: &[
        mv2(MatchPoolStage::Proposed, "confirm", MatchPoolStage::Open, Part::Finance, Part::Approver)
            .when("the reserve holds the whole pool"),
        mv(MatchPoolStage::Proposed, "decline", MatchPoolStage::Closed, &[Part::Finance, Part::Approver]),
        mv(MatchPoolStage::Open, "close", MatchPoolStage::Closed, &[Part::Finance, Part::Approver])
            .when("what is left goes back to the reserve"),
    ],
};

living!(fund, FundStage, Fund, FUND);
living!(match_pool, MatchPoolStage, MatchPool, POOL);

/// Fewest members of a committee, where there is one.
pub const COMMITTEE_LEAST: i32 = 5;

/// Whether a committee may have this size: none, or an odd number of at least five.
pub const fn committee_fits(size: i32) -> bool {
    size == 0 || (size >= COMMITTEE_LEAST && size % 2 == 1)
}

/// Whether the public may see a fund at this stage.
pub const fn is_public(stage: FundStage) -> bool {
    matches!(stage, Approved | Active | Closing | Closed | Merged)
}

/// Whether a fund takes gifts at this stage.
pub const fn takes_gifts(stage: FundStage) -> bool {
    matches!(stage, Approved | Active)
}

/// Whether a payment that was begun while the fund took gifts still arrives: also once the fund began to close meanwhile, for
/// the donor has paid, and the fund cannot be closed before that gift is received or over.
pub const fn takes_payments(stage: FundStage) -> bool {
    takes_gifts(stage) || matches!(stage, Closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_committee_is_odd_and_at_least_five() {
        let fitting: Vec<i32> = (0..10).filter(|size| committee_fits(*size)).collect();
        assert_eq!(fitting, [0, 5, 7, 9]);
    }

    #[test]
    fn drafts_are_private_and_closed_funds_take_nothing() {
        assert!(!is_public(Draft) && !is_public(Submitted) && !is_public(Declined) && is_public(Closed));
        assert!(takes_gifts(Approved) && takes_gifts(Active) && !takes_gifts(Closing) && !takes_gifts(Draft));
        assert!(takes_payments(Closing) && !takes_payments(Closed) && !takes_payments(Merged));
    }
}
