//! Approving a batch: a different person, nobody of the panel, no conflict; money is reserved and the notice begins.

pub(super) use super::grantees::applications_of;
use super::grantees::fit;
use super::{items, reading};
use crate::commons::events::Note;
use crate::commons::lives::{advance, advance_with};
use crate::commons::{calendar, holds, letters};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::applications::rules::WAITING;
use crate::grants::committees::service::coverage;
use crate::grants::{applications, calls, reviews};
use crate::people::permission::{Approver, As, Context};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{ApplicationId, BatchStage, CallStage, DecisionBatchId, ItemStage, Outcome, Subject};
use entities::{application, call, decision_batch, decision_item, fund};
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::collections::BTreeMap;

/// Sends a submitted batch back to its drafter.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is not submitted.
pub async fn return_batch(by: &As<Approver>, id: DecisionBatchId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let batch = reading::load(tx, id).await?;
        by.saw(batch.version)?;
        advance(tx, by, &batch, "return", Note::act("return").because(reason)).await?;
        let change = decision_batch::ActiveModel {
            id: Set(id),
            returned_reason: Set(reason.to_owned()),
            version: Set(batch.version + 1),
            ..Default::default()
        };
        decision_batch::Entity::update(change).exec(tx).await?;
        let link = format!("/calls/{}/decision", batch.call_id);
        letters::to_person(tx, batch.drafted_by, "batch-returned", &[("reason", reason.to_owned())], &link).await
    })
    .await
}

/// Approves a batch: reserves the money of every approval, fee included, and begins the public notice.
///
/// # Errors
/// [`Error::Forbidden`] for who had a hand in it, a reviewer of the call, or somebody in a conflict; refusals: not submitted, held,
/// the call not in review, fund not active, a donor's related party as grantee, a credit list, not eligible any more, withdrawn or decided
/// meanwhile, more than is available.
pub async fn approve_batch(by: &As<Approver>, id: DecisionBatchId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        // The call's row first: it is not cancelled meanwhile.
        let call = calls::service::take(tx, reading::load(tx, id).await?.call_id).await?;
        let batch = reading::take(tx, id).await?;
        may_approve(tx, by, &batch, &call).await?;
        by.saw(batch.version)?;
        let rows = reading::items_of(tx, id).await?;
        let applications = applications_of(tx, &rows).await?;
        let fund = fund::Entity::find_by_id(call.fund_id).one(tx).await?.ok_or(Error::NotFound)?;
        let mut things = vec![(Subject::Fund, fund.id.0), (Subject::Call, call.id.0), (Subject::DecisionBatch, id.0)];
        things.extend(rows.iter().map(|row| (Subject::Application, row.application_id.0)));
        holds::none(tx, by, &things).await?;
        let today = by.day_of(tx.now());
        fit(tx, (&fund, &call), &rows, &applications, today).await?;
        if let Some(left) = coverage::uncovered(tx, &fund, &call, &rows).await? {
            let application = applications.get(&left).ok_or(Error::NotFound)?;
            return Err(reading::about("refused-decision-resolution", application));
        }
        waiting(tx, &rows, &applications).await?;
        let approved = [
            (decision_batch::Column::ApprovedBy, by.person()?.into()),
            (decision_batch::Column::ApprovedAt, tx.now().into()),
            (decision_batch::Column::Version, (batch.version + 1).into()),
        ];
        advance_with(tx, by, &batch, ("approve", &approved), Note::act("approve")).await?;
        let ends = calendar::after(tx, today, i64::from(call.notice_days)).await?;
        for row in &rows {
            let application = applications.get(&row.application_id).ok_or(Error::NotFound)?;
            notice(tx, by, &call, row, application, (today, ends)).await?;
        }
        Ok(())
    })
    .await
}

/// What is decided still waits for it: neither withdrawn nor decided in another batch.
async fn waiting(
    tx: &Tx,
    rows: &[decision_item::Model],
    applications: &BTreeMap<ApplicationId, application::Model>,
) -> Result<()> {
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.application_id).collect();
    let decided = reading::standing(tx, &ids).await?;
    for row in rows {
        let application = applications.get(&row.application_id).ok_or(Error::NotFound)?;
        let standing = decided.iter().any(|other| other.application_id == row.application_id);
        if standing || !WAITING.contains(&application.stage) {
            return Err(reading::about("refused-decision-left", application));
        }
    }
    Ok(())
}

/// Nobody approves what they had a hand in or judged, themselves or through a deputy.
async fn may_approve(tx: &Tx, by: &As<Approver>, batch: &decision_batch::Model, call: &call::Model) -> Result<()> {
    if batch.stage != BatchStage::Submitted {
        return Err(Error::refused("refused-stage"));
    }
    if !matches!(call.stage, CallStage::InReview | CallStage::Decided) {
        return Err(Error::refused("refused-decision-call"));
    }
    let (person, today) = (by.person()?, by.day_of(tx.now()));
    if roles::one_of(tx, person, &reading::hands(tx, batch).await?, today).await? {
        return Err(Error::Forbidden("forbidden-batch-drafter"));
    }
    if reviews::service::took_part(tx, call.id, person, today).await? {
        return Err(Error::Forbidden("forbidden-batch-reviewed"));
    }
    reading::no_conflict(tx, by, call).await
}

/// Puts one item up for notice: an approval is reserved first, its applicant is told.
async fn notice(
    tx: &Tx,
    by: &As<Approver>,
    call: &call::Model,
    row: &decision_item::Model,
    application: &application::Model,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<()> {
    if row.outcome == Outcome::Approved {
        items::reserve(tx, by, call, row).await?;
    }
    advance(tx, by, row, "notice", Note::act("notice")).await?;
    let change = decision_item::ActiveModel {
        id: Set(row.id),
        committed: Set(row.outcome == Outcome::Approved),
        noticed_on: Set(Some(from)),
        notice_ends_on: Set(Some(until)),
        ..Default::default()
    };
    decision_item::Entity::update(change).exec(tx).await?;
    let (act, letter) = match row.outcome {
        Outcome::Approved => ("recommend", "decision-approved"),
        Outcome::Reserved => ("reserve", "decision-reserved"),
        Outcome::Declined => ("not-recommend", "decision-declined"),
    };
    let system = Context::system(by.edges.clone());
    applications::service::moved(tx, &system, application.id, act, &row.reason).await?;
    items::tell(tx, row, application, letter, until).await
}

/// The stages in which an item is public.
pub const PUBLIC: [ItemStage; 4] = [ItemStage::Noticed, ItemStage::Held, ItemStage::Released, ItemStage::Final];
