//! The second path beside the webhooks: the processor is asked what happened, and orders that should have ended are looked up.

use super::events::{Hint, keep};
use super::refunds::is_lost;
use super::{LIVE, LOOK_JOB, POLL_JOB, REFUND_JOB, processor};
use crate::edges::stripe::told;
use crate::edges::{Edges, outbox};
use crate::error::{Error, Result};
use crate::grants::orders::rules::OPEN_MINUTES;
use chrono::{DateTime, Duration, Utc};
use entities::kinds::{CardRefundId, CardRefundStage, DisputeStage, OrderId, OrderStage};
use entities::{card_refund, dispute, job, online_order};
use sea_orm::sea_query::{NullOrdering, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde_json::json;
use std::sync::Arc;

/// The processor is asked what happened every so many minutes.
const POLL_MINUTES: i64 = 5;
/// Asking overlaps by this, for events become known late.
const OVERLAP: Duration = Duration::hours(1);
/// Asked for the first time, this far back: what happened there before any order is nothing to us.
const FIRST_LOOK: Duration = Duration::days(3);
/// Asked again after so long that nobody knows when it was asked last: as far back as the processor keeps what happened.
const LONGEST_LOOK: Duration = Duration::days(30);
/// Times the list of what happened is gone on with, each some thousand events: with these an outage of days is made up for.
const STRETCHES: usize = 20;
/// Orders looked up again in one round, of those that should end by themselves, and as many of the others.
const AT_ONCE: u64 = 100;
/// What a person must look at, or takes its time elsewhere, is looked up again once in so long.
const SELDOM: Duration = Duration::hours(1);
/// Promises one round of asking for each span of minutes.
pub(super) async fn promise_poll(edges: &Arc<Edges>) -> Result<()> {
    let span = edges.clock.now().timestamp() / (POLL_MINUTES * 60);
    let key = &format!("{POLL_JOB}:{span}");
    let there = job::Entity::find().filter(job::Column::Dedupe.eq(key)).one(edges.db.read()).await?;
    if there.is_some() {
        return Ok(());
    }
    edges
        .db
        .write(|tx| async move {
            let tx = &tx;
            outbox::enqueue(tx, POLL_JOB, json!(null), tx.now(), Some(key.clone())).await
        })
        .await
}

/// Asks the processor what happened, and looks again at what has waited for long: also when nobody says what happened.
///
/// # Errors
/// When the processor or the database does not answer.
pub async fn poll(edges: &Arc<Edges>) -> Result<()> {
    let told = happened_since(edges).await;
    look_again_at(edges, waiting(edges).await?, unsent(edges).await?).await?;
    told
}

/// Keeps what happened since it was asked last, stretch by stretch.
async fn happened_since(edges: &Arc<Edges>) -> Result<()> {
    let since = asked_last(edges).await?.timestamp();
    let mut until = None;
    for _ in 0..STRETCHES {
        let (told, more) = processor(edges)?.events(since, until).await?;
        for event in told.iter().rev() {
            keep(edges, &hint(event), true).await?;
        }
        if !more {
            return Ok(());
        }
        until = told.last().map(|event| event.created);
    }
    Err(Error::Internal("more happened at the processor than is read in one round".into()))
}

/// Since when it must be asked: since the last round that came to its end. A webhook that came says nothing about those that did
/// not.
async fn asked_last(edges: &Edges) -> Result<DateTime<Utc>> {
    let db = edges.db.read();
    let last = job::Entity::find()
        .filter(job::Column::Kind.eq(POLL_JOB))
        .filter(job::Column::DoneAt.is_not_null())
        .order_by_desc(job::Column::RunAt)
        .one(db)
        .await?;
    if let Some(last) = last {
        return Ok(last.run_at - OVERLAP);
    }
    let ordered = online_order::Entity::find().one(db).await?.is_some();
    Ok(edges.clock.now() - if ordered { LONGEST_LOOK } else { FIRST_LOOK })
}

/// Promises to look these orders up, and to send these refunds. They go to the end of the queue whatever comes of it.
async fn look_again_at(edges: &Arc<Edges>, orders: Vec<OrderId>, refunds: Vec<CardRefundId>) -> Result<()> {
    if orders.is_empty() && refunds.is_empty() {
        return Ok(());
    }
    let now = edges.clock.now().timestamp();
    let (span, hour) = (now / (POLL_MINUTES * 60), now / SELDOM.num_seconds());
    let (orders, refunds) = (&orders, &refunds);
    edges
        .db
        .write(|tx| async move {
            let tx = &tx;
            for order in orders {
                let once = format!("{LOOK_JOB}:{order}:{span}");
                outbox::enqueue(tx, LOOK_JOB, json!(order), tx.now(), Some(once)).await?;
            }
            for refund in refunds {
                let once = format!("{REFUND_JOB}:{refund}:{hour}");
                outbox::enqueue(tx, REFUND_JOB, json!(refund), tx.now(), Some(once)).await?;
            }
            let turn = online_order::ActiveModel { looked_at: Set(Some(tx.now())), ..Default::default() };
            let these = online_order::Column::Id.is_in(orders.iter().copied());
            online_order::Entity::update_many().set(turn).filter(these).exec(tx).await?;
            Ok(())
        })
        .await
}

fn hint(event: &told::Event) -> Hint {
    Hint {
        id: event.id.clone(),
        kind: event.kind.clone(),
        object: event.data.object.id.clone().unwrap_or_default(),
        payment: event.data.object.payment_intent.clone(),
        made: event.created,
    }
}

/// Orders whose end nobody told, those first that were looked up longest ago: open beyond their time, or paid without a fee; and
/// once an hour those of them that are odd, and orders of which a refund or a dispute has no end yet.
async fn waiting(edges: &Edges) -> Result<Vec<OrderId>> {
    let now = edges.clock.now();
    let late =
        Condition::all().add(online_order::Column::CreatedAt.lt(now - Duration::minutes(OPEN_MINUTES))).add(unended());
    let well = late.clone().add(online_order::Column::Odd.eq(""));
    let odd = late.add(online_order::Column::Odd.ne(""));
    let rests = Condition::any()
        .add(online_order::Column::LookedAt.is_null())
        .add(online_order::Column::LookedAt.lt(now - SELDOM));
    let elsewhere = Condition::any()
        .add(odd)
        .add(online_order::Column::Id.in_subquery(open_refunds(now)))
        .add(online_order::Column::Id.in_subquery(open_disputes()));
    let mut ids = in_turn(edges, well).await?;
    ids.extend(in_turn(edges, Condition::all().add(elsewhere).add(rests)).await?);
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn unended() -> Condition {
    Condition::any().add(online_order::Column::Stage.is_in(LIVE)).add(
        Condition::all()
            .add(online_order::Column::Stage.eq(OrderStage::Paid))
            .add(online_order::Column::BalanceTransaction.is_null()),
    )
}

fn open_refunds(now: DateTime<Utc>) -> SelectStatement {
    card_refund::Entity::find()
        .select_only()
        .column(card_refund::Column::OrderId)
        .filter(card_refund::Column::Stage.is_in([CardRefundStage::Held, CardRefundStage::Sent]))
        .filter(card_refund::Column::CreatedAt.lt(now - SELDOM))
        .into_query()
}

fn open_disputes() -> SelectStatement {
    dispute::Entity::find()
        .select_only()
        .column(dispute::Column::OrderId)
        .filter(dispute::Column::Stage.is_in([DisputeStage::Inquiry, DisputeStage::Open]))
        .into_query()
}

async fn in_turn(edges: &Edges, of: Condition) -> Result<Vec<OrderId>> {
    let rows = online_order::Entity::find()
        .select_only()
        .column(online_order::Column::Id)
        .filter(of)
        .order_by_with_nulls(online_order::Column::LookedAt, Order::Asc, NullOrdering::First)
        .order_by_asc(online_order::Column::Id)
        .limit(AT_ONCE);
    Ok(rows.into_tuple::<OrderId>().all(edges.db.read()).await?)
}

/// Refunds that are held and that nobody tries to send any more, while that is still safe.
async fn unsent(edges: &Edges) -> Result<Vec<CardRefundId>> {
    let db = edges.db.read();
    let now = edges.clock.now();
    let held = card_refund::Entity::find()
        .filter(card_refund::Column::Stage.eq(CardRefundStage::Held))
        .filter(card_refund::Column::CreatedAt.lt(now - SELDOM))
        .order_by_asc(card_refund::Column::Id)
        .limit(AT_ONCE)
        .all(db)
        .await?;
    let tried = job::Entity::find()
        .filter(job::Column::Kind.eq(REFUND_JOB))
        .filter(job::Column::DoneAt.is_null())
        .filter(job::Column::FailedAt.is_null())
        .limit(AT_ONCE)
        .all(db)
        .await?;
    let tried: Vec<Option<i64>> = tried.iter().map(|row| row.payload.as_i64()).collect();
    let waits = |row: &&card_refund::Model| !is_lost(row, now) && !tried.contains(&Some(row.id.0));
    Ok(held.iter().filter(waits).map(|row| row.id).collect())
}
