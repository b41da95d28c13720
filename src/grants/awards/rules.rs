//! How awards and their change requests live.

use crate::core::lifecycle::{Lifecycle, Part, mv, mv2};
use crate::living;
use entities::kinds::AwardStage::{
    self, Accepted, Active, Closed, Closing, DeclinedByGrantee, OfferExpired, Offered, Suspended, Terminated,
};
use entities::kinds::{ChangeStage, OrganisationId, ProposalKind};

/// An award.
pub const AWARD: Lifecycle<AwardStage> = Lifecycle {
    name: "award",
    starts: &[Offered],
    moves: &[
        mv(Offered, "accept", Accepted, &[Part::Signatory]).when("before the offer expires"),
        mv(Offered, "decline", DeclinedByGrantee, &[Part::Signatory]).when("the money is released"),
        mv(Offered, "expire", OfferExpired, &[Part::System]).when("the money is released"),
        mv(Accepted, "expire", OfferExpired, &[Part::System]).when("not signed in time"),
        mv(Accepted, "activate", Active, &[Part::System]).when("both have signed the same text"),
        mv(Active, "suspend", Suspended, &[Part::Officer]).when("with its reason"),
        mv(Suspended, "resume", Active, &[Part::Officer]).when("with its reason"),
        mv2(Active, "terminate", Terminated, Part::Officer, Part::Approver).when("with reason and clawback"),
        mv2(Suspended, "terminate", Terminated, Part::Officer, Part::Approver).when("with reason and clawback"),
        mv(Active, "begin-closing", Closing, &[Part::System]).when("the final report is accepted"),
        mv2(Closing, "close", Closed, Part::Officer, Part::Finance)
            .when("the checklist of the ledger holds; nothing is owed"),
        mv2(Terminated, "close", Closed, Part::Officer, Part::Finance).when("the clawback is settled"),
    ],
};

/// A change request.
pub const CHANGE_REQUEST: Lifecycle<ChangeStage> = Lifecycle {
    name: "change",
    starts: &[ChangeStage::Requested],
    moves: &[
        mv(ChangeStage::Requested, "review", ChangeStage::InReview, &[Part::Officer]),
        mv(ChangeStage::InReview, "approve", ChangeStage::Approved, &[Part::Officer])
            .when("with the donors' consent where the purpose changes; not by who gave it"),
        mv(ChangeStage::InReview, "decline", ChangeStage::Declined, &[Part::Officer]).when("with its reason"),
        mv(ChangeStage::Approved, "apply", ChangeStage::Applied, &[Part::Officer]),
    ],
};

living!(award, AwardStage, Award, AWARD);
living!(change_request, ChangeStage, ChangeRequest, CHANGE_REQUEST);

/// An act of two people on an award, and what it is called in addresses.
pub struct Pair {
    /// What is proposed.
    pub kind: ProposalKind,
    /// Who begins.
    pub first: Part,
    /// Who confirms, or declines.
    pub second: Part,
    /// The act of the first.
    pub propose: &'static str,
    /// The act of the second.
    pub confirm: &'static str,
    /// The second says no, or the first takes it back.
    pub decline: &'static str,
}

/// All acts of two people on an award.
pub const PAIRS: [Pair; 6] = [
    Pair {
        kind: ProposalKind::Clawback,
        first: Part::Officer,
        second: Part::Approver,
        propose: "terminate",
        confirm: "confirm-termination",
        decline: "decline-termination",
    },
    Pair {
        kind: ProposalKind::AllowableCost,
        first: Part::Finance,
        second: Part::Approver,
        propose: "propose-allowable",
        confirm: "confirm-allowable",
        decline: "decline-allowable",
    },
    Pair {
        kind: ProposalKind::Closing,
        first: Part::Officer,
        second: Part::Finance,
        propose: "propose-close",
        confirm: "confirm-close",
        decline: "decline-close",
    },
    Pair {
        kind: ProposalKind::Residue,
        first: Part::Officer,
        second: Part::Approver,
        propose: "propose-residue",
        confirm: "confirm-residue",
        decline: "decline-residue",
    },
    Pair {
        kind: ProposalKind::Repayment,
        first: Part::Finance,
        second: Part::Approver,
        propose: "propose-repayment",
        confirm: "confirm-repayment",
        decline: "decline-repayment",
    },
    Pair {
        kind: ProposalKind::Ban,
        first: Part::Officer,
        second: Part::Approver,
        propose: "propose-ban",
        confirm: "confirm-ban",
        decline: "decline-ban",
    },
];

/// The pair that an act belongs to, as its confirmation or its refusal.
pub fn pair_of(act: &str) -> Option<&'static Pair> {
    PAIRS.iter().find(|pair| pair.confirm == act || pair.decline == act)
}

/// Whether money may be paid on it.
pub const fn payable(stage: AwardStage) -> bool {
    matches!(stage, Active | Closing)
}

/// Whether it ended, so that money which comes back is never asked for again.
pub const fn over(stage: AwardStage) -> bool {
    matches!(stage, Terminated | Closed)
}

/// Whether something was broken, so that a ban may follow: it was ended before its time, or its work was found wanting at the end.
pub fn breached(stage: AwardStage, grade: Option<&str>) -> bool {
    stage == Terminated || (grade == Some("C") && matches!(stage, Closing | Closed))
}

/// Whether its work is done, so that its case may be told.
pub const fn finished(stage: AwardStage) -> bool {
    matches!(stage, Closing | Closed)
}

/// Whether money that the grantee owes is taken back now.
pub const fn takes_back(stage: AwardStage) -> bool {
    matches!(stage, Closing | Terminated)
}

/// Whether the donors who were asked agree to another purpose: everybody whose gift was bound to one, and at least one.
pub fn donors_agree(bound: &[OrganisationId], given: &[OrganisationId]) -> bool {
    !given.is_empty() && bound.iter().all(|donor| given.contains(donor))
}

/// Grade of a final evaluation: A from the mark, C below the pass mark.
pub const fn grade(score: i32, pass_mark: i32, a_mark: i64) -> &'static str {
    if score < pass_mark {
        "C"
    } else if score as i64 >= a_mark {
        "A"
    } else {
        "B"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_follow_the_marks() {
        assert_eq!(grade(8_500, 6_000, 8_500), "A");
        assert_eq!(grade(8_499, 6_000, 8_500), "B");
        assert_eq!(grade(5_999, 6_000, 8_500), "C");
    }

    #[test]
    fn every_donor_whose_gift_was_bound_agrees_or_one_where_none_was() {
        let [a, b] = [OrganisationId(1), OrganisationId(2)];
        assert!(!donors_agree(&[], &[]) && donors_agree(&[], &[a]));
        assert!(!donors_agree(&[a, b], &[a]) && donors_agree(&[a, b], &[b, a]));
    }

    #[test]
    fn money_is_paid_on_active_and_closing_awards_only() {
        assert!(payable(Active) && payable(Closing) && !payable(Suspended) && !payable(Terminated));
    }
}
