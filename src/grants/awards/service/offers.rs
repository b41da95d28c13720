//! An offer: made when a decision is final, accepted or declined by the grantee, expired by the clock.

use super::{count, load, own, tell};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::commons::{letters, policies};
use crate::core::plan::{self, PlannedTranche};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::decisions;
use crate::people::permission::{As, Context, Permission, Signatory};
use chrono::Duration;
use entities::kinds::{AwardId, AwardStage, Role, Subject, TrancheStage};
use entities::{application, award, call, decision_item, fund, tranche};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// Offers looked at in one tick.
const TICK: u64 = 200;

/// Offers an award for an item that became final, in its transaction.
///
/// # Errors
/// When the database refuses.
pub async fn offer<P: Permission>(tx: &Tx, by: &As<P>, item: &decision_item::Model) -> Result<AwardId> {
    let bid = application::Entity::find_by_id(item.application_id).one(tx).await?.ok_or(Error::NotFound)?;
    let call = call::Entity::find_by_id(bid.call_id).one(tx).await?.ok_or(Error::NotFound)?;
    let fund = fund::Entity::find_by_id(call.fund_id).one(tx).await?.ok_or(Error::NotFound)?;
    let today = by.day_of(tx.now());
    let days = policies::on(tx, today).await?.offer_days;
    let row = award::ActiveModel {
        item_id: Set(item.id),
        application_id: Set(bid.id),
        call_id: Set(call.id),
        fund_id: Set(fund.id),
        organisation_id: Set(bid.host_id.unwrap_or(bid.organisation_id)),
        kind: Set(item.award_kind),
        title: Set(bid.title.clone()),
        amount_minor: Set(item.amount_minor),
        fee_bps: Set(fund.fee_bps),
        currency: Set(item.currency),
        stage: Set(AwardStage::Offered),
        offered_at: Set(tx.now()),
        offer_expires_on: Set(today + Duration::days(days)),
        agreement_hash: Set(String::new()),
        clawback_settled: Set(false),
        report_form_version_id: Set(call.report_form_version_id),
        evaluation_form_version_id: Set(call.evaluation_form_version_id),
        policy_version: Set(Some(policies::number_on(tx, today).await?)),
        version: Set(1),
        ..Default::default()
    };
    let row = award::Entity::insert(row).exec_with_returning(tx).await?;
    plan_tranches(tx, &row, &call).await?;
    events::record(tx, by, Subject::Award, row.id.0, Note::act("offer")).await?;
    tell(tx, &row, "award-offered", "").await?;
    Ok(row.id)
}

async fn plan_tranches(tx: &Tx, row: &award::Model, call: &call::Model) -> Result<()> {
    let plan: Vec<PlannedTranche> = serde_json::from_value(call.tranche_plan.clone())?;
    let parts = plan::tranches(row.amount_minor, &plan).map_err(|error| Error::Internal(format!("plan: {error}")))?;
    // A share of a tiny award may be nothing; nothing is not paid.
    let parts = plan.iter().zip(parts).filter(|(_, part)| *part > 0);
    let mut rows = Vec::new();
    for (ordinal, (planned, amount)) in (1_i32..).zip(parts) {
        rows.push(tranche::ActiveModel {
            award_id: Set(row.id),
            ordinal: Set(ordinal),
            planned_minor: Set(amount),
            amount_minor: Set(amount),
            currency: Set(row.currency),
            gates: Set(serde_json::to_value(&planned.gates)?),
            stage: Set(TrancheStage::Planned),
            version: Set(1),
            ..Default::default()
        });
    }
    if rows.is_empty() {
        return Err(Error::Internal(format!("call {} plans no tranche", call.id)));
    }
    tranche::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// The grantee accepts the offer.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; a refusal after its last day.
pub async fn accept(by: &As<Signatory>, id: AwardId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        in_time(by, tx, &row)?;
        advance(tx, by, &row, "accept", Note::act("")).await?;
        count(tx, &row).await?;
        let args = [("title", row.title.clone())];
        letters::to_role(tx, Role::Administrator, "award-accepted", &args, &format!("/awards/{id}")).await
    })
    .await
}

pub(super) fn in_time(by: &Context, tx: &Tx, row: &award::Model) -> Result<()> {
    if row.offer_expires_on < by.day_of(tx.now()) { Err(Error::refused("refused-offer-expired")) } else { Ok(()) }
}

/// The grantee declines the offer: the money is released and the reserve list moves up.
///
/// # Errors
/// As [`accept`].
pub async fn decline(by: &As<Signatory>, id: AwardId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        advance(tx, by, &row, "decline", Note::act("").because(reason)).await?;
        count(tx, &row).await?;
        decisions::service::give_back(tx, by, row.item_id, true).await
    })
    .await
}

/// What the clock brings: offers that were not accepted or not signed in time expire; residues are reminded of.
///
/// # Errors
/// When the database cannot be read; an offer that refuses does not stop the others.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let system = Context::system(edges.clone());
    let rows = award::Entity::find()
        .filter(award::Column::Stage.is_in([AwardStage::Offered, AwardStage::Accepted]))
        .filter(award::Column::OfferExpiresOn.lt(edges.today()))
        .order_by_asc(award::Column::Id)
        .limit(TICK)
        .all(edges.db.read())
        .await?;
    for row in rows {
        if let Err(error) = expire(&system, row.id).await {
            tracing::warn!(award = row.id.0, %error, "an offer did not expire");
        }
    }
    super::residues::tick(edges).await?;
    super::cases::tick(edges).await
}

async fn expire(by: &As<crate::people::permission::System>, id: AwardId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.offer_expires_on >= by.day_of(tx.now()) {
            return Ok(());
        }
        advance(tx, by, &row, "expire", Note::act("")).await?;
        count(tx, &row).await?;
        tell(tx, &row, "award-expired", "").await?;
        decisions::service::give_back(tx, by, row.item_id, true).await
    })
    .await
}
