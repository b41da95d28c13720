//! How funds and matching pools live.

use crate::core::lifecycle::{Lifecycle, Part, mv, mv2};
use crate::core::money::{format_bps, share_bps};
use crate::error::Violation;
use crate::living;
use chrono::NaiveDate;
use entities::kinds::FundStage::{self, Active, Approved, Closed, Closing, Declined, Draft, Merged, Submitted};
use entities::kinds::{MatchPoolStage, OrganisationId, SpendingType};

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

/// Whether a committee may have this size: none, or an odd number of at least the policy's.
pub fn committee_fits(size: i32, least: i64) -> bool {
    size == 0 || (i64::from(size) >= least && size % 2 == 1)
}

/// What a fund agreement says of the committee's votes and of an endowment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Votes that must be given, of all, in basis points.
    pub quorum_bps: i32,
    /// More than this of the votes given must be for it.
    pub majority_bps: i32,
    /// Whether an award needs a resolution.
    pub needs_resolution: bool,
    /// Most of what was received that an endowed fund promises in a year, in basis points; 0 for one whose capital may be spent.
    pub spend_cap_bps: i32,
}

impl Default for Terms {
    fn default() -> Self {
        Self { quorum_bps: 6_666, majority_bps: 5_000, needs_resolution: false, spend_cap_bps: 0 }
    }
}

impl Terms {
    /// What of the terms does not fit, by the field.
    pub fn wrong(&self, spending: SpendingType, committee_size: i32) -> Vec<Violation> {
        let mut wrong = Vec::new();
        let mut within = |field: &str, bps: i32, least: i32, most: i32| {
            if !(least..=most).contains(&bps) {
                let [least, most] = [least, most].map(|bps| format_bps(i64::from(bps)));
                wrong.push(Violation::at(field, "refused-out-of-range").with("least", least).with("most", most));
            }
        };
        within("quorum_bps", self.quorum_bps, 5_000, 10_000);
        within("majority_bps", self.majority_bps, 5_000, 9_999);
        match spending {
            SpendingType::Endowed => within("spend_cap_bps", self.spend_cap_bps, 1, 10_000),
            SpendingType::Expendable if self.spend_cap_bps != 0 => {
                wrong.push(Violation::at("spend_cap_bps", "refused-fund-cap-expendable"));
            }
            SpendingType::Expendable => {}
        }
        if self.needs_resolution && committee_size == 0 {
            wrong.push(Violation::at("needs_resolution", "refused-fund-resolution-committee"));
        }
        wrong
    }
}

/// What an endowed fund may still promise in a year: its cap of what was received, less what the year has promised already.
pub fn endowment_leaves(received_minor: i64, cap_bps: i32, promised_minor: i64) -> i64 {
    let cap = i128::from(received_minor.max(0)) * i128::from(cap_bps) / 10_000;
    i64::try_from(cap).unwrap_or(i64::MAX).saturating_sub(promised_minor)
}

/// What share of what was received is spent, in basis points; none before anything was received.
pub fn spend_rate_bps(received_minor: i64, paid_minor: i64, fee_minor: i64) -> Option<i64> {
    share_bps(paid_minor.saturating_add(fee_minor), received_minor)
}

/// What share of what was spent reached beneficiaries, in basis points; none before anything was spent.
pub fn reached_bps(paid_minor: i64, fee_minor: i64) -> Option<i64> {
    share_bps(paid_minor, paid_minor.saturating_add(fee_minor))
}

/// How many whole periods a fund with free money has promised and paid nothing; none as long as it is not idle.
pub fn idle_periods(last_moved: NaiveDate, today: NaiveDate, idle_days: i64, available_minor: i64) -> Option<i64> {
    let days = today.signed_duration_since(last_moved).num_days();
    (available_minor > 0 && idle_days > 0 && days >= idle_days).then(|| days / idle_days)
}

