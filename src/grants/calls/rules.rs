//! How programmes and calls live, and what a call must fix before it opens.

use crate::core::eligibility::Rule;
use crate::core::lifecycle::{Lifecycle, Part, mv};
use crate::core::plan::{Criterion, Gate, PlannedReport, PlannedTranche};
use crate::error::Violation;
use crate::living;
use entities::call;
use entities::kinds::CallStage::{self, Archived, Cancelled, Closed, Decided, Draft, InReview, Open, Scheduled};
use entities::kinds::{CallQuestionStage, ProgrammeStage};

/// A programme.
pub const PROGRAMME: Lifecycle<ProgrammeStage> = Lifecycle {
    name: "programme",
    starts: &[ProgrammeStage::Draft],
    moves: &[
        mv(ProgrammeStage::Draft, "start", ProgrammeStage::Running, &[Part::Officer]),
        mv(ProgrammeStage::Running, "end", ProgrammeStage::Ended, &[Part::Officer]),
    ],
};

/// A call.
pub const CALL: Lifecycle<CallStage> = Lifecycle {
    name: "call",
    starts: &[Draft],
    moves: &[
        mv(Draft, "check", Scheduled, &[Part::Officer])
            .when("a different officer than the drafter; the fund is active"),
        mv(Scheduled, "open", Open, &[Part::System]).when("at the opening hour"),
        mv(Open, "close", Closed, &[Part::System]).when("at the deadline; what was not submitted lapses"),
        mv(Closed, "start-review", InReview, &[Part::Officer]).when("everything submitted is screened"),
        mv(InReview, "decide", Decided, &[Part::System]).when("every item is final or released"),
        mv(Decided, "archive", Archived, &[Part::Officer]),
        mv(Draft, "cancel", Cancelled, &[Part::Officer]).when("with its reason"),
        mv(Scheduled, "cancel", Cancelled, &[Part::Officer]).when("reason published"),
        mv(Open, "cancel", Cancelled, &[Part::Officer]).when("reason published, applicants told"),
        mv(Closed, "cancel", Cancelled, &[Part::Officer]).when("reason published, applicants told"),
        mv(InReview, "cancel", Cancelled, &[Part::Officer])
            .when("reason published, applicants told; no decision under way"),
    ],
};

living!(programme, ProgrammeStage, Programme, PROGRAMME);
living!(call, CallStage, Call, CALL);

/// A question about a call.
pub const QUESTION: Lifecycle<CallQuestionStage> = Lifecycle {
    name: "call-question",
    starts: &[CallQuestionStage::Asked],
    moves: &[
        mv(CallQuestionStage::Asked, "answer", CallQuestionStage::Answered, &[Part::Officer])
            .when("in public; who asked is told, and named to nobody"),
        mv(CallQuestionStage::Asked, "decline", CallQuestionStage::Declined, &[Part::Officer])
            .when("it never becomes public"),
    ],
};
living!(call_question, CallQuestionStage, CallQuestion, QUESTION);

/// Questions of one person about one call that may wait for an answer at a time.
pub const MAX_WAITING: u64 = 10;

/// Whether the bids of a call are still closed to everybody but their own organisations.
pub const fn is_sealed(row: &call::Model) -> bool {
    row.sealed && row.opened_at.is_none()
}

/// Most criteria of a rubric: reviewers keep that many apart.
pub const MAX_CRITERIA: usize = 20;
/// Most tranches of a plan.
pub const MAX_TRANCHES: usize = 12;
/// The whole, in basis points.
const WHOLE: i64 = 10_000;

/// What is wrong with a rubric.
pub fn check_rubric(rubric: &[Criterion]) -> Vec<Violation> {
    let mut wrong = Vec::new();
    if rubric.is_empty() || rubric.len() > MAX_CRITERIA {
        wrong.push(Violation::at("rubric.0.label_zh", "refused-call-rubric-count").with("most", MAX_CRITERIA));
    }
    for (place, criterion) in rubric.iter().enumerate() {
        if criterion.id.is_empty() || rubric.iter().take(place).any(|other| other.id == criterion.id) {
            wrong.push(Violation::at(format!("rubric.{place}.id"), "refused-call-criterion-twice"));
        }
        if criterion.label_zh.is_empty() && criterion.label_en.is_empty() {
            wrong.push(Violation::at(format!("rubric.{place}.label_zh"), "refused-one-language"));
        }
        if !(1..=WHOLE).contains(&criterion.weight) || !(1..=1_000).contains(&criterion.max) {
            wrong.push(Violation::at(format!("rubric.{place}.weight"), "refused-call-criterion-range"));
        }
    }
    let sum: i128 = rubric.iter().map(|criterion| i128::from(criterion.weight)).sum();
    if !rubric.is_empty() && sum != i128::from(WHOLE) {
        wrong.push(Violation::at("rubric.0.weight", "refused-call-weights"));
    }
    wrong
}

