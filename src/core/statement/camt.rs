//! camt.053.001.08: the statement of ISO 20022. Read as a stream, without document types, without entities of its own, and not
//! deeper than the standard goes; what the standard allows and we do not need is passed over.

use super::figures::{self, Decimals};
use super::{Draft, Fault, Found, MAX_LINES, MAX_NAME, MAX_REFERENCE, MAX_TEXT, plain_number, tidy};
use chrono::NaiveDate;
use entities::kinds::Currency;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Deepest nesting: the standard needs fourteen.
const MAX_DEPTH: usize = 24;
/// Longest text of one element: the standard's longest is 500 signs.
const MAX_ELEMENT: usize = 4_096;
/// What the name space of every version begins with.
const SPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.";

/// An element that is open.
#[derive(Debug)]
struct Open {
    name: String,
    /// Of an amount.
    currency: String,
    text: String,
    from: usize,
}

/// A balance of the statement.
#[derive(Debug, Default)]
struct Balance {
    kind: String,
    amount: String,
    amount_from: usize,
    debit: Option<bool>,
    day: String,
}

/// An entry, as its elements tell it.
#[derive(Debug, Default)]
struct Entry {
    from: usize,
    amount: String,
    amount_from: usize,
    debit: Option<bool>,
    status: String,
    booked: String,
    booked_from: usize,
    valued: String,
    bank_reference: String,
    reference: String,
    details: usize,
    debtor: (String, String),
    creditor: (String, String),
    texts: Vec<String>,
}

struct Camt<'a> {
    text: &'a str,
    /// Where each line begins.
    starts: Vec<usize>,
    currency: Currency,
    path: Vec<Open>,
    found: Found,
    statements: usize,
    balances: Vec<Balance>,
    entry: Entry,
    /// What stood there after the statement before, in a file of several.
    before: Option<i64>,
    opened: Option<i64>,
    first_draft: usize,
}

/// Reads a file.
pub(super) fn read(text: &str, currency: Currency) -> Result<Found, Vec<Fault>> {
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let camt = Camt {
        text,
        starts,
        currency,
        path: Vec::new(),
        found: Found::default(),
        statements: 0,
        balances: Vec::new(),
        entry: Entry::default(),
        before: None,
        opened: None,
        first_draft: 0,
    };
    camt.read().map_err(|fault| vec![fault])
}

