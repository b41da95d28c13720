//! What can be done with reviews: assign, accept, decline, score, submit, reopen.

use super::rules::refusal;
use super::{conflicts, recusals, scores};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::{advance, permitted};
use crate::core::lifecycle::Part;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::applications;
use crate::people::permission::{As, Chair, Context, Officer, Permission, RolePermission, in_force};
use entities::kinds::{
    ApplicationId, ApplicationStage, BatchStage, CallId, CallStage, ConflictGround, PersonId, ReviewId, ReviewStage,
    Role, RoleGrantStage, Scope, Subject,
};
use entities::{application, call, decision_batch, review, review_score, role_grant};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The reviewer to whom an application was assigned.
#[derive(Debug, Clone)]
pub struct AssignedReviewer {
    review: review::Model,
}

impl AssignedReviewer {
    /// The assignment.
    pub fn review(&self) -> &review::Model {
        &self.review
    }
}

impl Permission for AssignedReviewer {
    const PART: Part = Part::Reviewer;
    async fn still_holds(&self, tx: &Tx, context: &Context) -> Result<()> {
        let row = load(tx, self.review.id).await?;
        if Some(row.reviewer_id) != context.actor.person {
            return Err(Error::NotFound);
        }
        let today = context.day_of(tx.now());
        if may_review(tx, row.reviewer_id, row.call_id, today).await? {
            Ok(())
        } else {
            Err(Error::Forbidden("forbidden-reviewer"))
        }
    }
}

/// One's own assignment; somebody else's is not there.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load_mine(context: &Context, id: ReviewId) -> Result<As<AssignedReviewer>> {
    let review = load(context.edges.db.read(), id).await?;
    if Some(review.reviewer_id) != context.actor.person {
        return Err(Error::NotFound);
    }
    Ok(context.anyone().with(AssignedReviewer { review }))
}

/// Asks a reviewer to judge an application. A conflict is written down and refused with its ground.
///
/// # Errors
/// [`Error::NotFound`]; refusals for the stage, the role, a conflict, or a second assignment.
pub async fn assign(by: &As<Officer>, id: ApplicationId, reviewer: PersonId) -> Result<ReviewId> {
    let (made, ground) = by
        .write(|tx| async move {
            let tx = &tx;
            let (row, call) = judged(tx, id).await?;
            if by.person()? == reviewer {
                return Err(Error::field("reviewer", "refused-review-own-assignment"));
            }
            if !may_review(tx, reviewer, call.id, by.day_of(tx.now())).await? {
                return Err(Error::field("reviewer", "refused-review-not-reviewer"));
            }
            if let Some(ground) = conflict(tx, by, &row, reviewer).await? {
                return Ok((None, Some(ground.as_str().to_owned())));
            }
            let review = invite(tx, by, &row, reviewer).await?;
            letters::to_person(tx, reviewer, "review-invited", &[], &format!("/reviews/{review}")).await?;
            Ok((Some(review), None))
        })
        .await?;
    match (made, ground.as_deref().and_then(ConflictGround::parse)) {
        (Some(review), _) => Ok(review),
        (None, Some(ground)) => Err(Error::field("reviewer", refusal(ground))),
        (None, None) => Err(Error::NotFound),
    }
}

/// The first ground against a reviewer, derived ones written down.
async fn conflict(
    tx: &Tx,
    by: &As<Officer>,
    row: &application::Model,
    reviewer: PersonId,
) -> Result<Option<ConflictGround>> {
    let found = conflicts::derive(tx, row, reviewer, by.day_of(tx.now())).await?;
    conflicts::record(tx, row.id, reviewer, &found, None).await?;
    let known = conflicts::recorded(tx, &[row.id], &[reviewer]).await?;
    // What was declared stays; what was derived counts only while it still follows from the register.
    let declared = known.iter().find(|row| row.recorded_by.is_some()).map(|row| row.ground);
    Ok(found.first().map(|(ground, _)| *ground).or(declared))
}

async fn invite(tx: &Tx, by: &As<Officer>, row: &application::Model, reviewer: PersonId) -> Result<ReviewId> {
    let before = review::Entity::find()
        .filter(review::Column::ApplicationId.eq(row.id))
        .filter(review::Column::ReviewerId.eq(reviewer))
        .one(tx)
        .await?;
    if let Some(before) = before {
        if before.stage != ReviewStage::Declined {
            return Err(Error::field("reviewer", "refused-review-assigned"));
        }
        advance(tx, by, &before, "invite", Note::act("invite")).await?;
        let change = review::ActiveModel {
            id: Set(before.id),
            assigned_by: Set(by.person()?),
            assigned_at: Set(tx.now()),
            reason: Set(String::new()),
            ..Default::default()
        };
        review::Entity::update(change).exec(tx).await?;
        return Ok(before.id);
    }
    let made = review::ActiveModel {
        application_id: Set(row.id),
        call_id: Set(row.call_id),
        reviewer_id: Set(reviewer),
        stage: Set(ReviewStage::Invited),
        assigned_by: Set(by.person()?),
        assigned_at: Set(tx.now()),
        comment: Set(String::new()),
        total: Set(None),
        submitted_at: Set(None),
        reason: Set(String::new()),
        version: Set(1),
        ..Default::default()
    };
    let made = review::Entity::insert(made).exec_with_returning(tx).await?;
    events::record(tx, by, Subject::Review, made.id.0, Note::act("assign")).await?;
    Ok(made.id)
}

