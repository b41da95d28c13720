//! Approving a batch: a different person, nobody of the panel, no conflict; money is reserved and the notice begins.

use super::{items, service};
use crate::commons::events::Note;
use crate::commons::lives::advance;
use crate::commons::{calendar, holds, letters};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::reviews::conflicts;
use crate::grants::{applications, gifts, reviews};
use crate::people::permission::{Approver, As, Context};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{
    ApplicationId, ApplicationStage, BatchStage, DecisionBatchId, FundStage, ItemStage, OrganisationId, Outcome,
    RecordKind, Subject,
};
use entities::{application, call, decision_batch, decision_item, fund, organisation_record};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeMap, BTreeSet};

/// Sends a submitted batch back to its drafter.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is not submitted.
pub async fn return_batch(by: &As<Approver>, id: DecisionBatchId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let batch = service::load(tx, id).await?;
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
/// [`Error::Forbidden`] for the drafter, a reviewer of the call, or somebody in a conflict; refusals: not submitted, held,
/// fund not active, a donor's related party as grantee, a credit list, more than is available.
pub async fn approve_batch(by: &As<Approver>, id: DecisionBatchId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let batch = service::load(tx, id).await?;
        let call = call::Entity::find_by_id(batch.call_id).one(tx).await?.ok_or(Error::NotFound)?;
        may_approve(tx, by, &batch, &call).await?;
        let rows = service::items_of(tx, id).await?;
        let applications = applications_of(tx, &rows).await?;
        let fund = fund::Entity::find_by_id(call.fund_id).one(tx).await?.ok_or(Error::NotFound)?;
        let mut things = vec![(Subject::Fund, fund.id.0), (Subject::Call, call.id.0), (Subject::DecisionBatch, id.0)];
        things.extend(rows.iter().map(|row| (Subject::Application, row.application_id.0)));
        holds::none(tx, &things).await?;
        let today = by.day_of(tx.now());
        fit(tx, &fund, &rows, &applications, today).await?;
        advance(tx, by, &batch, "approve", Note::act("approve")).await?;
        let change = decision_batch::ActiveModel {
            id: Set(id),
            approved_by: Set(Some(by.person()?)),
            approved_at: Set(Some(tx.now())),
            version: Set(batch.version + 1),
            ..Default::default()
        };
        decision_batch::Entity::update(change).exec(tx).await?;
        let ends = calendar::after(tx, today, i64::from(call.notice_days)).await?;
        for row in &rows {
            let application = applications.get(&row.application_id).ok_or(Error::NotFound)?;
            notice(tx, by, &call, row, application, (today, ends)).await?;
        }
        Ok(())
    })
    .await
}

/// Nobody approves what they drafted or judged, themselves or through a deputy.
async fn may_approve(tx: &Tx, by: &As<Approver>, batch: &decision_batch::Model, call: &call::Model) -> Result<()> {
    if batch.stage != BatchStage::Submitted {
        return Err(Error::refused("refused-stage"));
    }
    let person = by.person()?;
    if roles::one_of(tx, person, &[Some(batch.drafted_by)], by.day_of(tx.now())).await? {
        return Err(Error::Forbidden("forbidden-batch-drafter"));
    }
    if reviews::service::took_part(tx, call.id, person).await? {
        return Err(Error::Forbidden("forbidden-batch-reviewed"));
    }
    service::no_conflict(tx, by, call).await
}

/// Refuses what may not be granted to: the donor's own circle, and who stands on a credit list.
pub(super) async fn fit(
    tx: &Tx,
    fund: &fund::Model,
    rows: &[decision_item::Model],
    applications: &BTreeMap<ApplicationId, application::Model>,
    today: NaiveDate,
) -> Result<()> {
    let approved: Vec<&application::Model> = rows
        .iter()
        .filter(|row| row.outcome == Outcome::Approved)
        .filter_map(|row| applications.get(&row.application_id))
        .collect();
    if !approved.is_empty() && fund.stage != FundStage::Active {
        return Err(Error::refused("refused-decision-fund"));
    }
    let grantees: Vec<OrganisationId> =
        approved.iter().flat_map(|row| [Some(row.organisation_id), row.host_id]).flatten().collect();
    let donors: BTreeSet<OrganisationId> = gifts::service::donors_of(tx, fund.id).await?.into_iter().collect();
    let relations = conflicts::relations(tx, &grantees, today).await?;
    let listed = listed(tx, &grantees, today).await?;
    for row in approved {
        for grantee in [Some(row.organisation_id), row.host_id].into_iter().flatten() {
            let of_donor = |pair: &(OrganisationId, OrganisationId)| {
                (pair.0 == grantee && donors.contains(&pair.1)) || (pair.1 == grantee && donors.contains(&pair.0))
            };
            if donors.contains(&grantee) || relations.iter().any(of_donor) {
                return Err(service::about("refused-decision-related-donor", row));
            }
            if listed.contains(&grantee) {
                return Err(service::about("refused-decision-credit-list", row));
            }
        }
    }
    Ok(())
}

/// Which of these organisations stand on a credit list today.
async fn listed(
    db: &impl ConnectionTrait,
    of: &[OrganisationId],
    today: NaiveDate,
) -> Result<BTreeSet<OrganisationId>> {
    let rows = organisation_record::Entity::find()
        .filter(organisation_record::Column::OrganisationId.is_in(of.iter().copied()))
        .filter(organisation_record::Column::Kind.eq(RecordKind::Credit))
        .filter(organisation_record::Column::Value.ne("none"))
        .filter(organisation_record::Column::ValidFrom.lte(today))
        .filter(
            Condition::any()
                .add(organisation_record::Column::ValidUntil.is_null())
                .add(organisation_record::Column::ValidUntil.gte(today)),
        )
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.organisation_id).collect())
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
    if application.stage == ApplicationStage::UnderReview {
        let system = Context::system(by.edges.clone());
        applications::service::moved(tx, &system, application.id, act, &row.reason).await?;
    }
    items::tell(tx, row, application, letter, until).await
}

/// The applications of some items.
pub(super) async fn applications_of(
    db: &impl ConnectionTrait,
    rows: &[decision_item::Model],
) -> Result<BTreeMap<ApplicationId, application::Model>> {
    let found = application::Entity::find()
        .filter(application::Column::Id.is_in(rows.iter().map(|row| row.application_id)))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// The stages in which an item is public.
pub const PUBLIC: [ItemStage; 4] = [ItemStage::Noticed, ItemStage::Held, ItemStage::Released, ItemStage::Final];
