//! A bank's statement as its file tells it: camt.053.001.08 of ISO 20022, or CSV in the dialects that banks export.
//!
//! One file, one account, one currency. It is read whole or refused with every place that is wrong: nothing is rounded, swapped or
//! guessed. Where the file says what stood on the account before and after, both must agree with its lines to the last unit. To add
//! a dialect of CSV, add its heads to the table of `heads`; another format is a module beside `camt` and a word of `kinds::StatementFormat`.

mod camt;
mod figures;
mod heads;
pub mod overlap;
mod table;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use entities::kinds::{Currency, StatementFormat as Format};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Largest file: a year of a busy account is below one mebibyte.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Most lines of one file: one transaction takes them all.
pub const MAX_LINES: usize = 2_000;
/// Longest mark of a line: a field of the books takes no more.
pub const MAX_REFERENCE: usize = 60;
/// Longest name kept.
const MAX_NAME: usize = 200;
/// Longest text of a line: four times what ISO 20022 gives one remittance.
const MAX_TEXT: usize = 600;
/// Faults reported at once: more is not read by anybody.
const MAX_FAULTS: usize = 50;
/// Figures of a counterparty's number that are kept: enough to tell two apart, too few to pay with.
const TAIL: usize = 4;

/// One line of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Line in the file, the first being 1.
    pub at: u64,
    /// Day it was booked.
    pub day: NaiveDate,
    /// Minor units; above zero came in, below zero went out.
    pub amount_minor: i64,
    /// The bank's own mark, or one made of what the line says; no other line of the file has it.
    pub reference: String,
    /// Whom it came from or went to, `""` where the file does not say.
    pub name: String,
    /// The last figures of their account, `""` where the file does not say.
    pub tail: String,
    /// What was written on it.
    pub text: String,
    /// What stood on the account after it.
    pub balance_minor: Option<i64>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// How it was written.
    pub format: Format,
    /// Our account as the file names it, figures and letters only.
    pub account: Option<String>,
    /// Of every line.
    pub currency: Currency,
    /// What stood there before the first line.
    pub opening_minor: Option<i64>,
    /// What stood there after the last.
    pub closing_minor: Option<i64>,
    /// First day it speaks of.
    pub from: NaiveDate,
    /// Last day it speaks of.
    pub to: NaiveDate,
    /// The lines, oldest first.
    pub lines: Vec<Line>,
}

/// Something wrong at a place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line, the first being 1.
    pub line: u64,
    /// Column: of a table the how manieth, of XML the how manieth sign of the line.
    pub column: u64,
    /// Code of the refusal.
    pub code: &'static str,
}

impl Fault {
    fn at(line: u64, column: u64, code: &'static str) -> Self {
        Self { line: line.max(1), column: column.max(1), code }
    }
}

/// A line before it has a mark of its own.
#[derive(Debug, Clone, Default)]
struct Draft {
    at: u64,
    column: u64,
    day: NaiveDate,
    amount_minor: i64,
    reference: String,
    name: String,
    account: String,
    text: String,
    balance_minor: Option<i64>,
}

/// What a reader found, before it is checked as a whole.
#[derive(Debug, Default)]
struct Found {
    account: Option<String>,
    opening_minor: Option<i64>,
    closing_minor: Option<i64>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    drafts: Vec<Draft>,
}

/// Reads a file of an account in `currency` without doing anything.
///
/// # Errors
/// Every place that is wrong, at most fifty of them, by line and column.
pub fn read(bytes: &[u8], currency: Currency) -> Result<Statement, Vec<Fault>> {
    if bytes.len() > MAX_BYTES {
        return Err(vec![Fault::at(1, 1, "refused-statement-too-large")]);
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(vec![Fault::at(1, 1, "refused-file-empty")]);
    }
    let (text, odd) = decoded(bytes).map_err(|fault| vec![fault])?;
    let (format, found) = if text.trim_start().starts_with('<') {
        if let Some(fault) = odd {
            // ISO 20022 is written in UTF-8; anything else was damaged on its way.
            return Err(vec![fault]);
        }
        (Format::Camt, camt::read(&text, currency)?)
    } else {
        table::read(&text, odd, currency)?
    };
    whole(format, found, currency).map_err(|fault| vec![fault])
}

/// The text of a file; where it is read as GB 18030, with the place at which it is no UTF-8.
fn decoded(bytes: &[u8]) -> Result<(String, Option<Fault>), Fault> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0) {
        return Err(Fault::at(1, 1, "refused-statement-encoding"));
    }
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let broken = match std::str::from_utf8(plain) {
        Ok(text) => return Ok((text.to_owned(), None)),
        Err(error) => error.valid_up_to(),
    };
    let before = plain.get(..broken).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
    let odd = Fault::at(line as u64, (broken - start + 1) as u64, "refused-statement-encoding");
    let text = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(plain);
    // Signs for private use stand for nothing that a bank writes: the bytes were something else.
    match text.filter(|text| !text.contains(|c| ('\u{e000}'..='\u{f8ff}').contains(&c))) {
        Some(text) => Ok((text.into_owned(), Some(odd))),
        None => Err(odd),
    }
}

