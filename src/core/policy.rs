//! The figures of the rules, each with its key; versions with dates and sources are rows of `policy_version`.
//!
//! Changing a figure never changes what was decided under the old one: services read the policy of the day of the act. To add
//! a figure: a field here with its key, its default in both profiles with the source, and its two locale keys.

use super::lifecycle::{Lifecycle, Part, mv, mv2};
use entities::kinds::PolicyStage;
use serde::{Deserialize, Serialize};

/// A version of a figure.
pub const POLICY: Lifecycle<PolicyStage> = Lifecycle {
    name: "policy",
    starts: &[PolicyStage::Proposed, PolicyStage::Confirmed],
    moves: &[
        mv2(PolicyStage::Proposed, "confirm", PolicyStage::Confirmed, Part::Administrator, Part::Administrator)
            .when("before its day begins"),
        mv(PolicyStage::Proposed, "decline", PolicyStage::Declined, &[Part::Administrator])
            .when("by a different administrator"),
    ],
};

/// The figures in force on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Payments from this amount on need a third approver, in minor units.
    pub third_approval_minor: i64,
    /// Days a new payee account cools before it may be paid.
    pub cooling_days: i64,
    /// Working days within which an objection is answered.
    pub objection_answer_days: i64,
    /// Working days within which a supervisor's hold is answered.
    pub hold_answer_days: i64,
    /// Days an offer stays open.
    pub offer_days: i64,
    /// Score an evaluation needs to open the next gate, in hundredths.
    pub pass_mark: i64,
    /// Score from which a final evaluation is graded A, in hundredths.
    pub grade_a_mark: i64,
    /// Working days an applicant has to answer a question.
    pub information_days: i64,
    /// Months within which the residue of an award is decided and published.
    pub residue_months: i64,
    /// Days an invitation is good for.
    pub invitation_days: i64,
    /// Hours a session lasts without use.
    pub session_hours: i64,
    /// Fewest members of a fund's committee, where there is one.
    pub committee_least: i64,
    /// Whether the public reads the names of committee members: 1 for yes.
    pub committee_names_public: i64,
    /// Days after which a fund that promises and pays nothing is idle.
    pub idle_days: i64,
    /// Days before a pledge is due on which its donor is reminded.
    pub pledge_remind_before_days: i64,
    /// Days after it on which the donor is reminded once more.
    pub pledge_remind_after_days: i64,
    /// Days before a report is due on which the grantee is reminded.
    pub report_remind_before_days: i64,
    /// Days after it on which the grantee is reminded once more.
    pub report_remind_after_days: i64,
    /// Months for which a ban after a breach is proposed.
    pub ban_months: i64,
    /// Days after its day when an instalment of a pledge lapses.
    pub pledge_lapse_days: i64,
    /// What a formula gives an urban community before its people are counted, in minor units.
    pub formula_urban_base_minor: i64,
    /// What it gives for every hundred people there, in minor units.
    pub formula_urban_hundred_minor: i64,
    /// The same of a rural community, before its people are counted.
    pub formula_rural_base_minor: i64,
    /// The same for every hundred people there.
    pub formula_rural_hundred_minor: i64,
    /// What becomes of a hundred that is not full: 0 for its part, 1 for nothing, 2 for the whole.
    pub formula_rounding: i64,
    /// Days a session that has ended is kept.
    pub retain_sessions_days: i64,
    /// Days an invitation that was used or is too old is kept.
    pub retain_invitations_days: i64,
    /// Days a letter that was sent and a job that is done are kept.
    pub retain_mail_days: i64,
    /// Days the key of a posted form is kept.
    pub retain_forms_days: i64,
    /// Days what was typed into an application and not saved is kept.
    pub retain_typed_days: i64,
}

/// Where a figure comes from, for the seeded profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// Key, the field's name.
    pub key: &'static str,
    /// Value.
    pub value: i64,
    /// Law, regulation or practice.
    pub source: &'static str,
}

const fn figure(key: &'static str, value: i64, source: &'static str) -> Figure {
    Figure { key, value, source }
}

