//! The interface: `/sandbox/v1/…`.

use super::form::Form;
use super::keys::{Given, Key};
use super::state::{Fault, Refund, Session, State};
use super::{Sandbox, json};
use serde_json::{Value, json as object};

/// Rows of a page unless another number is asked for.
const PAGE: i64 = 10;
/// The most that may be asked for.
const MOST: i64 = 100;
/// A session ends by itself after a day.
const DAY: i64 = 24 * 3600;

/// A call.
#[derive(Debug)]
pub struct Call<'a> {
    pub post: bool,
    /// Below `/sandbox/v1/`.
    pub path: &'a str,
    pub form: Form,
    /// As it came, for the key.
    pub body: &'a str,
    pub authorization: &'a str,
    pub key: &'a str,
}

impl Sandbox {
    /// Answers a call.
    pub fn answer(&self, call: &Call<'_>) -> Given {
        if call.authorization != format!("Bearer {}", self.setup.key) {
            return refused(401, "invalid_request_error", "Invalid API Key provided");
        }
        let mut state = self.state();
        let fault = if call.post { state.faults.pop() } else { None };
        if fault == Some(Fault::NeverArrives) {
            return (502, Value::Null);
        }
        let marked = format!("{}\n{}", call.path, call.body);
        if call.post && !call.key.is_empty() {
            match state.keys.ask(call.key, &marked) {
                Key::New => {}
                Key::Answered(given) => return lost(fault, given),
                Key::Misused => {
                    let why = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
                    return refused(400, "idempotency_error", why);
                }
            }
        }
        let given = match fault {
            Some(Fault::KeptFault) => refused(500, "api_error", "Something went wrong"),
            _ => self.done(&mut state, call),
        };
        if call.post && !call.key.is_empty() {
            state.keys.keep(call.key, &marked, &given);
        }
        lost(fault, given)
    }

    fn done(&self, state: &mut State, call: &Call<'_>) -> Given {
        let parts: Vec<&str> = call.path.split('/').collect();
        match (call.post, parts.as_slice()) {
            (true, ["checkout", "sessions"]) => self.open(state, &call.form),
            (false, ["checkout", "sessions"]) => (200, self.listed(state, &call.form)),
            (false, ["checkout", "sessions", id]) => {
                found(state.sessions.get(*id).map(|row| json::session(state, id, row, &self.setup.base_url, true)))
            }
            (false, ["payment_intents", id]) => {
                found(state.intents.get(*id).map(|row| json::intent(state, id, row, true)))
            }
            (true, ["refunds"]) => self.refund(state, &call.form),
            (false, ["refunds"]) => {
                let of = |intent: &str| intent == call.form.text("payment_intent");
                let rows = state.refunds.iter().rev().filter(|(_, row)| of(&row.intent));
                (200, paged(rows.map(|(id, row)| json::refund(id, row)).collect(), &call.form))
            }
            (false, ["refunds", id]) => found(state.refunds.get(*id).map(|row| json::refund(id, row))),
            (false, ["disputes"]) => {
                let of = |intent: &str| intent == call.form.text("payment_intent");
                let rows = state.disputes.iter().rev().filter(|(_, row)| of(&row.intent));
                (200, paged(rows.map(|(id, row)| json::dispute(state, id, row)).collect(), &call.form))
            }
            (false, ["disputes", id]) => found(state.disputes.get(*id).map(|row| json::dispute(state, id, row))),
            (false, ["payouts", id]) => found(state.payouts.get(*id).map(|row| json::payout("payout", id, row))),
            (true, ["transfers"]) => self.transfer(state, &call.form),
            (false, ["transfers", id]) => found(state.transfers.get(*id).map(|row| json::payout("transfer", id, row))),
            (false, ["balance_transactions", id]) => found(state.entries.get(*id).map(|row| json::entry(id, row))),
            (false, ["balance_transactions"]) => {
                let rows = state.entries.iter().rev().map(|(id, row)| json::entry(id, row)).collect();
                (200, paged(rows, &call.form))
            }
            (false, ["events"]) if state.silent => refused(500, "api_error", "Something went wrong"),
            (false, ["events"]) => {
                let until = call.form.number("created[lte]").unwrap_or(i64::MAX);
                let since = call.form.number("created[gte]").unwrap_or(0);
                let within = |created: i64| created >= since && created <= until;
                let rows = state.events.iter().rev().filter(|row| within(row.created)).map(json::event).collect();
                (200, paged(rows, &call.form))
            }
            _ => refused(404, "invalid_request_error", "Unrecognized request URL"),
        }
    }