/// Checks what was found as a whole and gives every line a mark of its own.
fn whole(format: Format, found: Found, currency: Currency) -> Result<Statement, Fault> {
    let Found { account, opening_minor, closing_minor, from, to, drafts } = found;
    let days = || drafts.iter().map(|draft| draft.day);
    let to = to.or_else(|| days().max());
    // A day on which nothing happened may be told by its closing balance alone.
    let (Some(from), Some(to)) = (from.or_else(|| days().min()).or(to), to) else {
        return Err(Fault::at(1, 1, "refused-file-empty"));
    };
    let last = drafts.last().map_or((1, 1), |draft| (draft.at, draft.column));
    let sum = drafts.iter().try_fold(opening_minor.unwrap_or(0), |sum, draft| sum.checked_add(draft.amount_minor));
    let sum = sum.ok_or_else(|| Fault::at(last.0, last.1, "refused-statement-too-much"))?;
    if opening_minor.is_some() && closing_minor.is_some_and(|closing| closing != sum) {
        return Err(Fault::at(last.0, last.1, "refused-statement-sum"));
    }
    if let Some(odd) = drafts.iter().find(|draft| draft.day > to || draft.day < from) {
        // A line outside the days of its statement would be missed by whoever looks whether a day is complete.
        return Err(Fault::at(odd.at, odd.column, "refused-statement-day-outside"));
    }
    let lines = marked(drafts)?;
    Ok(Statement { format, account, currency, opening_minor, closing_minor, from, to, lines })
}

/// Gives each line its mark. Of two lines with one mark the later day stands behind its own; on one day they are told apart by
/// their order, which is the bank's.
fn marked(drafts: Vec<Draft>) -> Result<Vec<Line>, Fault> {
    let mut days: BTreeMap<String, NaiveDate> = BTreeMap::new();
    let mut given: BTreeSet<String> = BTreeSet::new();
    let mut lines = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let base = if draft.reference.is_empty() { made_up(&draft) } else { draft.reference.clone() };
        let first = *days.entry(base.clone()).or_insert(draft.day);
        let base = if first == draft.day { base } else { format!("{base}{}", overlap::of_day(draft.day)) };
        let mut reference = base.clone();
        let mut times = 1;
        while !given.insert(reference.clone()) {
            times += 1;
            reference = format!("{base}/{times}");
        }
        if reference.chars().count() > MAX_REFERENCE {
            return Err(Fault::at(draft.at, draft.column, "refused-statement-reference"));
        }
        lines.push(Line {
            at: draft.at,
            day: draft.day,
            amount_minor: draft.amount_minor,
            reference,
            name: draft.name,
            tail: tail(&draft.account),
            text: draft.text,
            balance_minor: draft.balance_minor,
        });
    }
    Ok(lines)
}

/// A mark for a line whose bank gives none: day, amount and a hash of the rest, so that the same line has the same mark again.
fn made_up(draft: &Draft) -> String {
    use sha2::{Digest, Sha256};
    let rest = format!("{}\n{}\n{}\n{:?}", draft.name, draft.account, draft.text, draft.balance_minor);
    let hash = hex::encode(Sha256::digest(rest.as_bytes()));
    format!("{}:{}:{}", draft.day.format("%Y%m%d"), draft.amount_minor, &hash[..12])
}

/// Whether a mark is one that was made up: another file may give the same line another.
pub fn is_made_up(reference: &str) -> bool {
    let parts: Vec<&str> = reference.splitn(3, ':').collect();
    let [day, amount, rest] = parts.as_slice() else { return false };
    let (hash, behind) = rest.split_at_checked(12).unwrap_or((rest, "x"));
    day.len() == 8
        && day.bytes().all(|sign| sign.is_ascii_digit())
        && amount.parse::<i64>().is_ok()
        && hash.bytes().all(|sign| sign.is_ascii_hexdigit())
        && (behind.is_empty() || behind.starts_with(['/', '#']))
}

/// The last figures of a number.
pub fn tail(account: &str) -> String {
    let plain = plain_number(account);
    plain.chars().skip(plain.chars().count().saturating_sub(TAIL)).collect()
}

/// A number without the blanks and strokes that people write into it.
pub fn plain_number(account: &str) -> String {
    account.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// A text of the bank on one line; `None` when it is longer than a bank writes.
fn tidy(text: &str, most: usize) -> Option<String> {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let one = words.join(" ");
    (one.chars().count() <= most).then_some(one)
}
