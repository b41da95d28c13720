//! What was answered to the questions of the call, as it is read.

use super::super::{attachments, budget};
use crate::core::answers::{FormDefinition, Kind, Question, shown};
use crate::core::money::Money;
use crate::error::Result;
use crate::grants::calls::words;
use crate::people::permission::Context;
use crate::web::parts::Fact;
use entities::application;

/// The questions that are asked, each with its answer; a file by its name, with the way to it.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn told(
    context: &Context,
    form: &FormDefinition,
    row: &application::Model,
    writing: bool,
) -> Result<Vec<Fact>> {
    let answers = budget::answers_of(row);
    let files = attachments::of(context.edges.db.read(), row.id).await?;
    let fact = |question: &&Question| {
        let label = question.label.in_locale(context.locale.as_str());
        if let Some((_, document)) = files.iter().find(|(file, _)| file.question == question.id) {
            return Fact::linked(label, document.name.clone(), format!("/documents/{}", document.id));
        }
        let value = answers.0.get(&question.id).map(|value| said(context, question, value));
        Fact::new(label, value.unwrap_or_else(|| context.t("application-not-answered")))
    };
    // While it is written, what is not answered stands among what is missing.
    let told = |question: &&&Question| !writing || answers.0.contains_key(&question.id);
    Ok(shown(form, &answers).iter().filter(told).map(fact).collect())
}

/// The answers in words to those questions that may be told, for who reads no more of the bid than that. Files stand beside them.
pub fn some(
    context: &Context,
    form: &FormDefinition,
    row: &application::Model,
    may_be_told: impl Fn(&Question) -> bool,
) -> Vec<Fact> {
    let answers = budget::answers_of(row);
    let fact = |question: &&Question| {
        let value = answers.0.get(&question.id).map(|value| said(context, question, value));
        let value = value.unwrap_or_else(|| context.t("application-not-answered"));
        Fact::new(question.label.in_locale(context.locale.as_str()), value)
    };
    let told = |question: &&&Question| !matches!(question.kind, Kind::File {}) && may_be_told(question);
    shown(form, &answers).iter().filter(told).map(fact).collect()
}

/// An answer as it is read.
pub fn said(context: &Context, question: &Question, value: &serde_json::Value) -> String {
    let option = |id: &str| match &question.kind {
        Kind::Choice { options, .. } => options
            .iter()
            .find(|option| option.id == id)
            .map_or_else(|| id.to_owned(), |option| option.label.in_locale(context.locale.as_str()).to_owned()),
        _ => id.to_owned(),
    };
    match value {
        serde_json::Value::String(text) => option(text),
        serde_json::Value::Array(items) => {
            words::list(context, items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), option)))
        }
        other => match serde_json::from_value::<Money>(other.clone()) {
            Ok(money) => money.format(context.locale.as_str()),
            Err(_) => other.to_string(),
        },
    }
}
