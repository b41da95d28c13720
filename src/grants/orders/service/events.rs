//! What the processor tells: kept once by its own mark, answered at once, applied by a job. A webhook that was lost is found by
//! asking ([`super::asking`]).

use super::{EVENT_JOB, house, payouts, processor, truth};
use crate::commons::events::{self as happened, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::stripe::signature::{self, Unbelieved};
use crate::edges::{Edges, outbox};
use crate::error::{Error, Result};
use crate::grants::orders::rules::{Concern, concern};
use crate::people::permission::{As, Finance};
use chrono::{DateTime, Utc};
use entities::kinds::{OrderId, ProcessorEventId, ProcessorEventStage, Role, Subject};
use entities::{online_order, processor_event};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use std::sync::Arc;

/// Longest mark or type kept of an event.
const LONGEST: usize = 255;

/// A webhook that is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The event's mark.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// What it is about.
    pub object: String,
    /// The payment it belongs to.
    pub payment: Option<String>,
    /// Unix time.
    pub made: i64,
}

/// Reads a webhook whose raw body carries the right mark.
///
/// # Errors
/// [`Error::NotFound`] where no processor is configured; a refusal when it is not believed or cannot be read.
pub fn believe(edges: &Edges, header: &str, body: &[u8]) -> Result<Hint> {
    processor(edges)?;
    let secrets: Vec<&str> = edges.config.stripe_webhook_secret.reveal().split(',').map(str::trim).collect();
    signature::verify(&secrets, header, body, edges.clock.now().timestamp()).map_err(|why| {
        Error::refused(match why {
            Unbelieved::Unreadable => "refused-webhook-unreadable",
            Unbelieved::Forged => "refused-webhook-forged",
            Unbelieved::Late => "refused-webhook-late",
        })
    })?;
    let told: Value = serde_json::from_slice(body).map_err(|_| Error::refused("refused-webhook-unreadable"))?;
    let text = |value: &Value| value.as_str().filter(|text| text.len() <= LONGEST).map(str::to_owned);
    let object = &told["data"]["object"];
    match (text(&told["id"]), text(&told["type"]), told["created"].as_i64()) {
        (Some(id), Some(kind), Some(made)) => Ok(Hint {
            id,
            kind,
            object: text(&object["id"]).unwrap_or_default(),
            payment: text(&object["payment_intent"]).or_else(|| text(&object["payment_intent"]["id"])),
            made,
        }),
        _ => Err(Error::refused("refused-webhook-unreadable")),
    }
}

/// Keeps a hint once, however often it comes, and promises to follow it. Answers whether it was new.
///
/// # Errors
/// When the database refuses.
pub async fn keep(edges: &Arc<Edges>, hint: &Hint, polled: bool) -> Result<bool> {
    let made_at = DateTime::<Utc>::from_timestamp(hint.made, 0).unwrap_or_default();
    edges
        .db
        .write(|tx| async move {
            let tx = &tx;
            let row = processor_event::ActiveModel {
                event_id: Set(hint.id.clone()),
                kind: Set(hint.kind.clone()),
                object_id: Set(hint.object.clone()),
                payment_intent: Set(hint.payment.clone()),
                made_at: Set(made_at),
                received_at: Set(tx.now()),
                polled: Set(polled),
                stage: Set(ProcessorEventStage::New),
                note: Set(String::new()),
                ..Default::default()
            };
            let once = OnConflict::column(processor_event::Column::EventId).do_nothing().to_owned();
            let written = processor_event::Entity::insert(row).on_conflict(once).exec_without_returning(tx).await?;
            let promised = format!("{EVENT_JOB}:{}", hint.id);
            if written == 0 {
                // Told again: should following it have been given up, it begins anew.
                outbox::again(tx, &promised).await?;
                return Ok(false);
            }
            outbox::enqueue(tx, EVENT_JOB, json!(hint.id), tx.now(), Some(promised)).await?;
            Ok(true)
        })
        .await
}

