//! The pieces pages are made of, as `templates/parts` draws them. All texts are already in the reader's language.

use crate::edges::i18n::{self, Value};
use crate::ledger::balances::Flow;
use crate::people::permission::Context;
use chrono::{DateTime, NaiveDate, Utc};
use entities::kinds::Currency;
use serde::Serialize;

/// Words, money and days in the reader's language.
impl Context {
    /// The text of a key.
    pub fn t(&self, key: &str) -> String {
        self.edges.words.text(self.locale, key, &[])
    }

    /// The text of a key with words in it.
    pub fn t_with(&self, key: &str, args: &[(&str, &str)]) -> String {
        let args: Vec<(&str, Value)> =
            args.iter().map(|(name, text)| (*name, Value::Text((*text).to_owned()))).collect();
        self.edges.words.text(self.locale, key, &args)
    }

    /// The text of a key for a count `n`, in its plural form.
    pub fn t_count(&self, key: &str, n: i64) -> String {
        self.edges.words.text(self.locale, key, &[("n", Value::Count(n))])
    }

    /// An amount, e.g. `¥83,000.00`.
    pub fn money(&self, minor: i64, currency: Currency) -> String {
        crate::core::money::Money::new(minor, currency.0).format(self.locale.as_str())
    }

    /// An amount in Chinese capitals, `""` for other currencies.
    pub fn capitals(&self, minor: i64, currency: Currency) -> String {
        crate::core::money::Money::new(minor, currency.0).capitals().unwrap_or_default()
    }

    /// A day.
    pub fn day(&self, date: NaiveDate) -> String {
        i18n::day(self.locale, date)
    }

    /// A moment in the foundation's zone.
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        i18n::moment(self.locale, at, self.edges.config.zone)
    }
}

/// A way back.
#[derive(Debug, Clone, Serialize)]
pub struct Crumb {
    /// Text.
    pub label: String,
    /// Link, `""` for the page itself.
    pub href: String,
}

/// A state in a word.
#[derive(Debug, Clone, Serialize)]
pub struct Chip {
    /// Text.
    pub text: String,
    /// `ok`, `wait`, `stop` or `quiet`.
    pub tone: &'static str,
}

/// An act that is offered: a link to its page, where it is said what will happen.
#[derive(Debug, Clone, Serialize)]
pub struct ActLink {
    /// Page of the act.
    pub href: String,
    /// Verb.
    pub text: String,
    /// `""`, `quiet` or `stop`.
    pub tone: &'static str,
}

/// A label with its value.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// Label.
    pub label: String,
    /// Value.
    pub value: String,
    /// Link, `""` for none.
    pub href: String,
}

impl Fact {
    /// Without a link.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), href: String::new() }
    }

    /// With a link.
    pub fn linked(label: impl Into<String>, value: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), href: href.into() }
    }
}

/// A step of a stream.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// `done`, `now`, `later` or `stopped`.
    pub state: &'static str,
    /// Title.
    pub title: String,
    /// Detail, or `""`.
    pub detail: String,
    /// Link, or `""`.
    pub href: String,
    /// Date, or `""`.
    pub date: String,
}

/// A segment of the flow bar.
#[derive(Debug, Clone, Serialize)]
pub struct Segment {
    /// `paid`, `fee`, `held` or `free`.
    pub kind: &'static str,
    /// Label.
    pub label: String,
    /// Amount.
    pub amount_text: String,
    /// Left edge of 1000.
    pub x: i64,
    /// Width of 1000.
    pub width: i64,
}

/// The flow bar: received = paid + fee + committed + available, to the fen.
#[derive(Debug, Clone, Serialize)]
pub struct FlowBar {
    /// Read aloud.
    pub label: String,
    /// Label of the whole.
    pub total_label: String,
    /// The whole.
    pub total_text: String,
    /// The parts.
    pub segments: Vec<Segment>,
}

impl FlowBar {
    /// The flow bar of a fund, an award, a gift.
    pub fn new(context: &Context, flow: Flow, currency: Currency) -> Self {
        let parts = [
            ("paid", "flow-paid", flow.paid_minor),
            ("fee", "flow-fee", flow.fee_minor),
            ("held", "flow-committed", flow.committed_minor),
            ("free", "flow-available", flow.available_minor),
        ];
        let whole = flow.received_minor.max(1);
        let mut before = 0_i64;
        let mut segments = Vec::new();
        for (kind, key, amount) in parts {
            let edge = |sum: i64| i64::try_from(i128::from(sum) * 1000 / i128::from(whole)).unwrap_or(1000);
            let (x, end) = (edge(before), edge(before + amount));
            segments.push(Segment {
                kind,
                label: context.t(key),
                amount_text: context.money(amount, currency),
                x,
                width: end - x,
            });
            before += amount;
        }
        let said: Vec<String> = segments.iter().map(|part| format!("{} {}", part.label, part.amount_text)).collect();
        Self {
            label: said.join(" · "),
            total_label: context.t("flow-received"),
            total_text: context.money(flow.received_minor, currency),
            segments,
        }
    }
}

/// A line of the public ledger.
#[derive(Debug, Clone, Serialize)]
pub struct EntryRow {
    /// Day.
    pub date: String,
    /// What.
    pub what: String,
    /// Number of the entry.
    pub voucher: String,
    /// Page of the entry.
    pub href: String,
    /// Amount with its sign.
    pub amount_text: String,
    /// Whether it came in.
    pub incoming: bool,
}

/// Heads of the entries' table.
#[derive(Debug, Clone, Serialize)]
pub struct EntryHeads {
    /// Day.
    pub date: String,
    /// What.
    pub what: String,
    /// Entry.
    pub voucher: String,
    /// Amount.
    pub amount: String,
}

impl EntryHeads {
    /// In the reader's language.
    pub fn new(context: &Context) -> Self {
        Self {
            date: context.t("head-date"),
            what: context.t("head-what"),
            voucher: context.t("head-voucher"),
            amount: context.t("head-amount"),
        }
    }
}

/// Something that waits.
#[derive(Debug, Clone, Serialize)]
pub struct Task {
    /// Where to do it.
    pub href: String,
    /// What.
    pub title: String,
    /// More, or `""`.
    pub detail: String,
    /// How late or by when, or `""`.
    pub chip: String,
    /// Tone of the chip.
    pub tone: &'static str,
}

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
pub struct Happened {
    /// When.
    pub when: String,
    /// Who, as a part.
    pub who: String,
    /// What.
    pub what: String,
    /// Reason, or `""`.
    pub note: String,
}

/// A point of a checklist.
#[derive(Debug, Clone, Serialize)]
pub struct Checked {
    /// What is asked.
    pub text: String,
    /// Whether it holds.
    pub ok: bool,
    /// The state as a word.
    pub word: String,
}

/// A choice in a select or among radios.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// Value sent.
    pub value: String,
    /// Text shown.
    pub label: String,
    /// Chosen now.
    pub selected: bool,
}

impl Choice {
    /// A choice that is not chosen yet.
    pub fn new(value: impl ToString, label: impl Into<String>) -> Self {
        Self { value: value.to_string(), label: label.into(), selected: false }
    }

    /// Words of a fixed list, labelled by `<prefix>-<word>`.
    pub fn words<'a>(context: &Context, prefix: &str, words: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        words.into_iter().map(|word| Self::new(word, context.t(&format!("{prefix}-{word}")))).collect()
    }

    /// The same with one chosen.
    pub fn chosen(mut choices: Vec<Self>, value: &str) -> Vec<Self> {
        for choice in &mut choices {
            choice.selected = choice.value == value;
        }
        choices
    }
}
