//! How a motion lives, who is counted, and when it has passed.

use crate::core::lifecycle::{Lifecycle, Part, mv};
use crate::core::money::split_by_largest_remainder;
use crate::living;
use entities::kinds::MotionStage::{self, Lapsed, Open, Passed, Rejected, Withdrawn};
use entities::kinds::{ApplicationId, Ballot, ConflictGround, OrganisationId, PersonId};
use std::collections::BTreeMap;

/// A motion: what is proposed to a fund's committee.
pub const MOTION: Lifecycle<MotionStage> = Lifecycle {
    name: "motion",
    starts: &[Open],
    moves: &[
        mv(Open, "pass", Passed, CLOSERS).when("the quorum is there and more than the majority is for it"),
        mv(Open, "reject", Rejected, CLOSERS).when("the quorum is there and the majority is not"),
        mv(Open, "lapse", Lapsed, CLOSERS).when("fewer votes than the quorum"),
        mv(Open, "withdraw", Withdrawn, &[Part::Committee, Part::Officer])
            .when("by who moved it, before anybody voted"),
    ],
};

/// The clock on its day; the chair once everybody who may vote has.
const CLOSERS: &[Part] = &[Part::System, Part::Committee];

living!(motion, MotionStage, Motion, MOTION);

/// Votes of a joint fund's committee: the shares in basis points.
pub const JOINT_VOTES: i64 = 10_000;
/// Longest that a motion stays open, in days: what waits longer belongs on a new one.
pub const OPEN_DAYS: i64 = 60;

/// The votes of a motion as they were given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// For it.
    pub yes: i64,
    /// Against it.
    pub no: i64,
    /// Given, but for neither.
    pub abstained: i64,
    /// Votes there are, empty, silent and recused seats included.
    pub all: i64,
}

impl Tally {
    /// Adds one seat's votes.
    pub fn count(&mut self, ballot: Ballot, weight: i64) {
        match ballot {
            Ballot::For => self.yes += weight,
            Ballot::Against => self.no += weight,
            Ballot::Abstain => self.abstained += weight,
            Ballot::Waiting | Ballot::Recused => {}
        }
    }

    /// Votes given. An abstention is there; a recusal is not.
    pub fn given(self) -> i64 {
        self.yes + self.no + self.abstained
    }
}

/// Whether enough votes were given: at least the quorum of all there are. Recused seats are not taken off: where they leave too few,
/// the matter is the board's.
pub fn quorate(tally: Tally, quorum_bps: i32) -> bool {
    tally.given() > 0 && i128::from(tally.given()) * 10_000 >= i128::from(quorum_bps) * i128::from(tally.all)
}

/// The act that closes a motion with these votes: products of whole numbers, so that no rounding decides.
pub fn closing_act(tally: Tally, quorum_bps: i32, majority_bps: i32) -> &'static str {
    if !quorate(tally, quorum_bps) {
        return "lapse";
    }
    let more = i128::from(tally.yes) * 10_000 > i128::from(majority_bps) * i128::from(tally.given());
    if more { "pass" } else { "reject" }
}

/// The votes of each seat: one each, or in a joint fund the initiator's share split among those who sit for it, by largest
/// remainder, ties to the smaller key.
pub fn weights(shares: &[(OrganisationId, i32)], seats: &[(PersonId, Option<OrganisationId>)]) -> Vec<(PersonId, i64)> {
    if shares.is_empty() {
        return seats.iter().map(|(person, _)| (*person, 1)).collect();
    }
    let mut votes: BTreeMap<PersonId, i64> = seats.iter().map(|(person, _)| (*person, 0)).collect();
    for (initiator, share) in shares {
        let own: Vec<(PersonId, i64)> =
            seats.iter().filter(|(_, of)| *of == Some(*initiator)).map(|(person, _)| (*person, 1)).collect();
        // Nobody sits for it: its votes are not given, and count for the quorum all the same.
        for (person, part) in split_by_largest_remainder(i64::from(*share), &own).unwrap_or_default() {
            *votes.entry(person).or_default() += part;
        }
    }
    seats.iter().map(|(person, _)| (*person, votes.get(person).copied().unwrap_or_default())).collect()
}

