//! What happens in the sandbox, and how the house is told: signed, at once, or as a test asks for it.

use super::state::{Charge, Dispute, DisputeEnd, Event, Fault, Happening, Intent, Method, Outcome, Payout, State};
use super::{Sandbox, json};
use crate::edges::stripe::signature;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The house answers a webhook at once, or the sandbox gives up.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of the answer that are looked at: the status stands in the first.
const ANSWER: usize = 64;
/// Fee of a payment: 3.4 % and 2.35 in the currency's hundredths, half up. Of no consequence but that it is not a round figure.
const FEE_BPS: i64 = 340;
const FEE_FIXED: i64 = 235;
/// Fee of a dispute.
const DISPUTE_FEE: i64 = 8_500;

fn fee(amount: i64) -> i64 {
    ((amount * FEE_BPS + 5_000) / 10_000 + FEE_FIXED).min(amount)
}

impl Sandbox {
    /// Notes what happened.
    pub(super) fn happened(&self, state: &mut State, kind: &str, object: Value) {
        let id = state.mark("evt");
        state.events.push(Event { id, kind: kind.to_owned(), object, created: self.now() });
    }

    fn of_session(&self, state: &mut State, kind: &str, id: &str) {
        let Some(row) = state.sessions.get(id) else { return };
        let object = json::session(state, id, row, &self.setup.base_url, false);
        self.happened(state, kind, object);
    }

    fn of_intent(&self, state: &mut State, kind: &str, id: &str) {
        let Some(row) = state.intents.get(id) else { return };
        let object = json::intent(state, id, row, false);
        self.happened(state, kind, object);
    }

    /// The payer chooses. Answers whether the session was still open.
    pub fn pay(&self, session: &str, method: Method, outcome: Outcome) -> bool {
        let mut state = self.state();
        let state = &mut *state;
        let Some(row) = state.sessions.get(session).filter(|row| row.status == "open").cloned() else { return false };
        if outcome == Outcome::Expires {
            if let Some(row) = state.sessions.get_mut(session) {
                row.status = "expired";
            }
            self.of_session(state, "checkout.session.expired", session);
            return true;
        }
        let intent = match row.intent.clone() {
            Some(intent) => intent,
            None => self.intent(state, &row),
        };
        if let Some(row) = state.sessions.get_mut(session) {
            row.intent = Some(intent.clone());
            if outcome != Outcome::Fails {
                row.status = "complete";
            }
        }
        self.charge(state, &intent, method, outcome);
        match outcome {
            Outcome::Paid => {
                self.of_intent(state, "payment_intent.succeeded", &intent);
                self.of_session(state, "checkout.session.completed", session);
            }
            Outcome::Fails => self.of_intent(state, "payment_intent.payment_failed", &intent),
            _ => {
                self.of_intent(state, "payment_intent.processing", &intent);
                self.of_session(state, "checkout.session.completed", session);
            }
        }
        true
    }

    fn intent(&self, state: &mut State, of: &super::state::Session) -> String {
        let id = state.mark("pi");
        let row = Intent {
            status: "requires_payment_method",
            amount: of.amount,
            received: 0,
            currency: of.currency.clone(),
            charge: None,
            metadata: of.intent_metadata.clone(),
            created: self.now(),
        };
        state.intents.insert(id.clone(), row);
        id
    }

    fn charge(&self, state: &mut State, intent: &str, method: Method, outcome: Outcome) {
        let id = state.mark("ch");
        let paid = outcome == Outcome::Paid;
        let row = Charge { intent: intent.to_owned(), method: method.as_str(), paid, entry: None, refunded: 0 };
        state.charges.insert(id.clone(), row);
        if let Some(row) = state.intents.get_mut(intent) {
            row.charge = Some(id);
            row.status = match outcome {
                Outcome::Paid => "succeeded",
                Outcome::Later | Outcome::LaterFails => "processing",
                _ => "requires_payment_method",
            };
            row.received = if paid { row.amount } else { 0 };
        }
        if paid && !state.late_entries {
            self.settled(state, intent);
        }
    }

    /// The charge is written in the sandbox's books, with its fee.
    fn settled(&self, state: &mut State, intent: &str) {
        let Some(row) = state.intents.get(intent).cloned() else { return };
        let Some(charge) = row.charge else { return };
        let entry = state.entry("charge", &charge, (row.amount, fee(row.amount)), &row.currency, self.now());
        if let Some(row) = state.charges.get_mut(&charge) {
            row.entry = Some(entry);
        }
    }

    /// The entry of a charge that came later.
    pub fn settle(&self, intent: &str) {
        let mut state = self.state();
        self.settled(&mut state, intent);
        let charge = state.intents.get(intent).and_then(|row| row.charge.clone()).unwrap_or_default();
        let object = json::charge(&state, &charge, false);
        self.happened(&mut state, "charge.updated", object);
    }

