//! A call's rules and plans in words.

use super::rules::{eligibility_of, reports_of, tranches_of};
use crate::core::eligibility::{CreditList, Rule};
use crate::core::money::format_bps;
use crate::edges::i18n::Value;
use crate::people::permission::Context;
use crate::web::parts::Step;
use entities::call;
use entities::kinds::Currency;
use std::collections::BTreeSet;

/// Budget heads with words of the house: what calls usually allow, then what they usually exclude.
pub const HEADS: [&str; 10] = [
    "material",
    "labour",
    "activity",
    "training",
    "publicity",
    "transport",
    "management",
    "cash",
    "fixed_assets",
    "building",
];

/// A budget head in words; a head of the officer's own is its own word.
pub fn head(context: &Context, code: &str) -> String {
    if HEADS.contains(&code) { context.t(&format!("budget-head-{code}")) } else { code.to_owned() }
}

/// Several words as one list.
pub fn list(context: &Context, words: impl Iterator<Item = String>) -> String {
    let between = if context.locale == entities::kinds::Locale::En { ", " } else { "、" };
    words.collect::<Vec<_>>().join(between)
}

/// The policy that something was decided under, by its number.
pub fn policy(context: &Context, number: i32) -> String {
    context.t_with("policy-number", &[("number", &number.to_string())])
}

/// What was seen where a rule is broken, in words; `None` for what the rule says already, or is nothing.
pub fn seen(context: &Context, name: &str, value: &str) -> Option<String> {
    let key = match name {
        "from" => "seen-from",
        "until" => "seen-until",
        "expires" => "seen-expires",
        "grade" if value != "0" => "seen-grade",
        "grade" => return Some(context.t("seen-no-grade")),
        "awards" => "seen-awards",
        "area" => "seen-area",
        "others" => "seen-others",
        "heads" => "seen-heads",
        "prefix" => "seen-prefix",
        _ => return None,
    };
    let day = value.parse().map(|day| context.day(day));
    (!value.is_empty()).then(|| context.t_with(key, &[("value", &day.unwrap_or_else(|_| value.to_owned()))]))
}

/// A rule of a call in words.
pub fn rule(context: &Context, rule: &Rule, currency: Currency) -> String {
    let with = |key: &str, name: &str, value: String| context.t_with(key, &[(name, &value)]);
    match rule {
        Rule::LegalForm { any_of } => {
            let names = any_of.iter().map(|form| context.t(&format!("legal-form-name-{}", form.name())));
            with("rule-legal-form", "forms", list(context, names))
        }
        Rule::UsccPrefix { any_of } => {
            let forms = list(context, any_of.iter().map(|prefix| registered_as(context, prefix)));
            context.t_with("rule-uscc-prefix", &[("forms", &forms), ("prefixes", &any_of.join(", "))])
        }
        Rule::ThroughHost {} => context.t("rule-through-host"),
        Rule::NotOnList { list, look_back_months } => {
            let key = match list {
                CreditList::Abnormal => "rule-abnormal",
                CreditList::Serious => "rule-serious",
                CreditList::Other => "rule-other",
            };
            with(key, "months", look_back_months.to_string())
        }
        Rule::Area { any_of } => with("rule-area", "areas", list(context, any_of.iter().cloned())),
        Rule::GradeAtLeast { grade } => with("rule-grade", "grade", grade.to_string()),
        Rule::StageAny { any_of } => {
            let names = any_of.iter().map(|stage| context.t(&format!("enterprise-stage-name-{}", stage.name())));
            with("rule-stage", "stages", list(context, names))
        }
        Rule::AskAtMost { minor } => with("rule-ask", "amount", context.money(*minor, currency)),
        Rule::SelfRaisedAtLeast { bps } => with("rule-self-raised", "share", format_bps(*bps)),
        Rule::GrantShareAtMost { bps } => with("rule-grant-share", "share", format_bps(*bps)),
        Rule::OneApplicationPerCategory {} => context.t("rule-one-per-category"),
        Rule::RepeatLimit { at_most } => with("rule-repeat", "n", at_most.to_string()),
        Rule::GranteeLimit { at_most, look_back_months } => {
            let (n, months) = (at_most.to_string(), look_back_months.to_string());
            context.t_with("rule-grantee", &[("n", &n), ("months", &months)])
        }
        Rule::BudgetHeadLimit { head: code, bps } => {
            let (head, share) = (head(context, code), format_bps(*bps));
            context.t_with("rule-budget-head", &[("head", &head), ("share", &share)])
        }
        Rule::NegativeHeads { heads } => {
            with("rule-negative-heads", "heads", list(context, heads.iter().map(|code| head(context, code))))
        }
    }
}

/// What a credit code that begins so is given to; a beginning without a word is its own.
fn registered_as(context: &Context, prefix: &str) -> String {
    match prefix {
        "51" => context.t("legal-form-name-association"),
        "52" => context.t("legal-form-name-social-service-body"),
        "53" => context.t("legal-form-name-foundation"),
        "91" => context.t("legal-form-name-company"),
        other => other.to_owned(),
    }
}

/// Who may apply, in one line: legal forms, and residents' groups where a host may stand for them.
pub fn who(context: &Context, row: &call::Model) -> String {
    let mut words: Vec<String> = Vec::new();
    for rule in eligibility_of(row) {
        match rule {
            Rule::LegalForm { any_of } => {
                words.extend(any_of.iter().map(|form| context.t(&format!("legal-form-name-{}", form.name()))));
            }
            Rule::UsccPrefix { any_of } => {
                words.extend(any_of.iter().map(|prefix| registered_as(context, prefix)));
            }
            _ => {}
        }
    }
    if row.host_allowed {
        words.push(context.t("call-who-host"));
    }
    let mut seen = BTreeSet::new();
    words.retain(|word| seen.insert(word.clone()));
    if words.is_empty() { context.t("call-who-see") } else { list(context, words.into_iter()) }
}

/// The tranche plan as a stream.
pub fn tranches(context: &Context, row: &call::Model) -> Vec<Step> {
    (1_i64..)
        .zip(tranches_of(row))
        .map(|(n, tranche)| Step {
            state: "later",
            title: format!(
                "{} · {}",
                context.edges.words.text(context.locale, "call-tranche", &[("n", Value::Count(n))]),
                format_bps(tranche.share_bps)
            ),
            detail: list(context, tranche.gates.iter().map(|gate| context.t(&format!("call-gate-{}", gate.as_str())))),
            href: String::new(),
            date: String::new(),
        })
        .collect()
}

/// The reporting plan, a line each.
pub fn reports(context: &Context, row: &call::Model) -> Vec<String> {
    reports_of(row)
        .iter()
        .map(|report| context.t_count(&format!("call-report-{}", report.kind), report.due_after_days))
        .collect()
}
