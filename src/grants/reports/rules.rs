//! How reports and evaluations live.

use crate::core::lifecycle::{Lifecycle, Part, mv};
use crate::living;
use chrono::NaiveDate;
use entities::kinds::EvaluationStage::{self, Assigned, Published, ReEvaluation, Rectification};
use entities::kinds::ReportStage::{
    self, Accepted, AwaitingSignOff, ChangesRequested, InProgress, Open, Scheduled, Submitted, Waived,
};

/// A report.
pub const REPORT: Lifecycle<ReportStage> = Lifecycle {
    name: "report",
    starts: &[Scheduled, Open],
    moves: &[
        mv(Scheduled, "open", Open, &[Part::System, Part::Officer]).when("on its day, or earlier by an officer"),
        mv(Open, "write", InProgress, &[Part::Editor]),
        mv(ChangesRequested, "write", InProgress, &[Part::Editor]),
        mv(InProgress, "hand-over", AwaitingSignOff, &[Part::Editor]).when("complete"),
        mv(AwaitingSignOff, "take-back", InProgress, &[Part::Editor]),
        mv(AwaitingSignOff, "submit", Submitted, &[Part::Signatory]),
        mv(Submitted, "accept", Accepted, &[Part::Officer]).when("not by one of the organisation"),
        mv(Submitted, "request-changes", ChangesRequested, &[Part::Officer]).when("with its reason"),
        mv(Scheduled, "waive", Waived, &[Part::Officer]).when("with its reason"),
        mv(Open, "waive", Waived, &[Part::Officer]).when("with its reason"),
        mv(InProgress, "waive", Waived, &[Part::Officer]).when("with its reason"),
        mv(AwaitingSignOff, "waive", Waived, &[Part::Officer]).when("with its reason"),
        mv(ChangesRequested, "waive", Waived, &[Part::Officer]).when("with its reason"),
    ],
};

/// An evaluation.
pub const EVALUATION: Lifecycle<EvaluationStage> = Lifecycle {
    name: "evaluation",
    starts: &[Assigned],
    moves: &[
        mv(Assigned, "submit", EvaluationStage::Submitted, &[Part::Evaluator]),
        mv(EvaluationStage::Submitted, "publish", Published, &[Part::Officer]),
        mv(Published, "ask-rectification", Rectification, &[Part::System]).when("below the pass mark"),
        mv(Rectification, "rectify", ReEvaluation, &[Part::Signatory]).when("then the same evaluator looks again"),
    ],
};

living!(report, ReportStage, Report, REPORT);
living!(evaluation, EvaluationStage, Evaluation, EVALUATION);

/// Whether a report counts for gates and closing.
pub const fn done(stage: ReportStage) -> bool {
    matches!(stage, Accepted | Waived)
}

/// Whether the grantee writes on it.
pub const fn is_writing(stage: ReportStage) -> bool {
    matches!(stage, Open | InProgress | ChangesRequested)
}

/// Whether a report is late: never a stage, always derived.
pub fn late(stage: ReportStage, due_on: NaiveDate, today: NaiveDate) -> bool {
    due_on < today && !done(stage) && stage != Submitted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_is_derived_from_the_day() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 5, d).unwrap();
        assert!(late(Open, day(1), day(2)));
        assert!(!late(Open, day(2), day(2)));
        assert!(!late(Accepted, day(1), day(2)));
        assert!(!late(Submitted, day(1), day(2)));
    }
}