    /// A delayed payment comes to its end.
    pub fn later(&self, session: &str, paid: bool) {
        let mut state = self.state();
        let state = &mut *state;
        let Some(intent) = state.sessions.get(session).and_then(|row| row.intent.clone()) else { return };
        let Some(row) = state.intents.get_mut(&intent).filter(|row| row.status == "processing") else { return };
        row.status = if paid { "succeeded" } else { "requires_payment_method" };
        row.received = if paid { row.amount } else { 0 };
        if let Some(charge) = row.charge.clone().and_then(|id| state.charges.get_mut(&id)) {
            charge.paid = paid;
        }
        if paid {
            self.settled(state, &intent);
            self.of_session(state, "checkout.session.async_payment_succeeded", session);
            self.of_intent(state, "payment_intent.succeeded", &intent);
        } else {
            self.of_session(state, "checkout.session.async_payment_failed", session);
            self.of_intent(state, "payment_intent.payment_failed", &intent);
        }
    }

    pub(super) fn refund_begins(&self, state: &mut State, id: &str) {
        let Some(row) = state.refunds.get(id).cloned() else { return };
        state.entry("refund", id, (-row.amount, 0), &row.currency, self.now());
        self.happened(state, "refund.created", json::refund(id, &row));
        let charge = state.intents.get(&row.intent).and_then(|intent| intent.charge.clone()).unwrap_or_default();
        if let Some(charge) = state.charges.get_mut(&charge) {
            charge.refunded += row.amount;
        }
        let object = json::charge(state, &charge, false);
        self.happened(state, "charge.refunded", object);
    }

    /// A refund comes to its end: made, or failed, even after it was made.
    pub fn refund_ends(&self, id: &str, made: bool) {
        let mut state = self.state();
        let Some(row) = state.refunds.get_mut(id) else { return };
        row.status = if made { "succeeded" } else { "failed" };
        let row = row.clone();
        if !made {
            state.entry("refund_failure", id, (row.amount, 0), &row.currency, self.now());
        }
        self.happened(&mut state, if made { "refund.updated" } else { "refund.failed" }, json::refund(id, &row));
    }

    /// The payer's bank asks, or takes the money back.
    pub fn dispute(&self, intent: &str, amount: i64, inquiry: bool) -> String {
        let mut state = self.state();
        let id = state.mark("dp");
        let currency = state.intents.get(intent).map(|row| row.currency.clone()).unwrap_or_default();
        let status = if inquiry { "warning_needs_response" } else { "needs_response" };
        let row =
            Dispute { intent: intent.to_owned(), amount, currency, status, entries: Vec::new(), created: self.now() };
        state.disputes.insert(id.clone(), row);
        self.of_dispute(&mut state, "charge.dispute.created", &id);
        if !inquiry {
            self.withdrawn(&mut state, &id);
        }
        id
    }

    fn of_dispute(&self, state: &mut State, kind: &str, id: &str) {
        let Some(row) = state.disputes.get(id) else { return };
        let object = json::dispute(state, id, row);
        self.happened(state, kind, object);
    }

    fn withdrawn(&self, state: &mut State, id: &str) {
        let Some(row) = state.disputes.get(id).cloned() else { return };
        let entry = state.entry("adjustment", id, (-row.amount, DISPUTE_FEE), &row.currency, self.now());
        if let Some(row) = state.disputes.get_mut(id) {
            row.entries.push(entry);
        }
        self.of_dispute(state, "charge.dispute.funds_withdrawn", id);
    }

    /// An inquiry becomes a dispute.
    pub fn escalate(&self, id: &str) {
        let mut state = self.state();
        if let Some(row) = state.disputes.get_mut(id) {
            row.status = "needs_response";
        }
        self.of_dispute(&mut state, "charge.dispute.updated", id);
        self.withdrawn(&mut state, id);
    }

    /// A dispute is decided.
    pub fn dispute_ends(&self, id: &str, end: DisputeEnd) {
        let mut state = self.state();
        let Some(row) = state.disputes.get_mut(id) else { return };
        row.status = match end {
            DisputeEnd::Won => "won",
            DisputeEnd::Lost => "lost",
            DisputeEnd::Closed => "warning_closed",
        };
        let row = row.clone();
        if end == DisputeEnd::Won {
            let entry = state.entry("adjustment", id, (row.amount, 0), &row.currency, self.now());
            if let Some(row) = state.disputes.get_mut(id) {
                row.entries.push(entry);
            }
            self.of_dispute(&mut state, "charge.dispute.funds_reinstated", id);
        }
        self.of_dispute(&mut state, "charge.dispute.closed", id);
    }

    /// Everything there is goes to the house's bank.
    pub fn pay_out(&self, currency: &str) -> Option<String> {
        let mut state = self.state();
        let amount = state.balance(currency);
        if amount <= 0 {
            return None;
        }
        let id = state.mark("po");
        let row = Payout { amount, currency: currency.to_owned(), status: "paid", created: self.now() };
        state.entry("payout", &id, (-amount, 0), currency, self.now());
        self.happened(&mut state, "payout.paid", json::payout("payout", &id, &row));
        state.payouts.insert(id.clone(), row);
        Some(id)
    }