/// Takes an invitation back before it was accepted.
///
/// # Errors
/// [`Error::NotFound`]; a refusal once it was answered.
pub async fn unassign(by: &As<Officer>, id: ReviewId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        advance(tx, by, &row, "unassign", Note::act("unassign")).await?;
        letters::to_person(tx, row.reviewer_id, "review-unassigned", &[], "/reviews").await
    })
    .await
}

/// Accepts with the declaration that no interest stands in the way. The last acceptance an application needs starts its
/// review.
///
/// # Errors
/// Refusals: not declared, a conflict found meanwhile, answered before.
pub async fn accept(by: &As<AssignedReviewer>, declared_no_interest: bool) -> Result<()> {
    if !declared_no_interest {
        return Err(Error::field("no_interest", "refused-review-declaration"));
    }
    let id = by.permission().review.id;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let (application, call) = judged(tx, row.application_id).await?;
        let found = conflicts::derive(tx, &application, row.reviewer_id, by.day_of(tx.now())).await?;
        if let Some((ground, _)) = found.first() {
            return Err(Error::refused(refusal(*ground)));
        }
        advance(tx, by, &row, "accept", Note::act("accept")).await?;
        start_when_enough(tx, by, &application, &call).await
    })
    .await
}

async fn start_when_enough(
    tx: &Tx,
    by: &As<AssignedReviewer>,
    application: &application::Model,
    call: &call::Model,
) -> Result<()> {
    let accepted = review::Entity::find()
        .filter(review::Column::ApplicationId.eq(application.id))
        .filter(review::Column::Stage.is_in([
            ReviewStage::Accepted,
            ReviewStage::InProgress,
            ReviewStage::Submitted,
            ReviewStage::Reopened,
        ]))
        .count(tx)
        .await?;
    let required = u64::try_from(call.reviews_required).unwrap_or(0);
    if application.stage == ApplicationStage::Eligible && accepted >= required {
        let system = Context::system(by.edges.clone());
        applications::service::moved(tx, &system, application.id, "review", "").await?;
    }
    Ok(())
}

/// Declines an invitation.
///
/// # Errors
/// A refusal once it was answered.
pub async fn decline(by: &As<AssignedReviewer>, reason: &str) -> Result<()> {
    let id = by.permission().review.id;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        advance(tx, by, &row, "decline", Note::act("decline")).await?;
        let change = review::ActiveModel { id: Set(id), reason: Set(reason.to_owned()), ..Default::default() };
        review::Entity::update(change).exec(tx).await?;
        let link = format!("/calls/{}/reviews", row.call_id);
        letters::to_person(tx, row.assigned_by, "review-declined", &[], &link).await
    })
    .await
}

/// Recuses oneself, at any time.
///
/// # Errors
/// A refusal when the review is over already.
pub async fn recuse(by: &As<AssignedReviewer>, evidence: &str) -> Result<()> {
    let id = by.permission().review.id;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        recusals::remove(tx, by, vec![row.clone()], ConflictGround::Declared, evidence).await?;
        let link = format!("/calls/{}/reviews", row.call_id);
        letters::to_person(tx, row.assigned_by, "review-recused", &[], &link).await
    })
    .await
}

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
    let id = by.permission().review.id;
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
    let row = load(tx, by.permission().review.id).await?;
    let call = call_of(tx, row.call_id).await?;
    unlocked(tx, row.call_id).await?;
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
    Ok(())
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
    let row = load(tx, by.permission().review.id).await?;
    let call = call_of(tx, row.call_id).await?;
    unlocked(tx, row.call_id).await?;
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
        unlocked(tx, row.call_id).await?;
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

/// Whether the chair chairs this call's panel.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn chairs(by: &As<Chair>, call: CallId) -> Result<()> {
    let grant = by.permission().grant();
    let here = grant.scope == Scope::Foundation || (grant.scope == Scope::Call && grant.scope_id == Some(call.0));
    if here { Ok(()) } else { Err(Error::Forbidden("forbidden-chair")) }
}

