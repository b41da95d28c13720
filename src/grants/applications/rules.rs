//! How applications and appeals live.

use crate::core::lifecycle::{Lifecycle, Part, mv};
use crate::living;
use entities::kinds::AppealStage::{self, Dismissed, Filed, Upheld};
use entities::kinds::ApplicationStage::{
    self, Approved, AwaitingSignOff, Declined, Draft, Eligible, Ineligible, InformationRequested, Lapsed,
    NotRecommended, Recommended, Reserve, Reserved, Submitted, UnderReview, Withdrawn,
};
use entities::kinds::SideStage;

const WRITERS: &[Part] = &[Part::Editor, Part::Signatory];
const JUDGES: &[Part] = &[Part::Officer, Part::Administrator];

/// The applications of a call that are judged or were.
pub const JUDGED: [ApplicationStage; 8] =
    [Eligible, UnderReview, Recommended, Reserve, NotRecommended, Approved, Reserved, Declined];

/// The applications that wait for a decision; with fewer reviews than planned one is still eligible.
pub const WAITING: [ApplicationStage; 2] = [Eligible, UnderReview];

/// An application. What reviews and decisions bring is moved by the system, in the transaction of those rooms.
pub const APPLICATION: Lifecycle<ApplicationStage> = Lifecycle {
    name: "application",
    starts: &[Draft],
    moves: &[
        mv(Draft, "hand-over", AwaitingSignOff, WRITERS).when("complete"),
        mv(AwaitingSignOff, "take-back", Draft, WRITERS),
        mv(AwaitingSignOff, "submit", Submitted, &[Part::Signatory]).when("before the deadline, eligible"),
        mv(Draft, "lapse", Lapsed, &[Part::System]).when("at the deadline"),
        mv(AwaitingSignOff, "lapse", Lapsed, &[Part::System]).when("at the deadline"),
        mv(Submitted, "accept", Eligible, &[Part::Officer]).when("not of the applicant; no rule broken"),
        mv(Submitted, "refuse", Ineligible, &[Part::Officer]).when("not of the applicant; with reason codes"),
        mv(Submitted, "ask-information", InformationRequested, &[Part::Officer]).when("with a deadline"),
        mv(Eligible, "ask-information", InformationRequested, &[Part::Officer]).when("with a deadline"),
        mv(InformationRequested, "answer-information", Submitted, &[Part::Signatory]).when("before its deadline"),
        mv(InformationRequested, "give-up-waiting", Submitted, &[Part::System]).when("its deadline has passed"),
        mv(Eligible, "review", UnderReview, &[Part::System]).when("enough accepted assignments"),
        mv(UnderReview, "recommend", Recommended, &[Part::System]).when("the batch is submitted"),
        mv(UnderReview, "reserve", Reserve, &[Part::System]).when("the batch is submitted"),
        mv(UnderReview, "not-recommend", NotRecommended, &[Part::System]).when("the batch is submitted"),
        mv(Eligible, "recommend", Recommended, &[Part::System]).when("decided with fewer reviews than planned"),
        mv(Eligible, "reserve", Reserve, &[Part::System]).when("decided with fewer reviews than planned"),
        mv(Eligible, "not-recommend", NotRecommended, &[Part::System]).when("decided with fewer reviews than planned"),
        mv(Recommended, "return", UnderReview, &[Part::System]).when("the batch is returned"),
        mv(Reserve, "return", UnderReview, &[Part::System]).when("the batch is returned"),
        mv(NotRecommended, "return", UnderReview, &[Part::System]).when("the batch is returned"),
        mv(Recommended, "approve", Approved, &[Part::System]).when("its item is final"),
        mv(Recommended, "put-on-reserve", Reserved, &[Part::System]).when("its item is final"),
        mv(Recommended, "decline", Declined, &[Part::System]).when("its item is final or released"),
        mv(Reserve, "approve", Approved, &[Part::System]).when("its item is final"),
        mv(Reserve, "put-on-reserve", Reserved, &[Part::System]).when("its item is final"),
        mv(Reserve, "decline", Declined, &[Part::System]).when("its item is final or released"),
        mv(NotRecommended, "approve", Approved, &[Part::System]).when("its item is final, with its reason"),
        mv(NotRecommended, "put-on-reserve", Reserved, &[Part::System]).when("its item is final, with its reason"),
        mv(NotRecommended, "decline", Declined, &[Part::System]).when("its item is final"),
        mv(Reserved, "approve", Approved, &[Part::System]).when("the reserve list moves up"),
        mv(Reserved, "decline", Declined, &[Part::System]).when("the reserve list ends"),
        mv(Ineligible, "reinstate", Eligible, JUDGES).when("an appeal is upheld by a person who took no part"),
        mv(Declined, "reinstate", Eligible, JUDGES).when("an appeal is upheld by a person who took no part"),
        mv(Recommended, "reinstate", Eligible, JUDGES).when("an appeal is upheld; its item is released"),
        mv(Reserve, "reinstate", Eligible, JUDGES).when("an appeal is upheld; its item is released"),
        mv(NotRecommended, "reinstate", Eligible, JUDGES).when("an appeal is upheld; its item is released"),
        mv(Approved, "reinstate", Eligible, JUDGES)
            .when("an appeal is upheld; its item is released, no award is there"),
        mv(Reserved, "reinstate", Eligible, JUDGES).when("an appeal is upheld; its item is released"),
        mv(Draft, "withdraw", Withdrawn, &[Part::Signatory]),
        mv(AwaitingSignOff, "withdraw", Withdrawn, &[Part::Signatory]),
        mv(Submitted, "withdraw", Withdrawn, &[Part::Signatory]),
        mv(InformationRequested, "withdraw", Withdrawn, &[Part::Signatory]),
        mv(Eligible, "withdraw", Withdrawn, &[Part::Signatory]),
        mv(UnderReview, "withdraw", Withdrawn, &[Part::Signatory]),
        mv(Recommended, "withdraw", Withdrawn, &[Part::Signatory]).when("before approval"),
        mv(Reserve, "withdraw", Withdrawn, &[Part::Signatory]).when("before approval"),
        mv(NotRecommended, "withdraw", Withdrawn, &[Part::Signatory]).when("before approval"),
        mv(Reserved, "withdraw", Withdrawn, &[Part::Signatory]).when("before approval"),
    ],
};