    fn open(&self, state: &mut State, form: &Form) -> Given {
        let amount = form.number("line_items[0][price_data][unit_amount]").unwrap_or(0);
        let currency = form.text("line_items[0][price_data][currency]").to_owned();
        let now = self.now();
        let expires_at = form.number("expires_at").unwrap_or(now + DAY);
        if form.text("mode") != "payment" || amount <= 0 || currency.len() != 3 {
            return refused(400, "invalid_request_error", "mode, unit_amount and currency are needed");
        }
        if state.full() {
            return refused(429, "invalid_request_error", "the sandbox is full");
        }
        let id = state.mark("cs");
        let row = Session {
            status: "open",
            intent: None,
            amount,
            currency,
            name: form.text("line_items[0][price_data][product_data][name]").to_owned(),
            reference: form.text("client_reference_id").to_owned(),
            success_url: form.text("success_url").to_owned(),
            metadata: form.map("metadata"),
            intent_metadata: form.map("payment_intent_data[metadata]"),
            expires_at,
            created: now,
        };
        state.sessions.insert(id.clone(), row.clone());
        (200, json::session(state, &id, &row, &self.setup.base_url, true))
    }

    fn listed(&self, state: &State, form: &Form) -> Value {
        let since = form.number("created[gte]").unwrap_or(0);
        let intent = form.text("payment_intent");
        let wanted =
            |row: &Session| row.created >= since && (intent.is_empty() || row.intent.as_deref() == Some(intent));
        let rows = state.sessions.iter().rev().filter(|(_, row)| wanted(row));
        paged(rows.map(|(id, row)| json::session(state, id, row, &self.setup.base_url, true)).collect(), form)
    }

    fn refund(&self, state: &mut State, form: &Form) -> Given {
        let intent = form.text("payment_intent").to_owned();
        let Some(payment) = state.intents.get(&intent).cloned() else {
            return refused(404, "invalid_request_error", "No such payment_intent");
        };
        let taken: i64 = state
            .refunds
            .values()
            .filter(|row| row.intent == intent && row.status != "failed")
            .map(|row| row.amount)
            .sum();
        let amount = form.number("amount").unwrap_or(payment.received - taken);
        if amount <= 0 || amount > payment.received - taken {
            return refused(400, "invalid_request_error", "Refund amount is greater than unrefunded amount on charge");
        }
        let blocked = |row: &super::state::Dispute| row.intent == intent && !row.status.starts_with("warning");
        if state.disputes.values().any(blocked) {
            return refused(400, "invalid_request_error", "Charge has been charged back");
        }
        let id = state.mark("re");
        let row = Refund {
            intent,
            amount,
            currency: payment.currency,
            status: if state.slow_refunds { "pending" } else { "succeeded" },
            metadata: form.map("metadata"),
            created: self.now(),
        };
        state.refunds.insert(id.clone(), row.clone());
        self.refund_begins(state, &id);
        (200, json::refund(&id, &row))
    }

    fn transfer(&self, state: &mut State, form: &Form) -> Given {
        let (amount, currency) = (form.number("amount").unwrap_or(0), form.text("currency").to_owned());
        if amount <= 0 || currency.len() != 3 || form.text("destination").is_empty() {
            return refused(400, "invalid_request_error", "amount, currency and destination are needed");
        }
        if amount > state.balance(&currency) {
            return refused(400, "invalid_request_error", "You have insufficient available funds in your account.");
        }
        let id = state.mark("tr");
        let now = self.now();
        let row = super::state::Payout { amount, currency: currency.clone(), status: "paid", created: now };
        state.entry("transfer", &id, (-amount, 0), &currency, now);
        let told = json::payout("transfer", &id, &row);
        state.transfers.insert(id.clone(), row);
        self.happened(state, "transfer.created", told.clone());
        (200, told)
    }
}

/// The answer that is lost on its way.
fn lost(fault: Option<Fault>, given: Given) -> Given {
    if fault == Some(Fault::LostAnswer) { (504, Value::Null) } else { given }
}

fn found(value: Option<Value>) -> Given {
    match value {
        Some(value) => (200, value),
        None => refused(404, "invalid_request_error", "No such object"),
    }
}

fn refused(status: u16, kind: &str, message: &str) -> Given {
    (status, json::error(kind, message))
}

fn paged(rows: Vec<Value>, form: &Form) -> Value {
    let limit = form.number("limit").unwrap_or(PAGE).clamp(1, MOST);
    json::list(rows, form.text("starting_after"), usize::try_from(limit).unwrap_or(1))
}

/// What is told when nothing was understood.
pub fn unreadable() -> Given {
    (400, object!({ "error": { "type": "invalid_request_error", "message": "unreadable" } }))
}