/// The `cn` profile.
pub const CN: [Figure; 30] = [
    figure("third_approval_minor", 4_000_000, "board decision: third approval from ¥40,000"),
    figure("cooling_days", 3, "board decision: three days between a change of payee account and its use"),
    figure("objection_answer_days", 5, "disclosure practice: five working days"),
    figure("hold_answer_days", 5, "supervisor's rules: five working days, then the board"),
    figure("offer_days", 15, "disclosure practice: first payment within fifteen working days of signature"),
    figure("pass_mark", 6_000, "evaluation practice: mid-term pass mark 60"),
    figure("grade_a_mark", 8_500, "evaluation practice: A from 85"),
    figure("information_days", 5, "screening practice: five working days"),
    figure("residue_months", 3, "MCA Order 81: residue handled within three months"),
    figure("invitation_days", 14, "house rule"),
    figure("session_hours", 12, "house rule"),
    figure("committee_least", 5, "rules of special funds: a committee of at least five, odd"),
    figure("committee_names_public", 0, "privacy: members are volunteers; their names are for those concerned"),
    figure("idle_days", 180, "board decision: half a year without use"),
    figure("pledge_remind_before_days", 14, "house rule"),
    figure("pledge_remind_after_days", 7, "house rule"),
    figure("pledge_lapse_days", 90, "house rule"),
    figure("report_remind_before_days", 14, "house rule"),
    figure("report_remind_after_days", 7, "house rule"),
    figure("ban_months", 36, "practice of venture rounds: three years after a breach"),
    figure(
        "formula_urban_base_minor",
        10_000_000,
        "municipal allocation practice: urban 100,000 + 1,500, rural 250,000 + 4,000 per 100 people",
    ),
    figure(
        "formula_urban_hundred_minor",
        150_000,
        "municipal allocation practice: urban 100,000 + 1,500, rural 250,000 + 4,000 per 100 people",
    ),
    figure(
        "formula_rural_base_minor",
        25_000_000,
        "municipal allocation practice: urban 100,000 + 1,500, rural 250,000 + 4,000 per 100 people",
    ),
    figure(
        "formula_rural_hundred_minor",
        400_000,
        "municipal allocation practice: urban 100,000 + 1,500, rural 250,000 + 4,000 per 100 people",
    ),
    figure(
        "formula_rounding",
        0,
        "municipal allocation practice: urban 100,000 + 1,500, rural 250,000 + 4,000 per 100 people",
    ),
    figure("retain_sessions_days", 30, "personal data is kept no longer than needed (PIPL Art 19)"),
    figure("retain_invitations_days", 30, "personal data is kept no longer than needed (PIPL Art 19)"),
    figure("retain_mail_days", 30, "personal data is kept no longer than needed (PIPL Art 19)"),
    figure("retain_forms_days", 30, "personal data is kept no longer than needed (PIPL Art 19)"),
    figure("retain_typed_days", 180, "personal data is kept no longer than needed (PIPL Art 19)"),
];

/// The `generic` profile: the same house rules without a statutory source.
pub const GENERIC: [Figure; 30] = [
    figure("third_approval_minor", 100_000_000, "house rule"),
    figure("cooling_days", 3, "house rule"),
    figure("objection_answer_days", 5, "house rule"),
    figure("hold_answer_days", 5, "house rule"),
    figure("offer_days", 21, "house rule"),
    figure("pass_mark", 6_000, "house rule"),
    figure("grade_a_mark", 8_500, "house rule"),
    figure("information_days", 5, "house rule"),
    figure("residue_months", 3, "house rule"),
    figure("invitation_days", 14, "house rule"),
    figure("session_hours", 12, "house rule"),
    figure("committee_least", 5, "house rule"),
    figure("committee_names_public", 0, "house rule"),
    figure("idle_days", 365, "house rule"),
    figure("pledge_remind_before_days", 14, "house rule"),
    figure("pledge_remind_after_days", 7, "house rule"),
    figure("pledge_lapse_days", 90, "house rule"),
    figure("report_remind_before_days", 14, "house rule"),
    figure("report_remind_after_days", 7, "house rule"),
    figure("ban_months", 12, "house rule"),
    figure("formula_urban_base_minor", 10_000_000, "house rule"),
    figure("formula_urban_hundred_minor", 150_000, "house rule"),
    figure("formula_rural_base_minor", 25_000_000, "house rule"),
    figure("formula_rural_hundred_minor", 400_000, "house rule"),
    figure("formula_rounding", 0, "house rule"),
    figure("retain_sessions_days", 30, "house rule"),
    figure("retain_invitations_days", 30, "house rule"),
    figure("retain_mail_days", 30, "house rule"),
    figure("retain_forms_days", 30, "house rule"),
    figure("retain_typed_days", 180, "house rule"),
];

