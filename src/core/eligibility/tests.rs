//! The judges of eligibility: examples, and laws tried on many inputs.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn party(legal_form: LegalForm, uscc: &str) -> Party {
    Party {
        legal_form,
        uscc: (!uscc.is_empty()).then(|| uscc.to_owned()),
        areas: vec!["510107".into()],
        lists: Vec::new(),
        grade: Some(Grade { level: 3, expires: Some(day("2026-12-31")) }),
        stage: None,
    }
}

fn facts(applicant: Party) -> Facts {
    let line = |head: &str, source, amount_minor| BudgetLine { head: head.into(), source, amount_minor };
    Facts {
        today: day("2026-03-01"),
        applicant,
        host: None,
        host_accepted: false,
        ask_minor: 8_300_000,
        budget: vec![line("material", Source::Grant, 6_000_000), line("labour", Source::Grant, 2_300_000)],
        others_in_category: 0,
        others_in_call: 0,
        awarded: Vec::new(),
    }
}

fn wall_rules() -> Vec<Rule> {
    serde_json::from_value(json!([
        {"rule": "legal-form", "any_of": ["association", "foundation", "social-service-body"]},
        {"rule": "uscc-prefix", "any_of": ["51", "52", "53"]},
        {"rule": "through-host"},
        {"rule": "not-on-list", "list": "abnormal", "look_back_months": 12},
        {"rule": "not-on-list", "list": "serious", "look_back_months": 24},
        {"rule": "area", "any_of": ["510107"]},
        {"rule": "ask-at-most", "minor": 9_000_000},
        {"rule": "negative-heads", "heads": ["cash-to-beneficiaries"]},
        {"rule": "one-application-per-category"},
    ]))
    .unwrap()
}

fn refusals(facts: &Facts) -> Vec<(&'static str, Option<&'static str>)> {
    let findings = examine(&wall_rules(), facts);
    findings.into_iter().filter(|finding| !finding.ok).map(|finding| (finding.code, finding.mend)).collect()
}

#[test]
fn a_social_service_body_may_apply() {
    assert_eq!(refusals(&facts(party(LegalForm::SocialServiceBody, "52999999TE00000459"))), []);
}

#[test]
fn the_abnormal_list_within_the_year_refuses() {
    let mut applicant = party(LegalForm::SocialServiceBody, "52999999TE0000061Y");
    let entry =
        |from: &str, until: &str| ListEntry { list: CreditList::Abnormal, from: day(from), until: until.parse().ok() };
    applicant.lists = vec![entry("2024-01-01", "2025-03-02")];
    let expected = ("eligibility-not-on-abnormal-list", Some("eligibility-mend-wait"));
    assert_eq!(refusals(&facts(applicant.clone())), [expected]);
    let finding = &examine(&wall_rules(), &facts(applicant.clone()))[3];
    assert_eq!(finding.evidence[2], ("until".to_owned(), "2025-03-02".to_owned()));

    applicant.lists = vec![entry("2025-01-01", "")];
    let expected = ("eligibility-not-on-abnormal-list", Some("eligibility-mend-removal"));
    assert_eq!(refusals(&facts(applicant.clone())), [expected]);

    applicant.lists = vec![entry("2024-01-01", "2025-03-01"), entry("2026-03-02", "")];
    assert_eq!(refusals(&facts(applicant)), []);
}

#[test]
fn a_social_enterprise_is_told_of_its_own_track() {
    let mut applicant = party(LegalForm::SocialEnterprise, "91999999TE0000088M");
    applicant.stage = Some(Stage::Seed);
    let track = Some("eligibility-mend-enterprise-track");
    assert_eq!(refusals(&facts(applicant)), [("eligibility-legal-form", track), ("eligibility-uscc-prefix", track)]);
}

#[test]
fn a_residents_group_applies_through_a_host_that_qualifies() {
    let mut facts = facts(party(LegalForm::ResidentGroup, ""));
    let host = Some("eligibility-mend-name-a-host");
    let all = [("eligibility-legal-form", host), ("eligibility-uscc-prefix", host), ("eligibility-through-host", host)];
    assert_eq!(refusals(&facts), all);
    facts.host = Some(party(LegalForm::SocialServiceBody, "52999999TE00000534"));
    assert_eq!(refusals(&facts), all);
    facts.host_accepted = true;
    assert_eq!(refusals(&facts), []);
    facts.host = Some(party(LegalForm::Company, "91999999TE0000037D"));
    assert_eq!(refusals(&facts).len(), 2);
}