/// Why these shares are none, if they are none: a joint fund has at least two initiators, each once, and their shares are the whole.
pub fn shares_wrong(shares: &[(OrganisationId, i32)]) -> Option<&'static str> {
    let mut initiators: Vec<OrganisationId> = shares.iter().map(|(initiator, _)| *initiator).collect();
    initiators.sort_unstable();
    if initiators.len() < 2 {
        return Some("refused-joint-two");
    }
    if initiators.windows(2).any(|pair| pair[0] == pair[1]) {
        return Some("refused-joint-twice");
    }
    let whole = shares.iter().map(|(_, share)| i64::from(*share)).sum::<i64>() == 10_000;
    let some = shares.iter().all(|(_, share)| *share > 0);
    if whole && some { None } else { Some("refused-joint-whole") }
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
        let fitting: Vec<i32> = (0..10).filter(|size| committee_fits(*size, 5)).collect();
        assert_eq!(fitting, [0, 5, 7, 9]);
    }

    #[test]
    fn terms_fit_the_fund() {
        let wrong =
            |terms: Terms, spending, size| terms.wrong(spending, size).iter().map(|w| w.code).collect::<Vec<_>>();
        let terms = Terms::default();
        assert!(wrong(terms, SpendingType::Expendable, 5).is_empty());
        assert_eq!(wrong(terms, SpendingType::Endowed, 5), ["refused-out-of-range"], "an endowment has a cap");
        let capped = Terms { spend_cap_bps: 500, ..terms };
        assert_eq!(wrong(capped, SpendingType::Expendable, 5), ["refused-fund-cap-expendable"]);
        let odd = Terms { quorum_bps: 4_999, majority_bps: 10_000, needs_resolution: true, ..terms };
        assert_eq!(wrong(odd, SpendingType::Expendable, 0).len(), 3);
    }

    #[test]
    fn an_endowment_promises_its_cap_and_no_fen_more() {
        assert_eq!(endowment_leaves(1_000_000, 500, 0), 50_000);
        assert_eq!(endowment_leaves(1_000_000, 500, 50_000), 0);
        assert_eq!(endowment_leaves(1_000_019, 500, 0), 50_000, "a part of a fen is not promised");
        assert_eq!(endowment_leaves(i64::MAX, 10_000, 0), i64::MAX);
        assert_eq!(endowment_leaves(-5, 500, 0), 0);
    }

    #[test]
    fn rates_are_shares_of_a_whole() {
        assert_eq!(spend_rate_bps(9_836_000, 8_050_000, 80_500), Some(8_266));
        assert_eq!(reached_bps(8_050_000, 80_500), Some(9_901));
        assert_eq!((spend_rate_bps(0, 0, 0), reached_bps(0, 0)), (None, None));
    }

    #[test]
    fn a_fund_is_idle_once_a_period_and_only_with_free_money() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(day);
        assert_eq!(idle_periods(day(0), day(179), 180, 1), None);
        assert_eq!(idle_periods(day(0), day(180), 180, 1), Some(1));
        assert_eq!(idle_periods(day(0), day(359), 180, 1), Some(1));
        assert_eq!(idle_periods(day(0), day(360), 180, 1), Some(2));
        assert_eq!(idle_periods(day(0), day(360), 180, 0), None);
        assert_eq!(idle_periods(day(0), day(360), 0, 1), None);
    }

    #[test]
    fn shares_of_a_joint_fund_are_the_whole() {
        let of = |shares: &[(i64, i32)]| {
            shares_wrong(&shares.iter().map(|(id, bps)| (OrganisationId(*id), *bps)).collect::<Vec<_>>())
        };
        assert_eq!(of(&[(1, 6_000), (2, 4_000)]), None);
        assert_eq!(of(&[(1, 10_000)]), Some("refused-joint-two"));
        assert_eq!(of(&[(1, 5_000), (1, 5_000)]), Some("refused-joint-twice"));
        assert_eq!(of(&[(1, 6_000), (2, 3_999)]), Some("refused-joint-whole"));
        assert_eq!(of(&[(1, 12_000), (2, -2_000)]), Some("refused-joint-whole"));
    }

    #[test]
    fn drafts_are_private_and_closed_funds_take_nothing() {
        assert!(!is_public(Draft) && !is_public(Submitted) && !is_public(Declined) && is_public(Closed));
        assert!(takes_gifts(Approved) && takes_gifts(Active) && !takes_gifts(Closing) && !takes_gifts(Draft));
        assert!(takes_payments(Closing) && !takes_payments(Closed) && !takes_payments(Merged));
    }
}
