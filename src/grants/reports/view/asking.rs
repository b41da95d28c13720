//! The questions of a report or an evaluation on its form, and their answers on its page.

use crate::core::answers::{Answers, FormDefinition, shown};
use crate::grants::applications::view::answers::said;
use crate::grants::forms::view::fields::{Filling, controls};
use crate::people::permission::Context;
use crate::web::parts::Fact;
use crate::web::sheet::{Act, Block};
use entities::kinds::Currency;

/// The form with its questions behind what every report asks.
pub(super) fn asked(
    context: &Context,
    mut page: Act,
    form: Option<&FormDefinition>,
    answers: &Answers,
    currency: Currency,
) -> Act {
    let Some(form) = form else { return page };
    let of = Filling { definition: form, answers, currency, files: None };
    for question in form.sections.iter().flat_map(|section| &section.questions) {
        page.fields.extend(controls(context, of, question));
    }
    page
}

/// What was answered, question by question; `None` where nothing is asked.
pub(super) fn answered(context: &Context, form: Option<&FormDefinition>, answers: &Answers) -> Option<Block> {
    let form = form?;
    let items = shown(form, answers).into_iter().map(|question| {
        let value = answers.0.get(&question.id).map(|value| said(context, question, value));
        let label = question.label.in_locale(context.locale.as_str()).to_owned();
        Fact::new(label, value.unwrap_or_else(|| context.t("application-not-answered")))
    });
    Some(Block::Facts { title: context.t("report-answers"), items: items.collect() })
}