#[test]
fn a_repeat_grantee_waits_until_the_look_back_is_over() {
    let rules: Vec<Rule> =
        serde_json::from_value(json!([{"rule": "grantee-limit", "at_most": 1, "look_back_months": 24}])).unwrap();
    let mut facts = facts(party(LegalForm::Association, "51"));
    let met = |facts: &Facts| is_eligible(&examine(&rules, facts));
    facts.awarded = vec![day("2024-03-02")];
    assert!(met(&facts), "one award may stand");
    facts.awarded.push(day("2024-03-01"));
    assert!(met(&facts), "the other was two years ago to the day");
    facts.awarded[1] = day("2025-01-01");
    assert!(!met(&facts));
    assert_eq!(examine(&rules, &facts)[0].evidence[0], ("awards".to_owned(), "2".to_owned()));
    facts.today = day("2026-03-02");
    assert!(met(&facts), "a day later the first is out");
}

#[test]
fn shares_are_compared_exactly() {
    let rules: Vec<Rule> = serde_json::from_value(json!([
        {"rule": "self-raised-at-least", "bps": 1000}, {"rule": "grant-share-at-most", "bps": 6000},
        {"rule": "budget-head-limit", "head": "travel", "bps": 1000}, {"rule": "repeat-limit", "at_most": 2},
        {"rule": "grade-at-least", "grade": 3}, {"rule": "stage-any", "any_of": ["seed"]},
    ]))
    .unwrap();
    let mut facts = facts(party(LegalForm::Association, "51"));
    let line = |head: &str, source, amount_minor| BudgetLine { head: head.into(), source, amount_minor };
    facts.budget =
        vec![line("x", Source::Grant, 600), line("travel", Source::SelfRaised, 100), line("x", Source::Partner, 300)];
    facts.others_in_call = 1;
    let oks = |facts: &Facts| examine(&rules, facts).iter().map(|finding| finding.ok).collect::<Vec<_>>();
    assert_eq!(oks(&facts), [true, true, true, true, true, false]);
    facts.budget[0].amount_minor = 602;
    facts.others_in_call = 2;
    facts.today = day("2027-01-01");
    facts.applicant.stage = Some(Stage::Seed);
    assert_eq!(oks(&facts), [false, false, true, false, false, true]);
    facts.budget = vec![line("x", Source::Grant, i64::MAX); 3];
    assert_eq!(oks(&facts)[..2], [false, false]);
}

#[test]
fn every_code_and_mend_is_listed() {
    let mut facts = facts(party(LegalForm::SocialEnterprise, ""));
    facts.budget[0].head = "cash-to-beneficiaries".into();
    facts.ask_minor = i64::MAX;
    for finding in examine(&wall_rules(), &facts) {
        assert!(CODES.contains(&finding.code));
        assert!(finding.mend.is_none_or(|mend| MENDS.contains(&mend)));
    }
    let wrong = json!({"rule": "ask-at-most", "minor": 5, "colour": "red"});
    assert!(serde_json::from_value::<Rule>(wrong).is_err());
}

proptest! {
    #[test]
    fn the_answer_does_not_depend_on_the_order(
        order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle(),
        form in prop::sample::select(vec![LegalForm::Association, LegalForm::ResidentGroup, LegalForm::SocialEnterprise]),
        hosted in any::<bool>(),
        ask in 0..20_000_000_i64,
        removed in 0..800_u64,
    ) {
        let mut applicant = party(form, "52999999TE00000459");
        let until = Some(day("2024-06-01") + chrono::Days::new(removed));
        applicant.lists = vec![ListEntry { list: CreditList::Abnormal, from: day("2024-01-01"), until }];
        let mut facts = facts(applicant);
        facts.host = hosted.then(|| party(LegalForm::Association, "51"));
        facts.host_accepted = hosted;
        facts.ask_minor = ask;
        let rules = wall_rules();
        let straight = examine(&rules, &facts);
        let shuffled: Vec<Rule> = order.iter().map(|place| rules[*place].clone()).collect();
        for (finding, place) in examine(&shuffled, &facts).into_iter().zip(order) {
            prop_assert_eq!(Finding { rule: place, ..finding }, straight[place].clone());
        }
    }
}
