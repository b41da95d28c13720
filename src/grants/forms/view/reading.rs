//! Answers read back from the controls of [`super::fields`]. What is out of bounds stays as it was written: whether it will do is
//! said by `check_answers`, once, for a draft and for what is signed.

use super::fields::name;
use crate::core::answers::{Answers, Column, FormDefinition, Kind, plain_lines, whole_number};
use crate::core::money::{Money, parse_minor};
use crate::error::Violation;
use crate::web::forms::Posted;
use entities::kinds::Currency;
use serde_json::{Value, json};

/// All answers on the form; what cannot be read at all is noted by the field.
pub fn answers(posted: &Posted, definition: &FormDefinition, currency: Currency) -> Answers {
    let mut answers = Answers::default();
    for question in definition.sections.iter().flat_map(|section| &section.questions) {
        if let Some(answer) = answer(posted, &name(&question.id), &question.kind, currency) {
            answers.0.insert(question.id.clone(), answer);
        }
    }
    answers
}

/// One answer, `None` when nothing was written.
fn answer(posted: &Posted, name: &str, kind: &Kind, currency: Currency) -> Option<Value> {
    let text = plain_lines(posted.raw(name));
    match kind {
        Kind::Table { columns, .. } => table(posted, name, columns, currency),
        Kind::Choice { many: true, .. } => {
            let chosen = posted.all(name);
            (!chosen.is_empty()).then(|| json!(chosen))
        }
        _ if text.is_empty() => None,
        Kind::Number { .. } => {
            let number = whole_number(&text);
            if number.is_none() {
                posted.wrong(Violation::at(name, "refused-not-a-number"));
            }
            number.map(|number| json!(number))
        }
        Kind::Money {} => match parse_minor(&text, currency.0) {
            Ok(minor) => serde_json::to_value(Money::new(minor, currency.0)).ok(),
            Err(error) => {
                posted.wrong(Violation::at(name, error.code()));
                None
            }
        },
        _ => Some(json!(text)),
    }
}

/// The rows in which something is written.
fn table(posted: &Posted, name: &str, columns: &[Column], currency: Currency) -> Option<Value> {
    let row = |n: usize| -> Value {
        let cell = |column: &Column| {
            let value = answer(posted, &format!("{name}.{n}.{}", column.id), &column.kind, currency)?;
            Some((column.id.clone(), value))
        };
        Value::Object(columns.iter().filter_map(cell).collect())
    };
    let mut rows = posted.rows(name);
    rows.retain(|n| columns.iter().any(|c| !posted.raw(&format!("{name}.{n}.{}", c.id)).trim().is_empty()));
    let rows: Vec<Value> = rows.into_iter().map(row).collect();
    (!rows.is_empty()).then_some(Value::Array(rows))
}
