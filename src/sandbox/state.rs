//! What the sandbox knows: sessions, payments, refunds, disputes, payouts, transfers, its own books, and what happened.

use super::MANY;
use super::keys::Keys;
use serde_json::Value;
use std::collections::BTreeMap;

/// How a payer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A card.
    Card,
    /// Alipay.
    Alipay,
    /// WeChat Pay.
    WechatPay,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Card, Self::Alipay, Self::WechatPay];

    /// The interface's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Alipay => "alipay",
            Self::WechatPay => "wechat_pay",
        }
    }
}

/// What the payer chooses to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Paid at once.
    Paid,
    /// Declined; the session stays open.
    Fails,
    /// Completed, and paid later.
    Later,
    /// Completed, and failed later.
    LaterFails,
    /// The payer goes away and the session ends.
    Expires,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [Self::Paid, Self::Fails, Self::Later, Self::LaterFails, Self::Expires];

    /// The word of the form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Fails => "fails",
            Self::Later => "later",
            Self::LaterFails => "later-fails",
            Self::Expires => "expires",
        }
    }
}

/// How a dispute ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeEnd {
    /// The money comes back.
    Won,
    /// It does not.
    Lost,
    /// An inquiry that led to nothing.
    Closed,
}

/// How the next call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is done, and nobody hears of it.
    LostAnswer,
    /// It is not done, and the fault is kept under the key, as the processor does.
    KeptFault,
    /// It never arrives.
    NeverArrives,
}

/// Something that happened, by its event's mark.
pub type Happening = String;

/// A checkout session.
#[derive(Debug, Clone)]
pub struct Session {
    pub status: &'static str,
    pub intent: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub name: String,
    pub reference: String,
    pub success_url: String,
    pub metadata: BTreeMap<String, String>,
    pub intent_metadata: BTreeMap<String, String>,
    pub expires_at: i64,
    pub created: i64,
}

/// A payment.
#[derive(Debug, Clone)]
pub struct Intent {
    pub status: &'static str,
    pub amount: i64,
    pub received: i64,
    pub currency: String,
    pub charge: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub created: i64,
}

/// A charge.
#[derive(Debug, Clone)]
pub struct Charge {
    pub intent: String,
    pub method: &'static str,
    pub paid: bool,
    pub entry: Option<String>,
    pub refunded: i64,
}

/// A refund.
#[derive(Debug, Clone)]
pub struct Refund {
    pub intent: String,
    pub amount: i64,
    pub currency: String,
    pub status: &'static str,
    pub metadata: BTreeMap<String, String>,
    pub created: i64,
}

/// A dispute.
#[derive(Debug, Clone)]
pub struct Dispute {
    pub intent: String,
    pub amount: i64,
    pub currency: String,
    pub status: &'static str,
    pub entries: Vec<String>,
    pub created: i64,
}

/// A payout or a transfer.
#[derive(Debug, Clone)]
pub struct Payout {
    pub amount: i64,
    pub currency: String,
    pub status: &'static str,
    pub created: i64,
}

/// An entry in the sandbox's books.
#[derive(Debug, Clone)]
pub struct Entry {
    pub kind: &'static str,
    pub source: String,
    pub amount: i64,
    pub fee: i64,
    pub currency: String,
    pub created: i64,
}

/// An event.
#[derive(Debug, Clone)]
pub struct Event {
    pub id: String,
    pub kind: String,
    pub object: Value,
    pub created: i64,
}

/// Everything.
#[derive(Debug, Default)]
pub struct State {
    last: u64,
    pub sessions: BTreeMap<String, Session>,
    pub intents: BTreeMap<String, Intent>,
    pub charges: BTreeMap<String, Charge>,
    pub refunds: BTreeMap<String, Refund>,
    pub disputes: BTreeMap<String, Dispute>,
    pub payouts: BTreeMap<String, Payout>,
    pub transfers: BTreeMap<String, Payout>,
    pub entries: BTreeMap<String, Entry>,
    pub events: Vec<Event>,
    pub keys: Keys,
    pub faults: Vec<Fault>,
    /// Whether refunds wait before they are made, and whether they then fail.
    pub slow_refunds: bool,
    /// Whether the entry of a charge comes later than the charge.
    pub late_entries: bool,
    /// Whether the list of events answers with a fault.
    pub silent: bool,
}

impl State {
    /// The next mark of a kind, in the order in which things are made.
    pub fn mark(&mut self, kind: &str) -> String {
        self.last += 1;
        format!("{kind}_sandbox_{:08}", self.last)
    }

    /// Whether there is room for more.
    pub fn full(&self) -> bool {
        self.sessions.len() >= MANY || self.events.len() >= MANY || self.entries.len() >= MANY
    }

    /// Writes in its books.
    pub fn entry(&mut self, kind: &'static str, source: &str, sum: (i64, i64), currency: &str, created: i64) -> String {
        let id = self.mark("txn");
        let entry = Entry {
            kind,
            source: source.to_owned(),
            amount: sum.0,
            fee: sum.1,
            currency: currency.to_owned(),
            created,
        };
        self.entries.insert(id.clone(), entry);
        id
    }

    /// What the house has there, net of fees and payouts.
    pub fn balance(&self, currency: &str) -> i64 {
        self.entries.values().filter(|entry| entry.currency == currency).map(|entry| entry.amount - entry.fee).sum()
    }
}
