//! What a reviewer writes: saved as it is, submitted when complete, opened again by the chair before the batch is.

use super::{AssignedReviewer, call_of, chairs, load, scores_of, typing, unlocked};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::{advance, permitted};
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::reviews::scores;
use crate::people::permission::{As, Chair};
use entities::kinds::{ReviewId, ReviewStage, Subject};
use entities::{call, review, review_score};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::collections::BTreeSet;

/// What a reviewer wrote on one criterion: its id, the value (none is N/A) and a comment.
pub type Scored = (String, Option<i64>, String);

/// Saves scores as they are; nothing is final yet.
///
/// # Errors
/// [`Error::Stale`]; refusals by the field for an unknown criterion or a value out of range.
pub async fn save(by: &As<AssignedReviewer>, version: i32, scored: Vec<Scored>, comment: &str) -> Result<()> {
    let scored = &scored;
    by.write(|tx| async move {
        let tx = &tx;
        write_scores(tx, by, version, scored, comment).await
    })
    .await
}

/// Saves and submits in one step.
///
/// # Errors
/// As [`save`] and [`submit`].
pub async fn save_and_submit(
    by: &As<AssignedReviewer>,
    version: i32,
    scored: Vec<Scored>,
    comment: &str,
) -> Result<()> {
    let scored = &scored;
    by.write(|tx| async move {
        let tx = &tx;
        write_scores(tx, by, version, scored, comment).await?;
        hand_in(tx, by).await
    })
    .await
}

/// Submits a review.
///
/// # Errors
/// [`Error::Stale`]; refusals by the field: a criterion without an answer, a comment that is asked for, nothing scored.
pub async fn submit(by: &As<AssignedReviewer>, version: i32) -> Result<()> {
    let id = by.permission().review().id;
    by.write(|tx| async move {
        let tx = &tx;
        if load(tx, id).await?.version != version {
            return Err(Error::Stale);
        }
        hand_in(tx, by).await
    })
    .await
}

async fn write_scores(
    tx: &Tx,
    by: &As<AssignedReviewer>,
    version: i32,
    scored: &[Scored],
    comment: &str,
) -> Result<()> {
    let row = load(tx, by.permission().review().id).await?;
    let call = call_of(tx, row.call_id).await?;
    unlocked(tx, &row).await?;
    if row.version != version {
        return Err(Error::Stale);
    }
    match row.stage {
        ReviewStage::InProgress | ReviewStage::Reopened => {
            events::record(tx, by, Subject::Review, row.id.0, Note::act("save")).await?;
        }
        _ => {
            advance(tx, by, &row, "save", Note::act("save")).await?;
        }
    }
    in_range(&call, scored)?;
    review_score::Entity::delete_many().filter(review_score::Column::ReviewId.eq(row.id)).exec(tx).await?;
    let rows = scored.iter().map(|(criterion, value, words)| review_score::ActiveModel {
        review_id: Set(row.id),
        criterion: Set(criterion.clone()),
        value: Set(value.and_then(|value| i32::try_from(value).ok())),
        comment: Set(words.clone()),
        ..Default::default()
    });
    if !scored.is_empty() {
        review_score::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    let change = review::ActiveModel {
        id: Set(row.id),
        comment: Set(comment.to_owned()),
        version: Set(version + 1),
        ..Default::default()
    };
    review::Entity::update(change).exec(tx).await?;
    typing::clear(tx, row.id).await
}

fn in_range(call: &call::Model, scored: &[Scored]) -> Result<()> {
    let rubric = scores::rubric(call)?;
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (criterion, value, _) in scored {
        let field = format!("score.{criterion}");
        let Some(known) = rubric.iter().find(|row| row.id == *criterion) else {
            return Err(Error::field(&field, "refused-unknown"));
        };
        if !seen.insert(criterion) {
            return Err(Error::field(&field, "refused-review-twice"));
        }
        if value.is_some_and(|value| !(0..=known.max).contains(&value)) {
            wrong.push(Violation::at(field, "refused-out-of-range").with("least", 0).with("most", known.max));
        }
    }
    crate::commons::texts::all_well(wrong)
}

async fn hand_in(tx: &Tx, by: &As<AssignedReviewer>) -> Result<()> {
    let row = load(tx, by.permission().review().id).await?;
    let call = call_of(tx, row.call_id).await?;
    unlocked(tx, &row).await?;
    permitted(&row, by, "submit")?;
    let written = scores_of(tx, row.id).await?;
    complete(&call, &written)?;
    let values = written.iter().map(|score| (score.criterion.clone(), score.value.map(i64::from))).collect();
    let total = scores::total(&call, values)?.ok_or(Error::refused("refused-review-nothing"))?;
    advance(tx, by, &row, "submit", Note::act("submit")).await?;
    let change = review::ActiveModel {
        id: Set(row.id),
        total: Set(Some(total)),
        submitted_at: Set(Some(tx.now())),
        version: Set(row.version + 1),
        ..Default::default()
    };
    review::Entity::update(change).exec(tx).await?;
    Ok(())
}

fn complete(call: &call::Model, written: &[review_score::Model]) -> Result<()> {
    let mut wrong = Vec::new();
    for criterion in scores::rubric(call)? {
        match written.iter().find(|score| score.criterion == criterion.id) {
            None => wrong.push(Violation::at(format!("score.{}", criterion.id), "refused-review-unanswered")),
            Some(score) if criterion.comment_required && score.value.is_some() && score.comment.trim().is_empty() => {
                wrong.push(Violation::at(format!("comment.{}", criterion.id), "refused-review-comment"));
            }
            Some(_) => {}
        }
    }
    crate::commons::texts::all_well(wrong)
}

/// Opens a submitted review again, before the batch is submitted.
///
/// # Errors
/// [`Error::Forbidden`] for another panel's chair; refusals when it is locked or not submitted.
pub async fn reopen(by: &As<Chair>, id: ReviewId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        chairs(by, row.call_id)?;
        unlocked(tx, &row).await?;
        advance(tx, by, &row, "reopen", Note::act("reopen").because(reason)).await?;
        let mut change = row.clone().into_active_model();
        change.stage = sea_orm::ActiveValue::NotSet;
        change.reason = Set(reason.to_owned());
        change.total = Set(None);
        change.submitted_at = Set(None);
        change.version = Set(row.version + 1);
        review::Entity::update(change).exec(tx).await?;
        letters::to_person(
            tx,
            row.reviewer_id,
            "review-reopened",
            &[("reason", reason.to_owned())],
            &format!("/reviews/{id}"),
        )
        .await
    })
    .await
}
