//! The control of each question, for whoever fills a form in: the limits in it are those by which the answer is judged.

use crate::core::answers::{Answers, FormDefinition, Kind, Question, is_shown, limits};
use crate::core::money::{Money, exponent_of};
use crate::people::permission::Context;
use crate::web::parts::Choice;
use crate::web::sheet::{Act, Asked};
use entities::kinds::Currency;
use serde_json::Value;
use std::collections::BTreeMap;

/// Empty rows of a table question that are offered beyond what is written; saving brings more.
const SPARE_ROWS: usize = 3;

/// How the button of a question for a file begins; its id follows.
pub const UPLOAD: &str = "file.";

/// What is known when the controls are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Filling<'a> {
    /// The form.
    pub definition: &'a FormDefinition,
    /// What was answered so far.
    pub answers: &'a Answers,
    /// Of amounts.
    pub currency: Currency,
    /// Names of the files that answer questions, where files are uploaded one by one; `None` where nothing is kept, as in a preview.
    pub files: Option<&'a BTreeMap<String, String>>,
}

/// The name of a question's control.
pub fn name(question: &str) -> String {
    format!("answers.{question}")
}

/// The controls of one question: one, or one a cell of a table.
pub fn controls(context: &Context, of: Filling, question: &Question) -> Vec<Asked> {
    let (locale, field) = (context.locale.as_str(), name(&question.id));
    let label = question.label.in_locale(locale);
    let answer = of.answers.0.get(&question.id);
    let act = Act::worded(String::new(), String::new(), String::new(), "", "");
    if let Kind::Table { columns, max_rows } = &question.kind {
        let written = answer.and_then(Value::as_array).map_or(0, Vec::len);
        let rows = (written + SPARE_ROWS).min(usize::try_from(*max_rows).unwrap_or(SPARE_ROWS));
        let cells = (0..rows).flat_map(|place| columns.iter().map(move |column| (place, column)));
        let act = cells.fold(act, |act, (place, column)| {
            let cell = answer.and_then(|rows| rows.get(place)).and_then(|row| row.get(&column.id));
            let what = format!("{label} · {}", column.label.in_locale(locale));
            let words = context.t_with("application-row", &[("what", &what), ("n", &(place + 1).to_string())]);
            // A row may stay empty, so no cell of it is required by itself.
            control(context, act, &format!("{field}.{place}.{}", column.id), (&column.kind, false), cell, of.currency)
                .labelled(words)
                .optional()
        });
        return act.fields;
    }
    let asked = question.required && is_shown(of.definition, of.answers, &question.id);
    let act = match (&question.kind, of.files) {
        (Kind::File {}, Some(files)) => upload(context, act, question, files.get(&question.id)),
        _ => control(context, act, &field, (&question.kind, asked), answer, of.currency),
    };
    let act = act.labelled(label);
    let act = match hint(context, of.definition, question) {
        Some(hint) => act.hint(hint),
        None => act,
    };
    if asked { act.fields } else { act.optional().fields }
}

/// A question that a file answers: the name of what is kept, and the button that saves what was typed and leads to the upload. A file
/// goes up by itself, so that a line that breaks in the middle of it takes nothing else with it.
fn upload(context: &Context, act: Act, question: &Question, kept: Option<&String>) -> Act {
    let key = if kept.is_some() { "application-upload-again" } else { "application-upload" };
    let button = Choice::new(format!("{UPLOAD}{}", question.id), context.t(key));
    let text = kept.cloned().unwrap_or_else(|| context.t("application-not-answered"));
    act.ask_for("upload", &name(&question.id), String::new()).value(text).offering(vec![button])
}

/// The help of a question, and when it is asked at all.
fn hint(context: &Context, definition: &FormDefinition, question: &Question) -> Option<String> {
    let own = question.hint.as_ref().map(|hint| hint.in_locale(context.locale.as_str()).to_owned());
    let only = question.show_if.as_ref().and_then(|condition| {
        let (asked, option) = condition_words(context, definition, &condition.question, &condition.equals)?;
        Some(context.t_with("form-only-if", &[("question", &asked), ("option", &option)]))
    });
    match (own, only) {
        (Some(own), Some(only)) => Some(format!("{own} {only}")),
        (own, only) => own.or(only),
    }
}

/// A choice and one of its options in words.
pub fn condition_words(
    context: &Context,
    definition: &FormDefinition,
    question: &str,
    option: &str,
) -> Option<(String, String)> {
    let locale = context.locale.as_str();
    let asked = definition.sections.iter().flat_map(|section| &section.questions).find(|own| own.id == question)?;
    let Kind::Choice { options, .. } = &asked.kind else { return None };
    let option = options.iter().find(|own| own.id == option)?;
    let label = crate::web::page::without_mark(asked.label.in_locale(locale));
    Some((label.to_owned(), option.label.in_locale(locale).to_owned()))
}

/// An amount as it is typed.
fn typed(minor: i64, currency: Currency) -> String {
    let text = Money::new(minor, currency.0).format("en");
    text.chars().filter(|sign| sign.is_ascii_digit() || *sign == '.').collect()
}

/// One control, by its kind, with what was answered.
fn control(
    context: &Context,
    act: Act,
    name: &str,
    (kind, required): (&Kind, bool),
    value: Option<&Value>,
    currency: Currency,
) -> Act {
    let text = match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Object(_)) => value
            .and_then(|value| serde_json::from_value::<Money>(value.clone()).ok())
            .map(|money| typed(money.minor, currency))
            .unwrap_or_default(),
        _ => String::new(),
    };
    let limits = limits(kind, required, context.edges.today(), exponent_of(currency.0));
    match kind {
        Kind::Choice { options, many } => {
            let chosen: Vec<&str> = match value {
                Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
                _ => vec![text.as_str()],
            };
            let option = |option: &crate::core::answers::ChoiceOption| Choice {
                value: option.id.clone(),
                label: option.label.in_locale(context.locale.as_str()).to_owned(),
                selected: chosen.contains(&option.id.as_str()),
            };
            let options = options.iter().map(option).collect();
            act.ask(context, if *many { "checks" } else { "radios" }, name).offering(options)
        }
        Kind::Money {} => act.ask_money(context, name, currency).value(text).limited(limits),
        Kind::LongText { .. } => act.ask(context, "area", name).value(text).limited(limits),
        Kind::Number { .. } => act.ask(context, "number", name).value(text).limited(limits),
        Kind::Date { .. } => act.ask(context, "date", name).value(text).limited(limits),
        // Nothing is kept of a preview, so its form sends the name of the file.
        Kind::File {} => act.ask(context, "file", name),
        Kind::Text { .. } | Kind::Table { .. } => act.ask(context, "text", name).value(text).limited(limits),
    }
}
