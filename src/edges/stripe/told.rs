//! What we read of the processor's answers, and nothing else.

use miniserde::Deserialize;
use std::collections::BTreeMap;

/// A page of a list.
#[derive(Debug, Deserialize)]
pub struct List<T> {
    /// Rows.
    pub data: Vec<T>,
    /// Whether there are more.
    pub has_more: bool,
}

/// A row that a list goes on after.
pub trait Marked {
    /// Its mark.
    fn mark(&self) -> &str;
}

macro_rules! marked {
    ($($name:ident),*) => {$(
        impl Marked for $name {
            fn mark(&self) -> &str {
                &self.id
            }
        }
    )*};
}
marked!(Session, Refund, Dispute, Event);

/// A checkout session.
#[derive(Debug, Clone, Deserialize)]
pub struct Session {
    /// `cs_…`
    pub id: String,
    /// `open`, `complete`, `expired`.
    pub status: Option<String>,
    /// `paid`, `unpaid`: "complete" is not "paid" for delayed methods.
    pub payment_status: String,
    /// Where the donor pays, while it is open.
    pub url: Option<String>,
    /// Our reference.
    pub client_reference_id: Option<String>,
    /// The payment, once there is one.
    pub payment_intent: Option<Intent>,
}

/// A payment.
#[derive(Debug, Clone, Deserialize)]
pub struct Intent {
    /// `pi_…`
    pub id: String,
    /// `succeeded`, `processing`, `requires_payment_method`, `canceled`…
    pub status: String,
    /// What arrived, in the processor's units.
    pub amount_received: i64,
    /// Three small letters.
    pub currency: String,
    /// The charge that paid, or the last that failed.
    pub latest_charge: Option<Charge>,
}

/// A charge.
#[derive(Debug, Clone, Deserialize)]
pub struct Charge {
    /// `ch_…`
    pub id: String,
    /// The processor's entry, which may come later than the charge.
    pub balance_transaction: Option<Entry>,
}

/// An entry in the processor's own books.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    /// `txn_…`
    pub id: String,
    /// Gross, below zero when taken.
    pub amount: i64,
    /// The actual fee.
    pub fee: i64,
    /// The currency it was settled in: not always that of the payment.
    pub currency: String,
}

/// A refund.
#[derive(Debug, Clone, Deserialize)]
pub struct Refund {
    /// `re_…`
    pub id: String,
    /// In the processor's units.
    pub amount: i64,
    /// Three small letters.
    pub currency: String,
    /// `pending`, `requires_action`, `succeeded`, `failed`, `canceled`.
    pub status: Option<String>,
    /// Our mark.
    pub metadata: Option<BTreeMap<String, String>>,
}

/// A dispute.
#[derive(Debug, Clone, Deserialize)]
pub struct Dispute {
    /// `dp_…`
    pub id: String,
    /// In the processor's units.
    pub amount: i64,
    /// Three small letters.
    pub currency: String,
    /// `warning_…`, `needs_response`, `under_review`, `won`, `lost`…
    pub status: String,
    /// The processor's word.
    pub reason: String,
    /// What it moved so far: withdrawn, reinstated.
    pub balance_transactions: Vec<Entry>,
}

/// A payout to the bank.
#[derive(Debug, Clone, Deserialize)]
pub struct Payout {
    /// `po_…`
    pub id: String,
    /// In the processor's units.
    pub amount: i64,
    /// Three small letters.
    pub currency: String,
    /// `pending`, `in_transit`, `paid`, `failed`, `canceled`.
    pub status: String,
}

/// Something that happened.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// `evt_…`
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Unix time.
    pub created: i64,
    /// What it is about.
    pub data: About,
}

/// What an event is about.
#[derive(Debug, Clone, Deserialize)]
pub struct About {
    /// The thing.
    pub object: Thing,
}

/// A thing by its mark.
#[derive(Debug, Clone, Deserialize)]
pub struct Thing {
    /// Its mark; a few things have none.
    pub id: Option<String>,
    /// The payment it belongs to.
    pub payment_intent: Option<String>,
}