/// An appeal.
pub const APPEAL: Lifecycle<AppealStage> = Lifecycle {
    name: "appeal",
    starts: &[Filed],
    moves: &[
        mv(Filed, "uphold", Upheld, JUDGES).when("by a person who took no part"),
        mv(Filed, "dismiss", Dismissed, JUDGES).when("by a person who took no part"),
    ],
};

/// Another organisation's part in a bid.
pub const SIDE: Lifecycle<SideStage> = Lifecycle {
    name: "side",
    starts: &[SideStage::Asked],
    moves: &[
        mv(SideStage::Asked, "accept", SideStage::Accepted, &[Part::Signatory]),
        mv(SideStage::Asked, "refuse", SideStage::Refused, &[Part::Signatory]).when("with its reason"),
        mv(SideStage::Accepted, "refuse", SideStage::Refused, &[Part::Signatory]).when("before the bid is signed"),
        mv(SideStage::Refused, "ask", SideStage::Asked, &[Part::Editor]).when("while the bid is written"),
        mv(SideStage::Asked, "drop", SideStage::Dropped, &[Part::Editor]).when("a partner, while the bid is written"),
        mv(SideStage::Accepted, "drop", SideStage::Dropped, &[Part::Editor])
            .when("a partner, while the bid is written"),
        mv(SideStage::Refused, "drop", SideStage::Dropped, &[Part::Editor]).when("a partner, while the bid is written"),
    ],
};

living!(application_side, SideStage, Application, SIDE);
living!(application, ApplicationStage, Application, APPLICATION);
living!(appeal, AppealStage, Appeal, APPEAL);

/// The act meant by another room: an act of the table, or the stage that is to be reached.
pub fn system_act(from: ApplicationStage, word: &str) -> Option<&'static str> {
    let word = word.replace('_', "-");
    let moves = || APPLICATION.moves.iter().filter(|row| row.from == from && row.by.includes(Part::System));
    let by_act = moves().find(|row| row.act == word);
    by_act.or_else(|| moves().find(|row| row.to.as_str().replace('_', "-") == word)).map(|row| row.act)
}

/// Whether the writers may still change it.
pub const fn is_writing(stage: ApplicationStage) -> bool {
    matches!(stage, Draft)
}

/// Applications that do not stand in the way of another one in the same round.
pub const GONE: [ApplicationStage; 6] = [Draft, AwaitingSignOff, Withdrawn, Lapsed, Ineligible, Declined];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_room_names_the_act_or_the_stage() {
        assert_eq!(system_act(Eligible, "under_review"), Some("review"));
        assert_eq!(system_act(UnderReview, "reserve"), Some("reserve"));
        assert_eq!(system_act(Recommended, "approved"), Some("approve"));
        assert_eq!(system_act(Draft, "approve"), None);
    }
}
