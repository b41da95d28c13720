//! Objects as the interface writes them. What can be expanded is written whole where it is asked for, and by its mark elsewhere.

use super::state::{Dispute, Entry, Event, Intent, Payout, Refund, Session, State};
use serde_json::{Value, json};

pub fn session(state: &State, id: &str, row: &Session, base: &str, whole: bool) -> Value {
    let paid =
        row.intent.as_ref().and_then(|intent| state.intents.get(intent)).is_some_and(|i| i.status == "succeeded");
    let intent = match &row.intent {
        Some(mark) if whole => state.intents.get(mark).map(|row| intent(state, mark, row, true)),
        Some(mark) => Some(json!(mark)),
        None => None,
    };
    let url = (row.status == "open").then(|| format!("{base}/sandbox/pay/{id}"));
    json!({
        "id": id, "object": "checkout.session", "livemode": false, "mode": "payment", "status": row.status,
        "payment_status": if paid { "paid" } else { "unpaid" }, "payment_intent": intent, "url": url,
        "amount_total": row.amount, "currency": row.currency, "client_reference_id": row.reference,
        "metadata": row.metadata, "created": row.created, "expires_at": row.expires_at, "success_url": row.success_url,
    })
}

pub fn intent(state: &State, id: &str, row: &Intent, whole: bool) -> Value {
    let charge = match &row.charge {
        Some(mark) if whole => Some(charge(state, mark, true)),
        Some(mark) => Some(json!(mark)),
        None => None,
    };
    json!({
        "id": id, "object": "payment_intent", "livemode": false, "status": row.status, "amount": row.amount,
        "amount_received": row.received, "currency": row.currency, "latest_charge": charge, "metadata": row.metadata,
        "created": row.created,
    })
}

pub fn charge(state: &State, id: &str, whole: bool) -> Value {
    let Some(row) = state.charges.get(id) else { return Value::Null };
    let entry = match &row.entry {
        Some(mark) if whole => state.entries.get(mark).map(|row| entry(mark, row)),
        Some(mark) => Some(json!(mark)),
        None => None,
    };
    json!({
        "id": id, "object": "charge", "livemode": false, "payment_intent": row.intent, "paid": row.paid,
        "status": if row.paid { "succeeded" } else { "failed" }, "amount_refunded": row.refunded,
        "payment_method_details": { "type": row.method }, "balance_transaction": entry,
    })
}

pub fn entry(id: &str, row: &Entry) -> Value {
    json!({
        "id": id, "object": "balance_transaction", "type": row.kind, "source": row.source, "amount": row.amount,
        "fee": row.fee, "net": row.amount - row.fee, "currency": row.currency, "created": row.created,
    })
}

pub fn refund(id: &str, row: &Refund) -> Value {
    json!({
        "id": id, "object": "refund", "payment_intent": row.intent, "amount": row.amount, "currency": row.currency,
        "status": row.status, "metadata": row.metadata, "created": row.created,
    })
}

pub fn dispute(state: &State, id: &str, row: &Dispute) -> Value {
    let entries: Vec<Value> =
        row.entries.iter().filter_map(|mark| state.entries.get(mark).map(|row| entry(mark, row))).collect();
    json!({
        "id": id, "object": "dispute", "payment_intent": row.intent, "amount": row.amount, "currency": row.currency,
        "status": row.status, "reason": "fraudulent", "balance_transactions": entries, "created": row.created,
        "is_charge_refundable": row.status.starts_with("warning"),
    })
}

pub fn payout(kind: &str, id: &str, row: &Payout) -> Value {
    json!({
        "id": id, "object": kind, "amount": row.amount, "currency": row.currency, "status": row.status,
        "automatic": kind == "payout", "created": row.created,
    })
}

pub fn event(row: &Event) -> Value {
    json!({
        "id": row.id, "object": "event", "type": row.kind, "created": row.created, "livemode": false,
        "api_version": "sandbox", "pending_webhooks": 1, "data": { "object": row.object },
    })
}

/// A page of a list, newest first, after the row whose mark is given.
pub fn list(rows: Vec<Value>, after: &str, limit: usize) -> Value {
    let start = rows.iter().position(|row| row["id"] == after).map_or(0, |place| place + 1);
    let more = rows.len() > start + limit;
    let data: Vec<Value> = rows.into_iter().skip(start).take(limit).collect();
    json!({ "object": "list", "data": data, "has_more": more, "url": "/v1" })
}

/// An error.
pub fn error(kind: &str, message: &str) -> Value {
    json!({ "error": { "type": kind, "message": message } })
}
