//! The rules of a call on its form: every kind of rule has its fields, so that what is not changed here stays as it was.

use super::{percent, share, split};
use crate::core::eligibility::{CreditList, LegalForm, Rule, Stage};
use crate::grants::calls::rules::words as codes;
use crate::people::permission::Context;
use crate::web::forms::Posted;
use crate::web::sheet::Act;
use entities::call;

/// Legal forms in the form.
const FORMS: [LegalForm; 6] = [
    LegalForm::Association,
    LegalForm::Foundation,
    LegalForm::SocialServiceBody,
    LegalForm::SocialEnterprise,
    LegalForm::Company,
    LegalForm::ResidentGroup,
];
/// Stages of a social enterprise.
const STAGES: [Stage; 5] = [Stage::Observed, Stage::StartUp, Stage::Seed, Stage::Certified, Stage::Exited];
/// Lists with the field of their look-back and its usual months: one, two and three years.
const LISTS: [(&str, CreditList, u32); 3] = [
    ("abnormal_months", CreditList::Abnormal, 12),
    ("serious_months", CreditList::Serious, 24),
    ("other_months", CreditList::Other, 36),
];
/// Budget heads with a limit of their own.
const LIMITS: usize = 4;

/// The fields of the rules.
pub(super) fn fields(context: &Context, act: Act, row: Option<&call::Model>) -> Act {
    let known: Vec<Rule> =
        row.map_or_else(Vec::new, |row| serde_json::from_value(row.eligibility.clone()).unwrap_or_default());
    let act = organisations(context, act, row, &known);
    let act = money(context, act, &known);
    let boxes = [
        ("one_per_category", known.contains(&Rule::OneApplicationPerCategory {})),
        ("host_allowed", row.is_none_or(|row| row.host_allowed)),
        ("blind", row.is_some_and(|row| row.blind)),
        ("named_after_review", row.is_some_and(|row| row.named_after_review)),
        ("sealed", row.is_some_and(|row| row.sealed)),
    ];
    boxes.into_iter().fold(act, |act, (name, on)| act.ask(context, "check", name).ticked(on))
}

fn organisations(context: &Context, act: Act, row: Option<&call::Model>, known: &[Rule]) -> Act {
    let admitted = known.iter().find_map(|rule| match rule {
        Rule::LegalForm { any_of } => Some(any_of.clone()),
        _ => None,
    });
    // A new call begins with the usual forms; one that has rules and none about forms keeps none.
    let usual = vec![LegalForm::Association, LegalForm::Foundation, LegalForm::SocialServiceBody];
    let admitted = admitted.unwrap_or(if row.is_none() { usual } else { Vec::new() });
    let mut act = act;
    for form in FORMS {
        let words = (context.t("field-call-forms"), context.t(&format!("legal-form-name-{}", form.name())));
        act = act
            .ask(context, "check", &format!("form_{}", form.name()))
            .labelled(format!("{}: {}", words.0, words.1))
            .ticked(admitted.contains(&form));
    }
    for stage in STAGES {
        let on = known.iter().any(|rule| matches!(rule, Rule::StageAny { any_of } if any_of.contains(&stage)));
        let words = (context.t("field-call-stages"), context.t(&format!("enterprise-stage-name-{}", stage.name())));
        act = act
            .ask(context, "check", &format!("stage_{}", stage.name()))
            .labelled(format!("{}: {}", words.0, words.1))
            .ticked(on);
    }
    for (field, list, usual) in LISTS {
        let kept = known.iter().find_map(|rule| match rule {
            Rule::NotOnList { list: of, look_back_months } if *of == list => Some(*look_back_months),
            _ => None,
        });
        let months = kept.or((row.is_none()).then_some(usual)).map(|months| months.to_string()).unwrap_or_default();
        act = act.ask(context, "number", field).value(months).optional();
    }
    let text = |pick: fn(&Rule) -> Option<String>| known.iter().find_map(pick).unwrap_or_default();
    act.ask(context, "text", "areas")
        .labelled(context.t("field-call-areas"))
        .value(text(|rule| match rule {
            Rule::Area { any_of } => Some(any_of.join(", ")),
            _ => None,
        }))
        .optional()
        .ask(context, "text", "uscc_prefixes")
        .value(text(|rule| match rule {
            Rule::UsccPrefix { any_of } => Some(any_of.join(", ")),
            _ => None,
        }))
        .optional()
        .ask(context, "number", "least_grade")
        .value(text(|rule| match rule {
            Rule::GradeAtLeast { grade } => Some(grade.to_string()),
            _ => None,
        }))
        .optional()
        .ask(context, "number", "repeat_limit")
        .value(text(|rule| match rule {
            Rule::RepeatLimit { at_most } => Some(at_most.to_string()),
            _ => None,
        }))
        .optional()
        .ask(context, "number", "grantee_limit")
        .value(text(|rule| match rule {
            Rule::GranteeLimit { at_most, .. } => Some(at_most.to_string()),
            _ => None,
        }))
        .optional()
        .ask(context, "number", "grantee_months")
        .value(text(|rule| match rule {
            Rule::GranteeLimit { look_back_months, .. } => Some(look_back_months.to_string()),
            _ => None,
        }))
        .optional()
}