/// The most a figure may be: what is counted in days, months or hours must stay within a calendar.
pub fn most(key: &str) -> i64 {
    match key {
        "third_approval_minor" => i64::MAX / 4,
        "pass_mark" | "grade_a_mark" => 10_000,
        "committee_least" => 99,
        "committee_names_public" => 1,
        "formula_rounding" => 2,
        key if key.starts_with("formula_") => crate::core::money::MAX_MINOR,
        _ => 3_650,
    }
}

impl Policy {
    /// The profile's figures.
    pub fn profile(name: &str) -> &'static [Figure] {
        if name == "cn" { &CN } else { &GENERIC }
    }

    /// Lays figures over the generic profile; the last of a key wins, an unknown key is passed over.
    pub fn from_figures<'a>(figures: impl IntoIterator<Item = (&'a str, i64)>) -> Self {
        let mut policy = Self {
            third_approval_minor: 0,
            cooling_days: 0,
            objection_answer_days: 0,
            hold_answer_days: 0,
            offer_days: 0,
            pass_mark: 0,
            grade_a_mark: 0,
            information_days: 0,
            residue_months: 0,
            invitation_days: 0,
            session_hours: 0,
            committee_least: 0,
            committee_names_public: 0,
            idle_days: 0,
            pledge_remind_before_days: 0,
            pledge_remind_after_days: 0,
            report_remind_before_days: 0,
            report_remind_after_days: 0,
            ban_months: 0,
            pledge_lapse_days: 0,
            formula_urban_base_minor: 0,
            formula_urban_hundred_minor: 0,
            formula_rural_base_minor: 0,
            formula_rural_hundred_minor: 0,
            formula_rounding: 0,
            retain_sessions_days: 0,
            retain_invitations_days: 0,
            retain_mail_days: 0,
            retain_forms_days: 0,
            retain_typed_days: 0,
        };
        for (key, value) in GENERIC.iter().map(|f| (f.key, f.value)).chain(figures) {
            if let Some(slot) = policy.slot(key) {
                *slot = value;
            }
        }
        policy
    }

    fn slot(&mut self, key: &str) -> Option<&mut i64> {
        Some(match key {
            "third_approval_minor" => &mut self.third_approval_minor,
            "cooling_days" => &mut self.cooling_days,
            "objection_answer_days" => &mut self.objection_answer_days,
            "hold_answer_days" => &mut self.hold_answer_days,
            "offer_days" => &mut self.offer_days,
            "pass_mark" => &mut self.pass_mark,
            "grade_a_mark" => &mut self.grade_a_mark,
            "information_days" => &mut self.information_days,
            "residue_months" => &mut self.residue_months,
            "invitation_days" => &mut self.invitation_days,
            "session_hours" => &mut self.session_hours,
            "committee_least" => &mut self.committee_least,
            "committee_names_public" => &mut self.committee_names_public,
            "idle_days" => &mut self.idle_days,
            "pledge_remind_before_days" => &mut self.pledge_remind_before_days,
            "pledge_remind_after_days" => &mut self.pledge_remind_after_days,
            "report_remind_before_days" => &mut self.report_remind_before_days,
            "report_remind_after_days" => &mut self.report_remind_after_days,
            "ban_months" => &mut self.ban_months,
            "pledge_lapse_days" => &mut self.pledge_lapse_days,
            "formula_urban_base_minor" => &mut self.formula_urban_base_minor,
            "formula_urban_hundred_minor" => &mut self.formula_urban_hundred_minor,
            "formula_rural_base_minor" => &mut self.formula_rural_base_minor,
            "formula_rural_hundred_minor" => &mut self.formula_rural_hundred_minor,
            "formula_rounding" => &mut self.formula_rounding,
            "retain_sessions_days" => &mut self.retain_sessions_days,
            "retain_invitations_days" => &mut self.retain_invitations_days,
            "retain_mail_days" => &mut self.retain_mail_days,
            "retain_forms_days" => &mut self.retain_forms_days,
            "retain_typed_days" => &mut self.retain_typed_days,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_of_both_profiles_has_its_place_and_later_versions_win() {
        for figure in CN.iter().chain(&GENERIC) {
            let mut policy = Policy::from_figures([]);
            assert!(policy.slot(figure.key).is_some(), "{}", figure.key);
        }
        let policy = Policy::from_figures([("cooling_days", 5), ("cooling_days", 7), ("unknown", 1)]);
        assert_eq!(policy.cooling_days, 7);
        assert_eq!(policy.pass_mark, 6_000);
    }
}