/// What is wrong with a tranche plan: the first waits for the signatures and nothing is paid before them.
pub fn check_tranches(plan: &[PlannedTranche]) -> Vec<Violation> {
    let mut wrong = Vec::new();
    let sum: i128 = plan.iter().map(|tranche| i128::from(tranche.share_bps)).sum();
    if plan.is_empty() || plan.len() > MAX_TRANCHES || sum != i128::from(WHOLE) {
        wrong.push(Violation::at("tranches.0.share", "refused-call-shares"));
    }
    if plan.iter().any(|tranche| tranche.share_bps <= 0) {
        wrong.push(Violation::at("tranches.0.share", "refused-zero"));
    }
    if plan.first().is_some_and(|first| !first.gates.contains(&Gate::Signature)) {
        wrong.push(Violation::at("tranches.0.gate", "refused-call-first-gate"));
    }
    wrong
}

/// What is wrong with a reporting plan: known kinds, one final report, days after the agreement.
pub fn check_reports(plan: &[PlannedReport]) -> Vec<Violation> {
    let known = |report: &&PlannedReport| matches!(report.kind.as_str(), "mid_term" | "final");
    let finals = plan.iter().filter(|report| report.kind == "final").count();
    let days = plan.iter().all(|report| (1..=3_650).contains(&report.due_after_days));
    if plan.len() > 10 || plan.iter().filter(known).count() != plan.len() || finals != 1 || !days {
        return vec![Violation::at("final_days", "refused-call-reports")];
    }
    Vec::new()
}

/// What is wrong with the rules of a call: a figure no applicant could meet, a list without entries.
pub fn check_eligibility(rules: &[Rule]) -> Vec<Violation> {
    let empty = |words: &[String]| words.is_empty() || words.iter().any(|word| word.trim().is_empty());
    let senseless = |rule: &&Rule| match rule {
        Rule::LegalForm { any_of } => any_of.is_empty(),
        Rule::UsccPrefix { any_of } | Rule::Area { any_of } => empty(any_of),
        Rule::NotOnList { look_back_months, .. } => *look_back_months > 600,
        Rule::GradeAtLeast { grade } => !(1..=5).contains(grade),
        Rule::StageAny { any_of } => any_of.is_empty(),
        Rule::AskAtMost { minor } => *minor <= 0,
        Rule::SelfRaisedAtLeast { bps } | Rule::GrantShareAtMost { bps } | Rule::BudgetHeadLimit { bps, .. } => {
            !(0..=WHOLE).contains(bps)
        }
        Rule::RepeatLimit { at_most } => *at_most == 0,
        Rule::GranteeLimit { at_most, look_back_months } => *at_most > 100 || !(1..=600).contains(look_back_months),
        Rule::NegativeHeads { heads } => empty(heads),
        Rule::ThroughHost {} | Rule::OneApplicationPerCategory {} => false,
    };
    let wrong = rules.iter().filter(senseless);
    wrong.map(|rule| Violation::at(field_of(rule), "refused-call-rule-range")).collect()
}

/// The field of the form in which a rule is written.
const fn field_of(rule: &Rule) -> &'static str {
    match rule {
        Rule::Area { .. } => "areas",
        Rule::NotOnList { .. } => "abnormal_months",
        Rule::SelfRaisedAtLeast { .. } | Rule::GrantShareAtMost { .. } => "self_raised",
        _ => "form_association",
    }
}

/// All rules of a call: those written, and those that follow from its cap, its negative list and its word on hosts.
pub fn eligibility_of(row: &call::Model) -> Vec<Rule> {
    let mut rules: Vec<Rule> = serde_json::from_value(row.eligibility.clone()).unwrap_or_default();
    if !rules.iter().any(|rule| matches!(rule, Rule::AskAtMost { minor } if *minor <= row.cap_minor)) {
        rules.push(Rule::AskAtMost { minor: row.cap_minor });
    }
    let negative = words(&row.negative_list);
    if !negative.is_empty() && !rules.iter().any(|rule| matches!(rule, Rule::NegativeHeads { .. })) {
        rules.push(Rule::NegativeHeads { heads: negative });
    }
    if row.host_allowed && !rules.contains(&Rule::ThroughHost {}) {
        rules.push(Rule::ThroughHost {});
    }
    rules
}

/// A list of codes as kept.
pub fn words(json: &serde_json::Value) -> Vec<String> {
    serde_json::from_value(json.clone()).unwrap_or_default()
}

/// The rubric of a call.
pub fn rubric_of(row: &call::Model) -> Vec<Criterion> {
    serde_json::from_value(row.rubric.clone()).unwrap_or_default()
}

/// The tranche plan of a call.
pub fn tranches_of(row: &call::Model) -> Vec<PlannedTranche> {
    serde_json::from_value(row.tranche_plan.clone()).unwrap_or_default()
}

/// The reporting plan of a call.
pub fn reports_of(row: &call::Model) -> Vec<PlannedReport> {
    serde_json::from_value(row.reporting_plan.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_weights_are_the_whole() {
        let plan = |shares: &[i64]| -> Vec<PlannedTranche> {
            shares.iter().map(|share| PlannedTranche { share_bps: *share, gates: vec![Gate::Signature] }).collect()
        };
        assert!(check_tranches(&plan(&[5_000, 4_000, 1_000])).is_empty());
        assert!(!check_tranches(&plan(&[5_000, 4_000])).is_empty());
        assert!(!check_tranches(&[PlannedTranche { share_bps: 10_000, gates: vec![] }]).is_empty());
    }
}
