//! What can be done with online orders: give, look up, refund, follow disputes and payouts, hear what the processor tells.

pub mod asking;
pub mod disputes;
pub mod ending;
pub mod events;
pub mod giving;
pub mod opening;
pub mod payouts;
pub mod refunds;
pub mod truth;

use crate::commons::events::{self as happened, Note};
use crate::commons::letters;
use crate::core::cards::from_processor;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::edges::stripe::Processor;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, Permission};
use entities::kinds::{Currency, GiftId, OrderId, OrderStage, Role, Subject};
use entities::online_order;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// Kind of the job that opens a session.
pub const OPEN_JOB: &str = "order-open";
/// Kind of the job that looks an order up.
pub const LOOK_JOB: &str = "order-look";
/// Kind of the job that sends a refund.
pub const REFUND_JOB: &str = "order-refund";
/// Kind of the job that applies what the processor told.
pub const EVENT_JOB: &str = "processor-event";
/// Kind of the job that asks what happened meanwhile.
pub const POLL_JOB: &str = "processor-poll";

/// The processor.
///
/// # Errors
/// [`Error::NotFound`] where none is configured.
pub fn processor(edges: &Edges) -> Result<&Processor> {
    edges.stripe.as_ref().ok_or(Error::NotFound)
}

/// An order by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: OrderId) -> Result<online_order::Model> {
    online_order::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// An order that nobody else changes until this transaction ends.
async fn locked(tx: &Tx, id: OrderId) -> Result<online_order::Model> {
    online_order::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)
}

/// The newest order of a gift.
///
/// # Errors
/// When the database cannot be read.
pub async fn newest(db: &impl ConnectionTrait, gift: GiftId) -> Result<Option<online_order::Model>> {
    let of = online_order::Entity::find().filter(online_order::Column::GiftId.eq(gift));
    Ok(of.order_by_desc(online_order::Column::Id).one(db).await?)
}

/// Stages in which an order still waits for its donor or the processor.
pub const LIVE: [OrderStage; 3] = [OrderStage::Opening, OrderStage::Open, OrderStage::Processing];

/// An amount of the processor in our minor units, if it is in the currency that was ordered.
fn ours(amount: i64, currency: &str, wanted: Currency) -> Option<i64> {
    let same = currency.eq_ignore_ascii_case(wanted.code());
    if same { from_processor(amount, wanted.0).ok() } else { None }
}

/// Marks an order odd, once for each reason: a person must look, and finance is told.
async fn mark_odd<P: Permission>(tx: &Tx, by: &As<P>, row: &online_order::Model, code: &'static str) -> Result<()> {
    if row.odd == code {
        return Ok(());
    }
    let set = online_order::ActiveModel { id: Set(row.id), odd: Set(code.to_owned()), ..Default::default() };
    online_order::Entity::update(set).exec(tx).await?;
    happened::record(tx, by, Subject::Order, row.id.0, Note::act("park").because(code)).await?;
    letters::to_role(tx, Role::FinanceOfficer, "order-odd", &[], &format!("/orders/{}", row.id)).await
}

/// All is well with an order again.
async fn clear_odd<P: Permission>(tx: &Tx, by: &As<P>, row: &online_order::Model) -> Result<()> {
    if row.odd.is_empty() {
        return Ok(());
    }
    let set = online_order::ActiveModel { id: Set(row.id), odd: Set(String::new()), ..Default::default() };
    online_order::Entity::update(set).exec(tx).await?;
    happened::record(tx, by, Subject::Order, row.id.0, Note::act("unpark")).await
}

/// What the clock brings: the processor is asked what happened, should a webhook have been lost.
///
/// # Errors
/// When the database refuses.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    if edges.stripe.is_none() { Ok(()) } else { asking::promise_poll(edges).await }
}

/// The house itself.
fn house(edges: &Arc<Edges>) -> As<crate::people::permission::System> {
    Context::system(edges.clone())
}