    /// The bank rejects a payout.
    pub fn payout_fails(&self, id: &str) {
        let mut state = self.state();
        let Some(row) = state.payouts.get_mut(id) else { return };
        row.status = "failed";
        let row = row.clone();
        state.entry("payout_failure", id, (row.amount, 0), &row.currency, self.now());
        self.happened(&mut state, "payout.failed", json::payout("payout", id, &row));
    }
}

/// What tests ask for.
impl Sandbox {
    /// The next posts go wrong in these ways, the last first.
    pub fn fail_next(&self, faults: &[Fault]) {
        self.state().faults = faults.to_vec();
    }

    /// Every key is forgotten, as the processor may after a day.
    pub fn forget_keys(&self) {
        self.state().keys.forget();
    }

    /// From now on refunds wait until [`Sandbox::refund_ends`], and entries until [`Sandbox::settle`].
    pub fn slow(&self, refunds: bool, entries: bool) {
        let mut state = self.state();
        (state.slow_refunds, state.late_entries) = (refunds, entries);
    }

    /// Whether from now on nobody is told what happened who asks for it.
    pub fn silent(&self, silent: bool) {
        self.state().silent = silent;
    }

    /// A payment arrives with another amount or currency than was asked for.
    pub fn falsify(&self, intent: &str, received: i64, currency: &str) {
        if let Some(row) = self.state().intents.get_mut(intent) {
            (row.received, row.currency) = (received, currency.to_owned());
        }
    }

    /// A payment stands in a state nobody has heard of.
    pub fn put(&self, intent: &str, status: &'static str) {
        if let Some(row) = self.state().intents.get_mut(intent) {
            row.status = status;
        }
    }

    /// A charge is settled in another currency.
    pub fn settled_in(&self, intent: &str, currency: &str) {
        let mut state = self.state();
        let charge = state.intents.get(intent).and_then(|row| row.charge.clone()).unwrap_or_default();
        let entry = state.charges.get(&charge).and_then(|row| row.entry.clone()).unwrap_or_default();
        if let Some(row) = state.entries.get_mut(&entry) {
            row.currency = currency.to_owned();
        }
    }

    /// Something happens that the house never heard of.
    pub fn invent(&self, kind: &str) {
        let mut state = self.state();
        self.happened(&mut state, kind, serde_json::json!({ "id": "x_1", "object": "x" }));
    }

    /// What happened, in order, after the first `seen`.
    pub fn happenings(&self, seen: usize) -> Vec<Happening> {
        self.state().events.iter().skip(seen).map(|event| event.id.clone()).collect()
    }

    /// The sessions, newest last, with their payments.
    pub fn sessions(&self) -> Vec<(String, Option<String>)> {
        self.state().sessions.iter().map(|(id, row)| (id.clone(), row.intent.clone())).collect()
    }

    /// The refunds, newest last.
    pub fn refunds(&self) -> Vec<String> {
        self.state().refunds.keys().cloned().collect()
    }

    /// The disputes, newest last.
    pub fn disputes(&self) -> Vec<String> {
        self.state().disputes.keys().cloned().collect()
    }

    /// What the house has here.
    pub fn holds(&self, currency: &str) -> i64 {
        self.state().balance(currency)
    }

    /// The body and the header of a webhook, signed now.
    pub fn signed(&self, happening: &str) -> Option<(String, String)> {
        let state = self.state();
        let event = state.events.iter().find(|event| event.id == happening)?;
        let body = json::event(event).to_string();
        let header = signature::header(&self.setup.webhook_secret, self.now(), body.as_bytes());
        Some((body, header))
    }

    /// Sends a webhook. Answers the status, `None` when nobody answered.
    pub async fn send(&self, happening: &str) -> Option<u16> {
        let (body, header) = self.signed(happening)?;
        tokio::time::timeout(PATIENCE, self.post(&body, &header)).await.ok()?
    }

    /// Posts a body with any header, as anybody can.
    pub async fn post(&self, body: &str, header: &str) -> Option<u16> {
        let to = &self.setup.deliver_to;
        let mut stream = TcpStream::connect(to).await.ok()?;
        let request = format!(
            "POST /stripe/events HTTP/1.1\r\nHost: {to}\r\nContent-Type: application/json\r\nStripe-Signature: {header}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = [0; ANSWER];
        let mut read = 0;
        while read < 12 {
            match stream.read(&mut answer[read..]).await.ok()? {
                0 => break,
                more => read += more,
            }
        }
        std::str::from_utf8(&answer[..read]).ok()?.split(' ').nth(1)?.parse().ok()
    }

    /// Sends what happened after the first `seen`, in order, without anybody waiting for it; where it is set up so.
    pub(super) fn tell(self: &Arc<Self>, seen: usize) {
        if !self.setup.deliver || self.setup.deliver_to.is_empty() {
            return;
        }
        let this = self.clone();
        tokio::spawn(async move {
            for happening in this.happenings(seen) {
                if this.send(&happening).await.is_none_or(|status| status >= 300) {
                    tracing::warn!(event = happening, "the webhook was not taken; the house will ask");
                }
            }
        });
    }
}
