//! How needs and owners' consents live.

use crate::core::lifecycle::{Lifecycle, Part, mv};
use crate::living;
use entities::kinds::ConsentStage::{self, Asked, Given, Refused, Withdrawn};
use entities::kinds::NeedStage::{self, Adopted, Archived, Declined, Listed, Merged, Met, Proposed};

/// A need.
pub const NEED: Lifecycle<NeedStage> = Lifecycle {
    name: "need",
    starts: &[Proposed],
    moves: &[
        mv(Proposed, "list", Listed, &[Part::Officer]),
        mv(Proposed, "merge", Merged, &[Part::Officer]).when("into another listed need"),
        mv(Proposed, "decline", Declined, &[Part::Officer]).when("with its reason"),
        mv(Listed, "merge", Merged, &[Part::Officer]).when("into another listed need"),
        mv(Listed, "adopt", Adopted, &[Part::Officer, Part::System]).when("a call or fund answers it"),
        mv(Adopted, "meet", Met, &[Part::Officer, Part::System]).when("the final report is accepted"),
        mv(Met, "archive", Archived, &[Part::Officer]),
        mv(Declined, "archive", Archived, &[Part::Officer]),
    ],
};

/// Who says what an owner wants: its own signatory, or an officer who saw it in writing.
const SPEAKERS: &[Part] = &[Part::Officer, Part::Signatory];

/// One owner's consent.
pub const CONSENT: Lifecycle<ConsentStage> = Lifecycle {
    name: "consent",
    starts: &[Asked],
    moves: &[
        mv(Asked, "give", Given, SPEAKERS).when("with its evidence"),
        mv(Asked, "refuse", Refused, SPEAKERS),
        mv(Refused, "give", Given, SPEAKERS).when("with its evidence"),
        mv(Given, "withdraw", Withdrawn, SPEAKERS).when("before the work is paid"),
        mv(Withdrawn, "give", Given, SPEAKERS).when("with its evidence"),
    ],
};

living!(need, NeedStage, Need, NEED);
living!(need_consent, ConsentStage, Need, CONSENT);

/// Owners who consented, and owners asked. All must consent before the work is paid.
pub fn consents(stages: &[ConsentStage]) -> (usize, usize) {
    (stages.iter().filter(|stage| **stage == Given).count(), stages.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_counts_among_the_asked_and_not_among_the_given() {
        assert_eq!(consents(&[Given, Refused, Asked, Given]), (2, 4));
        assert_eq!(consents(&[]), (0, 0));
    }
}
