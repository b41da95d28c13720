//! A donor gives online: the gift and its order stand, with the key of the first call, before the processor hears of them.

use super::{LIVE, OPEN_JOB, opening, processor};
use crate::commons::events::{self, Note};
use crate::core::cards::to_processor;
use crate::edges::db::Tx;
use crate::edges::outbox;
use crate::error::{Error, Result, Violation};
use crate::grants::gifts::service::online::{self, Donor, Given};
use crate::grants::orders::rules::MOST_MINOR;
use crate::people::permission::{As, Permission, Signatory, SignedIn};
use entities::kinds::{Currency, GiftId, OrderId, OrderStage, Subject};
use entities::{gift, online_order, organisation, person};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

/// Gives in one's own name.
///
/// # Errors
/// Names the field; a refusal when the fund takes no payment here.
pub async fn give_as_person(by: &As<SignedIn>, given: Given) -> Result<OrderId> {
    check(by, &given)?;
    let id = by
        .write(|tx| async move {
            let tx = &tx;
            let person = by.permission().person();
            let row = person::Entity::find_by_id(person).one(tx).await?.ok_or(Error::NotFound)?;
            let donor = Donor { organisation: None, person: Some(person), name: row.name };
            begun(tx, by, &donor, &given).await
        })
        .await?;
    opening::soon(&by.edges, id).await;
    Ok(id)
}

/// Gives in the name of the signatory's organisation.
///
/// # Errors
/// As [`give_as_person`].
pub async fn give_as_organisation(by: &As<Signatory>, given: Given) -> Result<OrderId> {
    check(by, &given)?;
    let id = by
        .write(|tx| async move {
            let tx = &tx;
            let donor = by.permission().organisation();
            let row = organisation::Entity::find_by_id(donor).one(tx).await?.ok_or(Error::NotFound)?;
            let name = if row.name_zh.is_empty() { row.name_en } else { row.name_zh };
            begun(tx, by, &Donor { organisation: Some(donor), person: None, name }, &given).await
        })
        .await?;
    opening::soon(&by.edges, id).await;
    Ok(id)
}

/// Pays an organisation's pledge online. An order that still waits is answered again: two clicks are one payment.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; a refusal when the pledge was paid or has ended.
pub async fn pay_pledge(by: &As<Signatory>, gift: GiftId) -> Result<OrderId> {
    processor(&by.edges)?;
    let id = by
        .write(|tx| async move {
            let tx = &tx;
            let row = online::begin_on_pledge(tx, by, gift).await?;
            if row.donor_organisation_id != Some(by.permission().organisation()) {
                return Err(Error::NotFound);
            }
            payable(row.amount_minor, row.currency)?;
            let waits = online_order::Entity::find()
                .filter(online_order::Column::GiftId.eq(gift))
                .filter(online_order::Column::Stage.is_in(LIVE))
                .order_by_desc(online_order::Column::Id)
                .one(tx)
                .await?;
            match waits {
                Some(order) => Ok(order.id),
                None => ordered(tx, by, &row).await,
            }
        })
        .await?;
    opening::soon(&by.edges, id).await;
    Ok(id)
}

fn check<P: Permission>(by: &As<P>, given: &Given) -> Result<()> {
    processor(&by.edges)?;
    payable(given.amount_minor, given.currency)
}

fn payable(amount_minor: i64, currency: Currency) -> Result<()> {
    if amount_minor <= 0 {
        return Err(Error::field("amount", "refused-zero"));
    }
    let theirs = to_processor(amount_minor, currency.0)
        .map_err(|error| Error::from(Violation::at("amount", error.code()).with("digits", 2)))?;
    if theirs > MOST_MINOR { Err(Error::field("amount", "refused-order-too-large")) } else { Ok(()) }
}

async fn begun<P: Permission>(tx: &Tx, by: &As<P>, donor: &Donor, given: &Given) -> Result<OrderId> {
    let gift = online::begin(tx, by, donor, given).await?;
    let row = gift::Entity::find_by_id(gift).one(tx).await?.ok_or(Error::NotFound)?;
    ordered(tx, by, &row).await
}

/// Writes the order with its key and promises the call.
async fn ordered<P: Permission>(tx: &Tx, by: &As<P>, row: &gift::Model) -> Result<OrderId> {
    // Random, so that no stranger's reference at the processor can be guessed to be ours.
    let mark = by.edges.dice.token();
    let order = online_order::ActiveModel {
        gift_id: Set(row.id),
        reference: Set(format!("G{:06}-{}", row.id.0, &mark[..12])),
        idempotency_key: Set(format!("order-{mark}")),
        amount_minor: Set(row.amount_minor),
        currency: Set(row.currency),
        stage: Set(OrderStage::Opening),
        odd: Set(String::new()),
        created_by: Set(by.person()?),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let order = online_order::Entity::insert(order).exec_with_returning(tx).await?;
    events::record(tx, by, Subject::Order, order.id.0, Note::act("order")).await?;
    outbox::enqueue(tx, OPEN_JOB, json!(order.id), tx.now(), Some(format!("{OPEN_JOB}:{}", order.id))).await?;
    Ok(order.id)
}