impl Camt<'_> {
    fn fault(&self, at: usize, code: &'static str) -> Fault {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let column = self.text.get(start..at).map_or(0, |before| before.chars().count()) + 1;
        Fault::at(line as u64, column as u64, code)
    }

    fn read(mut self) -> Result<Found, Fault> {
        let mut reader = Reader::from_str(self.text);
        loop {
            let at = place(reader.buffer_position());
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(_) => return Err(self.fault(place(reader.error_position()), "refused-statement-unreadable")),
            };
            match event {
                Event::Start(start) => self.open(&start, at)?,
                Event::Empty(start) => {
                    self.open(&start, at)?;
                    self.close(at)?;
                }
                Event::End(_) => self.close(at)?,
                Event::Text(text) => {
                    let text = text.decode().map_err(|_| self.fault(at, "refused-statement-unreadable"))?;
                    self.say(&text, at)?;
                }
                Event::CData(text) => {
                    let text = text.decode().map_err(|_| self.fault(at, "refused-statement-unreadable"))?;
                    self.say(&text, at)?;
                }
                // A document type brings entities, and entities bring other files or a memory full of laughs.
                Event::DocType(_) => return Err(self.fault(at, "refused-statement-doctype")),
                Event::GeneralRef(entity) => {
                    let name = entity.decode().map_err(|_| self.fault(at, "refused-statement-unreadable"))?;
                    let own = quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned);
                    let sign = entity.resolve_char_ref().ok().flatten().map(String::from);
                    let sign = own.or(sign).ok_or_else(|| self.fault(at, "refused-statement-doctype"))?;
                    self.say(&sign, at)?;
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
        if !self.path.is_empty() {
            return Err(self.fault(self.text.len(), "refused-statement-unreadable"));
        }
        if self.statements == 0 {
            return Err(self.fault(0, "refused-statement-unknown"));
        }
        Ok(self.found)
    }

    fn open(&mut self, start: &BytesStart<'_>, at: usize) -> Result<(), Fault> {
        if self.path.len() >= MAX_DEPTH {
            return Err(self.fault(at, "refused-statement-too-deep"));
        }
        let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
        let mut currency = String::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| self.fault(at, "refused-statement-unreadable"))?;
            let value = String::from_utf8_lossy(&attribute.value).into_owned();
            let key = attribute.key.as_ref();
            let space = key == b"xmlns" || key.starts_with(b"xmlns:") && name == "Document";
            if self.path.is_empty() && space && value.starts_with("urn:") && !value.starts_with(SPACE) {
                return Err(self.fault(at, "refused-statement-unknown"));
            }
            if key == b"Ccy" {
                currency = value;
            }
        }
        if self.path.is_empty() && name != "Document" {
            return Err(self.fault(at, "refused-statement-unknown"));
        }
        match (self.path.len(), name.as_str()) {
            (2, "Stmt") => self.statement(),
            (3, "Bal") => self.balances.push(Balance::default()),
            (3, "Ntry") => self.entry = Entry { from: at, ..Entry::default() },
            (5, "TxDtls") => self.entry.details += 1,
            _ => {}
        }
        self.path.push(Open { name, currency, text: String::new(), from: at });
        Ok(())
    }

    fn say(&mut self, text: &str, at: usize) -> Result<(), Fault> {
        let Some(open) = self.path.last_mut() else {
            // Before and behind the document stand blanks only.
            return if text.trim().is_empty() { Ok(()) } else { Err(self.fault(at, "refused-statement-unreadable")) };
        };
        open.text.push_str(text);
        if open.text.len() > MAX_ELEMENT { Err(self.fault(at, "refused-statement-text")) } else { Ok(()) }
    }

    fn statement(&mut self) {
        self.statements += 1;
        self.balances.clear();
        self.opened = None;
        self.first_draft = self.found.drafts.len();
    }

    fn close(&mut self, at: usize) -> Result<(), Fault> {
        let Some(open) = self.path.pop() else { return Err(self.fault(at, "refused-statement-unreadable")) };
        let within: Vec<&str> = self.path.iter().map(|open| open.name.as_str()).chain([open.name.as_str()]).collect();
        let Some(["Document", "BkToCstmrStmt", "Stmt", rest @ ..]) = within.get(..) else { return Ok(()) };
        let value = open.text.trim().to_owned();
        if matches!(rest, ["Bal", "Amt"] | ["Ntry", "Amt"]) && open.currency != self.currency.code() {
            return Err(self.fault(open.from, "refused-statement-currency"));
        }
        match rest {
            [] => self.balanced(open.from),
            ["Acct", "Id", "IBAN"] | ["Acct", "Id", "Othr", "Id"] => self.account(&value, open.from),
            ["Acct", "Ccy"] if value != self.currency.code() => {
                Err(self.fault(open.from, "refused-statement-currency"))
            }
            ["FrToDt", "FrDtTm" | "ToDtTm"] => self.period(rest[1] == "FrDtTm", &value, open.from),
            ["Bal", inner @ ..] => {
                if let Some(balance) = self.balances.last_mut() {
                    balance.take(inner, value, open.from);
                }
                Ok(())
            }
            ["Ntry"] => self.entered(at),
            ["Ntry", inner @ ..] => {
                let inner: Vec<String> = inner.iter().map(|name| (*name).to_owned()).collect();
                let inner: Vec<&str> = inner.iter().map(String::as_str).collect();
                self.entry.take(&inner, value, open.from);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn account(&mut self, value: &str, at: usize) -> Result<(), Fault> {
        let number = plain_number(value);
        match &self.found.account {
            Some(known) if *known != number => Err(self.fault(at, "refused-statement-accounts")),
            _ => {
                self.found.account = Some(number);
                Ok(())
            }
        }
    }

    fn period(&mut self, begins: bool, value: &str, at: usize) -> Result<(), Fault> {
        let day = figures::day(value).ok_or_else(|| self.fault(at, "refused-statement-day"))?;
        let found = &mut self.found;
        if begins {
            found.from = Some(found.from.map_or(day, |known| known.min(day)));
        } else {
            found.to = Some(found.to.map_or(day, |known| known.max(day)));
        }
        Ok(())
    }

    /// The statement ends: its balances agree with its lines, and with the statement before it in the same file.
    fn balanced(&mut self, at: usize) -> Result<(), Fault> {
        let (mut opening, mut closing) = (None, None);
        for place in 0..self.balances.len() {
            let (kind, minor, day) = self.balance(place)?;
            match kind.as_str() {
                // What stood there when the statement before was closed is what stands there when this one opens.
                "OPBD" => opening = Some(minor),
                "PRCD" => opening = opening.or(Some(minor)),
                "CLBD" => {
                    closing = Some(minor);
                    self.found.to = self.found.to.max(day);
                }
                _ => {}
            }
        }
        let mut lines = self.found.drafts.iter().skip(self.first_draft).map(|draft| draft.amount_minor);
        let sum = lines.try_fold(0_i64, i64::checked_add);
        let sum = sum.ok_or_else(|| self.fault(at, "refused-statement-too-much"))?;
        if let (Some(opening), Some(closing)) = (opening, closing)
            && opening.checked_add(sum) != Some(closing)
        {
            return Err(self.fault(at, "refused-statement-sum"));
        }
        if self.statements > 1 && self.before.is_some() && opening.is_some() && self.before != opening {
            return Err(self.fault(at, "refused-statement-chain"));
        }
        if self.statements == 1 {
            self.found.opening_minor = opening;
        }
        self.before = closing;
        self.found.closing_minor = closing;
        Ok(())
    }

    fn balance(&self, place: usize) -> Result<(String, i64, Option<NaiveDate>), Fault> {
        let empty = Balance::default();
        let balance = self.balances.get(place).unwrap_or(&empty);
        let minor = self.minor(&balance.amount, balance.debit, balance.amount_from)?;
        Ok((balance.kind.clone(), minor, figures::day(&balance.day)))
    }

    /// An amount of the standard: without a sign, which stands beside it.
    fn minor(&self, amount: &str, debit: Option<bool>, at: usize) -> Result<i64, Fault> {
        let plain = amount.chars().all(|sign| sign.is_ascii_digit() || sign == '.');
        let minor =
            plain.then(|| trimmed(amount)).and_then(|text| figures::signed(text, Decimals::Point, self.currency));
        match (minor, debit) {
            (Some(minor), Some(debit)) => Ok(if debit { -minor } else { minor }),
            _ => Err(self.fault(at, "refused-statement-amount")),
        }
    }

    /// An entry ends. What is not booked is no money yet.
    fn entered(&mut self, at: usize) -> Result<(), Fault> {
        let entry = std::mem::take(&mut self.entry);
        match entry.status.as_str() {
            "BOOK" => {}
            "PDNG" | "INFO" | "FUTR" => return Ok(()),
            _ => return Err(self.fault(entry.from, "refused-statement-status")),
        }
        if self.found.drafts.len() >= MAX_LINES {
            return Err(self.fault(entry.from, "refused-statement-too-long"));
        }
        let amount_minor = self.minor(&entry.amount, entry.debit, entry.amount_from.max(entry.from))?;
        if amount_minor == 0 {
            return Err(self.fault(entry.amount_from, "refused-statement-amount"));
        }
        let booked = if entry.booked.is_empty() { &entry.valued } else { &entry.booked };
        let day = figures::day(booked);
        let day = day.ok_or_else(|| self.fault(entry.booked_from.max(entry.from), "refused-statement-day"))?;
        // `NtryRef` counts the entries of one statement at many banks: it is no mark. One detail's own reference is.
        let of_detail = if entry.details == 1 { entry.reference.as_str() } else { "" };
        let bank = if entry.bank_reference.is_empty() { of_detail } else { entry.bank_reference.as_str() };
        let reference =
            tidy(bank, MAX_REFERENCE).ok_or_else(|| self.fault(entry.from, "refused-statement-reference"))?;
        // One entry may stand for a whole batch: then it came from nobody in particular.
        let other = if entry.details > 1 {
            (String::new(), String::new())
        } else if amount_minor < 0 {
            entry.creditor
        } else {
            entry.debtor
        };
        let name = tidy(&other.0, MAX_NAME).ok_or_else(|| self.fault(entry.from, "refused-statement-text"))?;
        let text =
            tidy(&entry.texts.join(" "), MAX_TEXT).ok_or_else(|| self.fault(entry.from, "refused-statement-text"))?;
        let from = self.fault(entry.from.min(at), "");
        let account = other.1;
        let (at, column) = (from.line, from.column);
        let draft = Draft { at, column, day, amount_minor, reference, name, account, text, balance_minor: None };
        self.found.drafts.push(draft);
        Ok(())
    }
}

impl Balance {
    fn take(&mut self, path: &[&str], value: String, from: usize) {
        match path {
            ["Tp", "CdOrPrtry", "Cd"] => self.kind = value,
            ["Amt"] => (self.amount, self.amount_from) = (value, from),
            ["CdtDbtInd"] => self.debit = debit(&value),
            ["Dt", "Dt" | "DtTm"] => self.day = value,
            _ => {}
        }
    }
}

impl Entry {
    fn take(&mut self, path: &[&str], value: String, from: usize) {
        match path {
            ["Amt"] => (self.amount, self.amount_from) = (value, from),
            ["CdtDbtInd"] => self.debit = debit(&value),
            ["Sts"] | ["Sts", "Cd"] if !value.is_empty() => self.status = value,
            ["BookgDt", "Dt" | "DtTm"] => (self.booked, self.booked_from) = (value, from),
            ["ValDt", "Dt" | "DtTm"] => self.valued = value,
            ["AcctSvcrRef"] => self.bank_reference = value,
            ["NtryDtls", "TxDtls", "Refs", "AcctSvcrRef"] => self.reference = value,
            ["NtryDtls", "TxDtls", "RltdPties", side @ ("Dbtr" | "Cdtr"), inner @ ..] => {
                let known = if *side == "Dbtr" { &mut self.debtor } else { &mut self.creditor };
                if matches!(inner, ["Nm"] | ["Pty", "Nm"]) {
                    known.0 = value;
                }
            }
            ["NtryDtls", "TxDtls", "RltdPties", side @ ("DbtrAcct" | "CdtrAcct"), inner @ ..] => {
                let known = if *side == "DbtrAcct" { &mut self.debtor } else { &mut self.creditor };
                if matches!(inner, ["Id", "IBAN"] | ["Id", "Othr", "Id"]) {
                    known.1 = value;
                }
            }
            ["NtryDtls", "TxDtls", "RmtInf", "Ustrd"]
            | ["NtryDtls", "TxDtls", "Refs", "EndToEndId"]
            | ["NtryDtls", "TxDtls", "AddtlTxInf"]
            | ["AddtlNtryInf"]
                if !value.is_empty() && value != "NOTPROVIDED" =>
            {
                self.texts.push(value);
            }
            _ => {}
        }
    }
}

fn debit(value: &str) -> Option<bool> {
    match value {
        "DBIT" => Some(true),
        "CRDT" => Some(false),
        _ => None,
    }
}

/// The standard allows five decimals: those that are nothing do not count.
fn trimmed(amount: &str) -> &str {
    if amount.contains('.') { amount.trim_end_matches('0').trim_end_matches('.') } else { amount }
}

fn place(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
