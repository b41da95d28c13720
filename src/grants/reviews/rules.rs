//! How reviews live, and what ties a person to an application.

use crate::core::lifecycle::{Lifecycle, Part, mv};
use crate::living;
use entities::kinds::ConflictGround::{self, CoApplicant, Declared, Donor, Employer, Host, Member, Owner, Related};
use entities::kinds::ReviewStage::{self, Accepted, Declined, InProgress, Invited, Recused, Reopened, Submitted};
use entities::kinds::{OrganisationId, PitchStage};
use std::collections::BTreeSet;

const STAFF: &[Part] = &[Part::Reviewer, Part::Officer, Part::Chair];

/// An assignment and its review.
pub const REVIEW: Lifecycle<ReviewStage> = Lifecycle {
    name: "review",
    starts: &[Invited],
    moves: &[
        mv(Invited, "accept", Accepted, &[Part::Reviewer]).when("declares that no interest stands in the way"),
        mv(Invited, "decline", Declined, &[Part::Reviewer]),
        mv(Invited, "unassign", Declined, &[Part::Officer]),
        mv(Declined, "invite", Invited, &[Part::Officer]).when("no conflict"),
        mv(Invited, "recuse", Recused, STAFF),
        mv(Accepted, "recuse", Recused, STAFF),
        mv(InProgress, "recuse", Recused, STAFF),
        mv(Submitted, "recuse", Recused, STAFF)
            .when("a submitted batch goes back to draft, after approval an appeal is opened"),
        mv(Reopened, "recuse", Recused, STAFF),
        mv(Accepted, "save", InProgress, &[Part::Reviewer]),
        mv(InProgress, "submit", Submitted, &[Part::Reviewer]).when("every criterion answered or N/A"),
        mv(Reopened, "submit", Submitted, &[Part::Reviewer]).when("every criterion answered or N/A"),
        mv(Submitted, "reopen", Reopened, &[Part::Chair]).when("before the batch is submitted, with a reason"),
    ],
};

living!(review, ReviewStage, Review, REVIEW);

const HOSTS: &[Part] = &[Part::Officer, Part::Chair];

/// A pitch session.
pub const PITCH: Lifecycle<PitchStage> = Lifecycle {
    name: "pitch",
    starts: &[PitchStage::Planned],
    moves: &[
        mv(PitchStage::Planned, "begin", PitchStage::Running, HOSTS),
        mv(PitchStage::Running, "end", PitchStage::Over, HOSTS).when("after the last"),
        mv(PitchStage::Planned, "cancel", PitchStage::Cancelled, HOSTS).when("with a reason; every applicant is told"),
    ],
};

living!(pitch, PitchStage, Pitch, PITCH);

/// What a call's organisations have to do with each other.
#[derive(Debug, Clone, Default)]
pub struct Ties {
    /// Donors to the call's fund.
    pub donors: BTreeSet<OrganisationId>,
    /// Owners asked in the call's need.
    pub owners: BTreeSet<OrganisationId>,
    /// Everybody who applies for the call.
    pub applicants: BTreeSet<OrganisationId>,
    /// Ownership and relations in force; either side counts.
    pub relations: Vec<(OrganisationId, OrganisationId)>,
}

impl Ties {
    /// Whether one owns or is related to the other.
    pub fn related(&self, one: OrganisationId, other: OrganisationId) -> bool {
        self.relations.iter().any(|pair| *pair == (one, other) || *pair == (other, one))
    }

    /// Why somebody who works for `employer`, belongs to `member_of` and perhaps gave to the fund may not judge the bid of
    /// `applicant` through `host`; each ground with the organisation it comes from.
    pub fn grounds(
        &self,
        applicant: OrganisationId,
        host: Option<OrganisationId>,
        employer: Option<OrganisationId>,
        member_of: &[OrganisationId],
        gave: bool,
    ) -> Vec<(ConflictGround, Option<OrganisationId>)> {
        let mut found = Vec::new();
        let mut note = |ground, organisation| {
            if !found.iter().any(|(known, _)| *known == ground) {
                found.push((ground, organisation));
            }
        };
        let own = employer.into_iter().map(|id| (id, Employer)).chain(member_of.iter().map(|id| (*id, Member)));
        for (organisation, ground) in own {
            if organisation == applicant {
                note(ground, Some(organisation));
            }
            if Some(organisation) == host {
                note(Host, Some(organisation));
            }
            if self.owners.contains(&organisation) {
                note(Owner, Some(organisation));
            }
            if self.donors.contains(&organisation) {
                note(Donor, Some(organisation));
            }
            if self.related(organisation, applicant) || host.is_some_and(|host| self.related(organisation, host)) {
                note(Related, Some(organisation));
            }
            if organisation != applicant && Some(organisation) != host && self.applicants.contains(&organisation) {
                note(CoApplicant, Some(organisation));
            }
        }
        if gave {
            note(Donor, None);
        }
        found
    }
}

/// The word under which a ground is told. A donor may have asked not to be named, and who belongs to one could be asked: so a donor
/// and an owner are told alike, as a tie.
pub const fn told(ground: ConflictGround) -> &'static str {
    match ground {
        Owner | Donor => "tied",
        Declared => "declared",
        Employer => "employer",
        Host => "host",
        CoApplicant => "co-applicant",
        Related => "related",
        Member => "member",
    }
}

/// The words of a refusal for a ground.
pub const fn refusal(ground: ConflictGround) -> &'static str {
    match ground {
        Declared => "refused-review-conflict-declared",
        Employer => "refused-review-conflict-employer",
        Owner | Donor => "refused-review-conflict-tied",
        Host => "refused-review-conflict-host",
        CoApplicant => "refused-review-conflict-co-applicant",
        Related => "refused-review-conflict-related",
        Member => "refused-review-conflict-member",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn org(id: i64) -> OrganisationId {
        OrganisationId(id)
    }

    fn grounds(ties: &Ties, employer: Option<OrganisationId>, members: &[OrganisationId]) -> Vec<ConflictGround> {
        ties.grounds(org(1), Some(org(2)), employer, members, false).into_iter().map(|(ground, _)| ground).collect()
    }

    #[test]
    fn every_tie_has_its_ground() {
        let ties = Ties {
            donors: [org(3)].into(),
            owners: [org(3), org(4)].into(),
            applicants: [org(1), org(6)].into(),
            relations: vec![(org(5), org(1)), (org(2), org(7))],
        };
        assert_eq!(grounds(&ties, Some(org(1)), &[]), [Employer]);
        assert_eq!(grounds(&ties, None, &[org(1)]), [Member]);
        assert_eq!(grounds(&ties, Some(org(2)), &[]), [Host]);
        assert_eq!(grounds(&ties, Some(org(3)), &[]), [Owner, Donor]);
        assert_eq!(grounds(&ties, Some(org(5)), &[org(7)]), [Related]);
        assert_eq!(grounds(&ties, Some(org(6)), &[]), [CoApplicant]);
        assert!(grounds(&ties, Some(org(8)), &[org(9)]).is_empty());
        assert_eq!(ties.grounds(org(1), None, None, &[], true), [(Donor, None)]);
    }
}