/// Refuses once the call's batch is submitted.
async fn unlocked(tx: &Tx, call: CallId) -> Result<()> {
    let locked = decision_batch::Entity::find()
        .filter(decision_batch::Column::CallId.eq(call))
        .order_by_desc(decision_batch::Column::Id)
        .one(tx)
        .await?;
    if locked.is_some_and(|batch| batch.stage != BatchStage::Draft) {
        return Err(Error::refused("refused-review-locked"));
    }
    Ok(())
}

/// An application that may be judged, with its call.
async fn judged(tx: &Tx, id: ApplicationId) -> Result<(application::Model, call::Model)> {
    let row = application::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
    let call = call_of(tx, row.call_id).await?;
    let open = matches!(row.stage, ApplicationStage::Eligible | ApplicationStage::UnderReview)
        && matches!(call.stage, CallStage::Closed | CallStage::InReview);
    if open { Ok((row, call)) } else { Err(Error::refused("refused-review-not-open")) }
}

/// Whether somebody is a reviewer of the foundation or of this call today.
async fn may_review(
    db: &impl ConnectionTrait,
    person: PersonId,
    call: CallId,
    today: chrono::NaiveDate,
) -> Result<bool> {
    Ok(reviewers(db, call, today).await?.contains(&person))
}

/// Who may be asked to review for a call today.
///
/// # Errors
/// When the database cannot be read.
pub async fn reviewers(
    db: &impl ConnectionTrait,
    call: CallId,
    today: chrono::NaiveDate,
) -> Result<BTreeSet<PersonId>> {
    let grants = role_grant::Entity::find()
        .filter(role_grant::Column::Role.eq(Role::Reviewer))
        .filter(role_grant::Column::Stage.eq(RoleGrantStage::Effective))
        .all(db)
        .await?;
    let here = |grant: &role_grant::Model| {
        grant.scope == Scope::Foundation || (grant.scope == Scope::Call && grant.scope_id == Some(call.0))
    };
    Ok(grants.iter().filter(|grant| here(grant) && in_force(grant, today)).map(|grant| grant.person_id).collect())
}

/// A review by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: ReviewId) -> Result<review::Model> {
    review::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// What was written on the criteria of a review.
///
/// # Errors
/// When the database cannot be read.
pub async fn scores_of(db: &impl ConnectionTrait, id: ReviewId) -> Result<Vec<review_score::Model>> {
    Ok(review_score::Entity::find().filter(review_score::Column::ReviewId.eq(id)).all(db).await?)
}

/// Totals of the others on the same application, hidden until one's own is in; never with a name.
///
/// # Errors
/// When the database cannot be read.
pub async fn peers(db: &impl ConnectionTrait, own: &review::Model) -> Result<Vec<i32>> {
    if own.stage != ReviewStage::Submitted {
        return Ok(Vec::new());
    }
    let rows = review::Entity::find()
        .filter(review::Column::ApplicationId.eq(own.application_id))
        .filter(review::Column::Id.ne(own.id))
        .filter(review::Column::Stage.eq(ReviewStage::Submitted))
        .all(db)
        .await?;
    let mut totals: Vec<i32> = rows.into_iter().filter_map(|row| row.total).collect();
    totals.sort_unstable();
    Ok(totals)
}

/// Reviews of a call by application, for the assignment table.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_call(db: &impl ConnectionTrait, call: CallId) -> Result<BTreeMap<ApplicationId, Vec<review::Model>>> {
    let rows =
        review::Entity::find().filter(review::Column::CallId.eq(call)).order_by_asc(review::Column::Id).all(db).await?;
    let mut by_application: BTreeMap<ApplicationId, Vec<review::Model>> = BTreeMap::new();
    for row in rows {
        by_application.entry(row.application_id).or_default().push(row);
    }
    Ok(by_application)
}

/// Whether somebody took part in judging a call's applications: no longer a stranger to them.
///
/// # Errors
/// When the database cannot be read.
pub async fn took_part(db: &impl ConnectionTrait, call: CallId, person: PersonId) -> Result<bool> {
    let row = review::Entity::find()
        .filter(review::Column::CallId.eq(call))
        .filter(review::Column::ReviewerId.eq(person))
        .filter(review::Column::Stage.is_not_in([ReviewStage::Invited, ReviewStage::Declined]))
        .one(db)
        .await?;
    Ok(row.is_some())
}

/// The call of a review.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn call_of(db: &impl ConnectionTrait, id: CallId) -> Result<call::Model> {
    call::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// What the clock brings: nothing here, reviews have no deadline of their own.
///
/// # Errors
/// Never.
pub async fn tick(_edges: &Arc<Edges>) -> Result<()> {
    Ok(())
}