fn money(context: &Context, act: Act, known: &[Rule]) -> Act {
    let text = |pick: fn(&Rule) -> Option<String>| known.iter().find_map(pick).unwrap_or_default();
    let mut act = act
        .ask(context, "text", "self_raised")
        .value(text(|rule| match rule {
            Rule::SelfRaisedAtLeast { bps } => Some(percent(*bps)),
            _ => None,
        }))
        .optional()
        .ask(context, "text", "grant_share")
        .value(text(|rule| match rule {
            Rule::GrantShareAtMost { bps } => Some(percent(*bps)),
            _ => None,
        }))
        .optional();
    let limits: Vec<(&String, i64)> = known
        .iter()
        .filter_map(|rule| match rule {
            Rule::BudgetHeadLimit { head, bps } => Some((head, *bps)),
            _ => None,
        })
        .collect();
    for place in 0..LIMITS.max(limits.len() + 1) {
        let n = (place + 1).to_string();
        let (head, share) =
            limits.get(place).map_or((String::new(), String::new()), |(h, b)| ((*h).clone(), percent(*b)));
        act = act
            .ask(context, "text", &format!("limits.{place}.head"))
            .labelled(context.t_with("field-call-limit-head", &[("n", &n)]))
            .value(head)
            .optional()
            .ask(context, "text", &format!("limits.{place}.share"))
            .labelled(context.t_with("field-call-limit-share", &[("n", &n)]))
            .value(share)
            .optional();
    }
    act
}

/// Reads the rules. `before` are those of the draft: a list of negative heads or a cap that a file or a programme wrote there
/// has no field and stays.
pub(super) fn read(posted: &Posted, before: Option<&call::Model>) -> Vec<Rule> {
    let any_of: Vec<LegalForm> =
        FORMS.into_iter().filter(|form| posted.ticked(&format!("form_{}", form.name()))).collect();
    let stages: Vec<Stage> =
        STAGES.into_iter().filter(|stage| posted.ticked(&format!("stage_{}", stage.name()))).collect();
    let mut rules = Vec::new();
    if !any_of.is_empty() {
        rules.push(Rule::LegalForm { any_of });
    }
    if !stages.is_empty() {
        rules.push(Rule::StageAny { any_of: stages });
    }
    let there = |field: &str| !posted.raw(field).trim().is_empty();
    for (field, list, _) in LISTS {
        if there(field) {
            let look_back_months = u32::try_from(posted.number(field, 0, 600)).unwrap_or(0);
            rules.push(Rule::NotOnList { list, look_back_months });
        }
    }
    let (areas, prefixes) = (split(posted, "areas"), split(posted, "uscc_prefixes"));
    if !areas.is_empty() {
        rules.push(Rule::Area { any_of: areas });
    }
    if !prefixes.is_empty() {
        rules.push(Rule::UsccPrefix { any_of: prefixes });
    }
    if there("least_grade") {
        rules.push(Rule::GradeAtLeast { grade: u8::try_from(posted.number("least_grade", 1, 5)).unwrap_or(1) });
    }
    if there("repeat_limit") {
        rules.push(Rule::RepeatLimit { at_most: u32::try_from(posted.number("repeat_limit", 1, 100)).unwrap_or(1) });
    }
    if there("grantee_limit") {
        let at_most = u32::try_from(posted.number("grantee_limit", 0, 100)).unwrap_or(0);
        let look_back_months = u32::try_from(posted.number("grantee_months", 1, 600)).unwrap_or(1);
        rules.push(Rule::GranteeLimit { at_most, look_back_months });
    }
    if there("self_raised") {
        rules.push(Rule::SelfRaisedAtLeast { bps: share(posted, "self_raised") });
    }
    if there("grant_share") {
        rules.push(Rule::GrantShareAtMost { bps: share(posted, "grant_share") });
    }
    for place in posted.rows("limits") {
        let head = posted.text(&format!("limits.{place}.head"), crate::commons::texts::TITLE);
        rules.push(Rule::BudgetHeadLimit { head, bps: share(posted, &format!("limits.{place}.share")) });
    }
    if posted.ticked("one_per_category") {
        rules.push(Rule::OneApplicationPerCategory {});
    }
    let kept: Vec<Rule> =
        before.map_or_else(Vec::new, |row| serde_json::from_value(row.eligibility.clone()).unwrap_or_default());
    let negative = before.map(|row| codes(&row.negative_list)).unwrap_or_default();
    let no_field = |rule: &Rule| match rule {
        Rule::AskAtMost { .. } => true,
        // What only repeats the negative list follows that list when it changes.
        Rule::NegativeHeads { heads } => *heads != negative,
        _ => false,
    };
    rules.extend(kept.into_iter().filter(no_field));
    rules
}