/// Follows a hint: looks up what it is about. Harmless when done twice.
///
/// # Errors
/// When the processor or the database does not answer.
pub async fn follow(edges: &Arc<Edges>, event: &str) -> Result<()> {
    let row = processor_event::Entity::find().filter(processor_event::Column::EventId.eq(event));
    let row = row.one(edges.db.read()).await?.ok_or(Error::NotFound)?;
    if row.stage != ProcessorEventStage::New {
        return Ok(());
    }
    let (act, note) = match followed(edges, &row).await {
        // What the processor or the books refuse they refuse however often it is tried: a person must look.
        Err(error @ (Error::Refused(_) | Error::Forbidden(_))) => ("park", error.code()),
        Err(Error::NotFound) => ("park", "refused-event-no-order"),
        other => other?,
    };
    ended(edges, row.id, act, note).await
}

/// What becomes of an event, and why.
async fn followed(edges: &Arc<Edges>, row: &processor_event::Model) -> Result<(&'static str, &'static str)> {
    Ok(match concern(&row.kind) {
        Concern::Nothing => ("ignore", ""),
        Concern::Unknown => ("park", "refused-event-unknown"),
        Concern::Payout => match payouts::look(edges, &row.object_id).await? {
            None => ("apply", ""),
            Some(code) => ("park", code),
        },
        Concern::Order => match order_of(edges, row).await? {
            Some(order) => {
                truth::look(edges, order).await?;
                ("apply", "")
            }
            None => ("park", "refused-event-no-order"),
        },
    })
}

async fn ended(edges: &Arc<Edges>, id: ProcessorEventId, act: &'static str, note: &'static str) -> Result<()> {
    let system = &house(edges);
    system
        .write(|tx| async move {
            let tx = &tx;
            let row = processor_event::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)?;
            if row.stage != ProcessorEventStage::New {
                return Ok(());
            }
            advance(tx, system, &row, act, Note::act("").because(note)).await?;
            if act != "park" {
                return Ok(());
            }
            let set = processor_event::ActiveModel { id: Set(id), note: Set(note.to_owned()), ..Default::default() };
            processor_event::Entity::update(set).exec(tx).await?;
            letters::to_role(tx, Role::FinanceOfficer, "event-parked", &[], "/orders/odd").await
        })
        .await
}

/// The order an event belongs to: by its payment or session, or by asking the processor for our reference.
async fn order_of(edges: &Edges, row: &processor_event::Model) -> Result<Option<OrderId>> {
    let session = row.kind.starts_with("checkout.session.").then_some(row.object_id.as_str());
    let payment =
        if row.kind.starts_with("payment_intent.") { Some(&row.object_id) } else { row.payment_intent.as_ref() };
    let db = edges.db.read();
    let marks = Condition::any()
        .add(online_order::Column::SessionId.is_in(session))
        .add(online_order::Column::PaymentIntent.is_in(payment));
    if let Some(order) = online_order::Entity::find().filter(marks).one(db).await? {
        return Ok(Some(order.id));
    }
    let found = match (session, payment) {
        (Some(session), _) => Some(processor(edges)?.session(session).await?),
        (None, Some(payment)) => processor(edges)?.session_of(payment).await?,
        (None, None) => None,
    };
    let Some(reference) = found.and_then(|session| session.client_reference_id) else { return Ok(None) };
    by_reference(db, &reference).await
}

async fn by_reference(db: &impl ConnectionTrait, reference: &str) -> Result<Option<OrderId>> {
    let of = online_order::Entity::find().filter(online_order::Column::Reference.eq(reference));
    Ok(of.one(db).await?.map(|order| order.id))
}

/// Finance saw a parked event and says what was done about it.
///
/// # Errors
/// [`Error::NotFound`]; a refusal without a note.
pub async fn settle(by: &As<Finance>, id: ProcessorEventId, note: &str) -> Result<()> {
    let note = note.trim();
    if note.is_empty() {
        return Err(Error::field("note", "refused-empty"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = processor_event::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)?;
        advance(tx, by, &row, "settle", Note::act("").because(note)).await?;
        let set = processor_event::ActiveModel { id: Set(id), note: Set(note.to_owned()), ..Default::default() };
        processor_event::Entity::update(set).exec(tx).await?;
        Ok(())
    })
    .await
}

/// Finance has an order looked up again, now.
///
/// # Errors
/// [`Error::NotFound`]; when the processor does not answer.
pub async fn look_again(by: &As<Finance>, id: OrderId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        super::load(tx, id).await?;
        happened::record(tx, by, Subject::Order, id.0, Note::act("look-again")).await
    })
    .await?;
    truth::look(&by.edges, id).await
}
