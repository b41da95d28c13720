//! What an organisation told once is not asked again: its team from its profile, and answers to the same questions from its
//! earlier applications.

use super::budget;
use crate::core::answers::{Answers, FormDefinition, Kind, Question, check_answers};
use crate::edges::db::Tx;
use crate::error::Result;
use crate::people::organisations::Profile;
use chrono::NaiveDate;
use entities::kinds::{FormVersionId, OrganisationId};
use entities::{application, call, form_version, organisation};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Earlier applications that are looked at: those of the last rounds.
const EARLIER: u64 = 20;

/// What is known before anything is written.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Who works there.
    pub team: String,
    /// Answers to the same questions.
    pub answers: Answers,
}

/// What is known of an organisation for a call's form.
pub(super) async fn known(tx: &Tx, of: OrganisationId, form: FormVersionId, today: NaiveDate) -> Result<Known> {
    let team = organisation::Entity::find_by_id(of).one(tx).await?.map(|row| Profile::of(&row).team);
    let earlier = application::Entity::find()
        .filter(application::Column::OrganisationId.eq(of))
        .filter(application::Column::SubmittedAt.is_not_null())
        .order_by_desc(application::Column::SubmittedAt)
        .limit(EARLIER)
        .all(tx)
        .await?;
    let mut known = Known { team: team.unwrap_or_default(), answers: Answers::default() };
    if earlier.is_empty() {
        return Ok(known);
    }
    let calls =
        call::Entity::find().filter(call::Column::Id.is_in(earlier.iter().map(|row| row.call_id))).all(tx).await?;
    let forms = form_version::Entity::find()
        .filter(form_version::Column::Id.is_in(calls.iter().map(|call| call.form_version_id).chain([form])))
        .all(tx)
        .await?;
    let forms: BTreeMap<FormVersionId, FormDefinition> =
        forms.into_iter().filter_map(|row| Some((row.id, serde_json::from_value(row.definition).ok()?))).collect();
    let Some(asked) = forms.get(&form) else { return Ok(known) };
    for row in &earlier {
        let theirs = calls.iter().find(|call| call.id == row.call_id).and_then(|call| forms.get(&call.form_version_id));
        if let Some(theirs) = theirs {
            take_over(&mut known.answers, asked, theirs, &budget::answers_of(row));
        }
    }
    // What the form of today would refuse is better asked again.
    let wrong = check_answers(asked, &known.answers, today);
    known.answers.0.retain(|question, _| !wrong.iter().any(|problem| problem.question == *question));
    Ok(known)
}

/// Takes over the answers to the same questions, the newest first: the same words asked, the same kind of answer.
fn take_over(known: &mut Answers, asked: &FormDefinition, theirs: &FormDefinition, answers: &Answers) {
    let questions = |form: &FormDefinition| -> Vec<Question> {
        form.sections.iter().flat_map(|section| section.questions.clone()).collect()
    };
    let before = questions(theirs);
    // A file belongs to the bid that it was uploaded for.
    for question in questions(asked).into_iter().filter(|question| question.kind != (Kind::File {})) {
        let same =
            before.iter().find(|one| one.id == question.id && one.label == question.label && one.kind == question.kind);
        if let Some(answer) = same.and_then(|same| answers.0.get(&same.id)) {
            known.0.entry(question.id).or_insert_with(|| answer.clone());
        }
    }
}
