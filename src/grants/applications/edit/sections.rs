//! The sections of the form: the project, the questions of the call, the budget, what is measured, a child's own project.

use super::Section;
use crate::core::answers::FormDefinition;
use crate::core::money::Money;
use crate::grants::applications::budget::{self, Line, Measured};
use crate::grants::calls::{rules::words as codes, words};
use crate::grants::forms::view::fields::{Filling, controls};
use crate::people::permission::Context;
use crate::web::parts::Choice;
use crate::web::sheet::Act;
use entities::kinds::{BudgetSource, Currency};
use entities::{application, call};
use std::collections::BTreeMap;

/// Rows of the budget offered at least; one more than is written always stands empty.
const LINES: usize = 12;
/// Rows of the budget that stand open for an empty one; the others are folded.
const OPEN_LINES: usize = 1;
/// Rows of indicators offered at least.
const INDICATORS: usize = 6;

/// A form to collect fields with the builder of acts.
pub(super) fn collecting() -> Act {
    Act::worded(String::new(), String::new(), String::new(), "", "")
}

pub(super) fn project(context: &Context, row: &application::Model) -> Section {
    let hint = |name: &str| context.t(&format!("application-hint-{name}"));
    let label = |name: &str| context.t(&format!("application-field-{name}"));
    let act = collecting()
        .ask(context, "text", "title")
        .labelled(label("title"))
        .value(row.title.clone())
        .ask(context, "area", "summary")
        .labelled(label("summary"))
        .hint(hint("summary"))
        .value(row.summary.clone())
        .ask(context, "text", "site")
        .labelled(label("site"))
        .hint(hint("site"))
        .value(row.site.clone())
        .ask(context, "area", "team")
        .labelled(label("team"))
        .hint(hint("team"))
        .value(row.team.clone());
    Section {
        id: "project",
        title: context.t("application-project"),
        help: String::new(),
        fields: act.fields,
        rows: Vec::new(),
        more: String::new(),
        folded: Vec::new(),
    }
}

pub(super) fn child(context: &Context, row: &application::Model) -> Section {
    let act = collecting()
        .ask(context, "text", "child_name")
        .value(row.child_name.clone())
        .optional()
        .ask(context, "area", "child_summary")
        .value(row.child_summary.clone())
        .optional();
    Section {
        id: "child",
        title: context.t("application-child"),
        help: String::new(),
        fields: Vec::new(),
        rows: if row.child_name.is_empty() { Vec::new() } else { vec![act.fields.clone()] },
        more: if row.child_name.is_empty() { context.t("application-child-more") } else { String::new() },
        folded: if row.child_name.is_empty() { vec![act.fields] } else { Vec::new() },
    }
}

/// A label of a row: what, and in which row.
fn in_row(context: &Context, key: &str, place: usize) -> String {
    context.t_with("application-row", &[("what", &context.t(key)), ("n", &(place + 1).to_string())])
}

pub(super) fn budget(context: &Context, call: &call::Model, lines: &[Line]) -> Section {
    let heads: Vec<Choice> =
        codes(&call.budget_heads).iter().map(|code| Choice::new(code, words::head(context, code))).collect();
    let sources = Choice::words(context, "application-source", BudgetSource::ALL.iter().map(|source| source.as_str()));
    let row = |place: usize| {
        let line = lines.get(place);
        let name = |column: &str| format!("lines.{place}.{column}");
        let text = |pick: fn(&Line) -> String| line.map(pick).unwrap_or_default();
        let unit = line.map(|line| typed(line.unit_minor, call.currency)).unwrap_or_default();
        collecting()
            .ask(context, "text", &name("label"))
            .labelled(in_row(context, "head-application-what", place))
            .value(text(|line| line.label.clone()))
            .optional()
            .ask_choice(context, &name("head"), Choice::chosen(heads.clone(), &text(|line| line.head.clone())))
            .labelled(context.t("head-application-head"))
            .optional()
            .ask(context, "number", &name("quantity"))
            .labelled(context.t("head-application-quantity"))
            .value(text(|line| line.quantity.to_string()))
            .optional()
            .ask_money(context, &name("unit"), call.currency)
            .labelled(context.t("head-application-unit"))
            .value(unit)
            .optional()
            .ask_choice(
                context,
                &name("source"),
                Choice::chosen(sources.clone(), &text(|line| line.source.as_str().into())),
            )
            .labelled(context.t("head-application-source"))
            .optional()
            .fields
    };
    let all = LINES.max(lines.len() + 1).min(budget::MAX_LINES);
    let open = lines.len().max(OPEN_LINES).min(all);
    Section {
        id: "budget",
        title: context.t("application-budget"),
        help: context.t("application-budget-help"),
        fields: Vec::new(),
        rows: (0..open).map(row).collect(),
        more: context.t("application-budget-more"),
        folded: (open..all).map(row).collect(),
    }
}

/// An amount as it is typed.
fn typed(minor: i64, currency: Currency) -> String {
    let text = Money::new(minor, currency.0).format("en");
    text.chars().filter(|sign| sign.is_ascii_digit() || *sign == '.').collect()
}

pub(super) fn outcomes(context: &Context, indicators: &[Measured]) -> Section {
    let row = |place: usize| {
        let told = indicators.get(place);
        let text = |pick: fn(&Measured) -> String| told.map(pick).unwrap_or_default();
        let columns = [
            ("name", "head-application-indicator", text(|told| told.name.clone())),
            ("unit", "application-unit", text(|told| told.unit.clone())),
            ("baseline", "head-application-baseline", text(|told| told.baseline.to_string())),
            ("target", "head-application-target", text(|told| told.target.to_string())),
        ];
        columns
            .into_iter()
            .fold(collecting(), |act, (column, key, value)| {
                let kind = if matches!(column, "baseline" | "target") { "number" } else { "text" };
                let label = match column {
                    "name" => in_row(context, key, place),
                    _ => context.t(key),
                };
                act.ask(context, kind, &format!("indicators.{place}.{column}")).labelled(label).value(value).optional()
            })
            .fields
    };
    let all = INDICATORS.max(indicators.len() + 1).min(budget::MAX_INDICATORS);
    let open = indicators.len().min(all);
    Section {
        id: "outcomes",
        title: context.t("application-indicators"),
        help: context.t("application-outcomes-help"),
        fields: Vec::new(),
        rows: (0..open).map(row).collect(),
        more: context.t("application-outcomes-more"),
        folded: (open..all).map(row).collect(),
    }
}

pub(super) fn questions(
    context: &Context,
    form: &FormDefinition,
    row: &application::Model,
    files: &BTreeMap<String, String>,
) -> Section {
    let answers = &budget::answers_of(row);
    let of = Filling { definition: form, answers, currency: row.currency, files: Some(files) };
    let asked = form.sections.iter().flat_map(|section| &section.questions);
    Section {
        id: "questions",
        title: context.t("application-answers"),
        help: String::new(),
        fields: asked.flat_map(|question| controls(context, of, question)).collect(),
        rows: Vec::new(),
        more: String::new(),
        folded: Vec::new(),
    }
}