/// Why a committee cannot vote yet, if it cannot: none, seats empty, nobody to watch.
pub fn incomplete(size: i32, seated: usize, supervisors: usize) -> Option<&'static str> {
    match usize::try_from(size) {
        Err(_) | Ok(0) => Some("refused-committee-none"),
        Ok(size) if seated != size => Some("refused-committee-incomplete"),
        Ok(_) if supervisors == 0 => Some("refused-committee-supervisor"),
        Ok(_) => None,
    }
}

/// Whether a tie keeps a member from voting. Initiators and owners give to the fund and sit on its committee by its very
/// agreement, so giving alone is no tie to an applicant; working for it, belonging to it or being related is.
pub const fn keeps_from_voting(ground: ConflictGround) -> bool {
    !matches!(ground, ConflictGround::Donor | ConflictGround::Owner)
}

/// The committee's last word on something: whether it passed, and the most that it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Passed, or rejected.
    pub passed: bool,
    /// The most; none for no limit.
    pub most_minor: Option<i64>,
}

impl Word {
    /// Whether it lets this amount be granted.
    pub fn allows(self, amount_minor: i64) -> bool {
        self.passed && self.most_minor.is_none_or(|most| amount_minor <= most)
    }
}

/// The first approval that no resolution covers. The word on an application itself comes before the one on its call; what a call's
/// resolution allows is for all of the call together, `promised_minor` of it is used already.
pub fn first_uncovered(
    approvals: &[(ApplicationId, i64)],
    own: &BTreeMap<ApplicationId, Word>,
    of_call: Option<Word>,
    promised_minor: i64,
) -> Option<ApplicationId> {
    let mut used = promised_minor;
    approvals.iter().find_map(|(application, amount)| {
        let covered = match own.get(application) {
            Some(word) => word.allows(*amount),
            None => {
                used = used.saturating_add(*amount);
                of_call.is_some_and(|word| word.allows(used))
            }
        };
        (!covered).then_some(*application)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tally(yes: i64, no: i64, abstained: i64, all: i64) -> Tally {
        Tally { yes, no, abstained, all }
    }

    #[test]
    fn two_thirds_of_five_are_four_and_a_draw_is_no_majority() {
        assert_eq!(closing_act(tally(3, 0, 0, 5), 6_666, 5_000), "lapse");
        assert_eq!(closing_act(tally(3, 1, 0, 5), 6_666, 5_000), "pass");
        assert_eq!(closing_act(tally(2, 2, 0, 5), 6_666, 5_000), "reject");
        assert_eq!(closing_act(tally(2, 1, 2, 5), 6_666, 5_000), "reject", "an abstention is there, and not for it");
        assert_eq!(closing_act(tally(4, 2, 0, 6), 6_666, 6_666), "pass", "two thirds");
        assert_eq!(closing_act(tally(0, 0, 0, 5), 5_000, 5_000), "lapse");
        assert_eq!(closing_act(tally(1, 0, 0, 1), 10_000, 9_999), "pass");
        assert_eq!(closing_act(tally(i64::MAX / 4, 0, 0, i64::MAX / 2), 5_000, 5_000), "lapse", "no overflow");
    }

    #[test]
    fn a_share_is_split_among_those_who_sit_for_it() {
        let (one, other) = (OrganisationId(1), OrganisationId(2));
        let seat = |person, of| (PersonId(person), of);
        let seats = [seat(1, Some(one)), seat(2, Some(one)), seat(3, Some(one)), seat(4, Some(other)), seat(5, None)];
        let votes = weights(&[(one, 7_000), (other, 3_000)], &seats);
        assert_eq!(votes.iter().map(|(_, votes)| *votes).collect::<Vec<_>>(), [2_334, 2_333, 2_333, 3_000, 0]);
        assert!(weights(&[], &seats).iter().all(|(_, votes)| *votes == 1));
    }

    #[test]
    fn a_committee_votes_once_it_is_complete() {
        assert_eq!(incomplete(0, 0, 1), Some("refused-committee-none"));
        assert_eq!(incomplete(5, 4, 1), Some("refused-committee-incomplete"));
        assert_eq!(incomplete(5, 6, 1), Some("refused-committee-incomplete"));
        assert_eq!(incomplete(5, 5, 0), Some("refused-committee-supervisor"));
        assert_eq!(incomplete(5, 5, 1), None);
    }

    #[test]
    fn the_last_word_covers_and_a_calls_limit_is_for_all_of_it() {
        let (a, b) = (ApplicationId(1), ApplicationId(2));
        let yes = |most_minor| Word { passed: true, most_minor };
        let no = Word { passed: false, most_minor: None };
        let none = BTreeMap::new();
        assert_eq!(first_uncovered(&[(a, 1)], &none, None, 0), Some(a));
        assert_eq!(first_uncovered(&[(a, 60), (b, 40)], &none, Some(yes(Some(100))), 0), None);
        assert_eq!(first_uncovered(&[(a, 60), (b, 40)], &none, Some(yes(Some(100))), 1), Some(b));
        let own = BTreeMap::from([(a, no)]);
        assert_eq!(first_uncovered(&[(a, 1), (b, 1)], &own, Some(yes(None)), 0), Some(a), "its own word comes first");
        let own = BTreeMap::from([(a, yes(Some(60)))]);
        assert_eq!(first_uncovered(&[(a, 60), (b, 40)], &own, Some(yes(Some(40))), 0), None);
        assert_eq!(first_uncovered(&[(a, 61)], &own, Some(yes(None)), 0), Some(a));
        assert_eq!(first_uncovered(&[], &none, None, 0), None);
    }

    proptest! {
        /// Never passed or rejected below the quorum, never passed without more votes for it than the majority asks.
        #[test]
        fn nothing_is_decided_below_the_quorum(
            yes in 0_i64..20_000, no in 0_i64..20_000, abstained in 0_i64..20_000, empty in 0_i64..20_000,
            quorum in 5_000_i32..=10_000, majority in 5_000_i32..=9_999,
        ) {
            let tally = tally(yes, no, abstained, yes + no + abstained + empty);
            let given = tally.given();
            let below = given == 0 || given * 10_000 < i64::from(quorum) * tally.all;
            let act = closing_act(tally, quorum, majority);
            prop_assert_eq!(act == "lapse", below);
            prop_assert_eq!(act == "pass", !below && yes * 10_000 > i64::from(majority) * given);
            prop_assert!(act != "pass" || yes > no);
            // One silent seat more never makes it pass.
            let emptier = Tally { all: tally.all + 1, ..tally };
            prop_assert!(act == "pass" || closing_act(emptier, quorum, majority) != "pass");
        }

        /// The votes of a joint fund are its shares, however they sit.
        #[test]
        fn votes_never_exceed_the_shares(first in 1_i32..10_000, sits in proptest::collection::vec(0_i64..4, 1..12)) {
            let shares = [(OrganisationId(1), first), (OrganisationId(2), 10_000 - first)];
            let seats: Vec<_> = (0..).map(PersonId).zip(sits.iter().map(|of| (*of > 0).then_some(OrganisationId(*of)))).collect();
            let votes = weights(&shares, &seats);
            let of = |initiator: i64| -> i64 {
                votes.iter().zip(&seats).filter(|(_, seat)| seat.1 == Some(OrganisationId(initiator))).map(|(vote, _)| vote.1).sum()
            };
            for (initiator, share) in [(1, i64::from(first)), (2, i64::from(10_000 - first))] {
                let sits = sits.contains(&initiator);
                prop_assert_eq!(of(initiator), if sits { share } else { 0 });
            }
            prop_assert!(votes.iter().map(|(_, vote)| vote).sum::<i64>() <= JOINT_VOTES);
        }
    }
}
