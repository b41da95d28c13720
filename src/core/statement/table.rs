//! Statements as tables: a few lines that say whose account it is, one line of heads, the lines, perhaps a closing balance.

use super::figures::{self, Decimals};
use super::heads::{Head, head_of};
use super::{Draft, Fault, Format, Found, MAX_FAULTS, MAX_LINES, MAX_NAME, MAX_TEXT, plain_number, tidy};
use entities::kinds::Currency;

/// The line of heads is looked for among so many.
const PREAMBLE: usize = 20;
/// Most columns: the widest export known has about thirty.
const MAX_COLUMNS: usize = 60;

/// How the table is written.
#[derive(Debug, Clone, Copy)]
struct Dialect {
    separator: u8,
    decimals: Decimals,
    format: Format,
}

/// The two ways to set columns apart.
fn dialects(gb18030: bool) -> [Dialect; 2] {
    let comma = if gb18030 { Format::CommaGb18030 } else { Format::Comma };
    [
        Dialect { separator: b',', decimals: Decimals::Point, format: comma },
        Dialect { separator: b';', decimals: Decimals::Comma, format: Format::Semicolon },
    ]
}

/// A row with its line in the file.
type Row = (u64, csv::StringRecord);

/// Reads a table. `odd` is the place at which the file is no UTF-8, where it was read as GB 18030.
pub(super) fn read(text: &str, odd: Option<Fault>, currency: Currency) -> Result<(Format, Found), Vec<Fault>> {
    let mut nearest = Fault::at(1, 1, "refused-statement-unknown");
    for dialect in dialects(odd.is_some()) {
        let rows = match split(text, dialect.separator) {
            Ok(rows) => rows,
            Err(fault) => {
                nearest = fault;
                continue;
            }
        };
        let Some(place) = rows.iter().take(PREAMBLE).position(|(_, row)| is_head(row)) else { continue };
        if let Some(fault) = odd.as_ref().filter(|_| dialect.format == Format::Semicolon) {
            // A bank that sets columns apart by semicolons writes a code page of Europe: its names would be read as Chinese.
            return Err(vec![fault.clone()]);
        }
        let (before, rest) = rows.split_at(place);
        let Some(((line, heads), rows)) = rest.split_first() else { continue };
        let columns = Columns::of(*line, heads).map_err(|fault| vec![fault])?;
        let reader = Reader { dialect, currency, columns, faults: Vec::new() };
        return reader.read(before, rows).map(|found| (dialect.format, found));
    }
    Err(vec![nearest])
}

fn split(text: &str, separator: u8) -> Result<Vec<Row>, Fault> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let Ok(record) = record else {
            let line = rows.last().map_or(1, |(line, _): &Row| line + 1);
            return Err(Fault::at(line, 1, "refused-statement-unreadable"));
        };
        let line = record.position().map_or(1, csv::Position::line);
        if record.len() > MAX_COLUMNS {
            return Err(Fault::at(line, MAX_COLUMNS as u64, "refused-statement-unreadable"));
        }
        if rows.len() > MAX_LINES + 2 * PREAMBLE {
            return Err(Fault::at(line, 1, "refused-statement-too-long"));
        }
        if !record.iter().all(str::is_empty) {
            rows.push((line, record));
        }
    }
    Ok(rows)
}

/// Whether a row names a day and an amount.
fn is_head(row: &csv::StringRecord) -> bool {
    let has = |wanted: Head| row.iter().any(|cell| head_of(cell) == Some(wanted));
    has(Head::Day) && (has(Head::Amount) || has(Head::Debit) || has(Head::Credit))
}

/// Where the columns are.
#[derive(Debug)]
struct Columns(Vec<(Head, usize)>);

impl Columns {
    fn of(line: u64, row: &csv::StringRecord) -> Result<Self, Fault> {
        let mut places: Vec<(Head, usize)> = Vec::new();
        for (place, cell) in row.iter().enumerate() {
            let Some(head) = head_of(cell) else { continue };
            if head != Head::Text && places.iter().any(|(known, _)| *known == head) {
                // Two columns of one name: which of them is meant is not ours to guess.
                return Err(Fault::at(line, place as u64 + 1, "refused-statement-head-twice"));
            }
            places.push((head, place));
        }
        let columns = Self(places);
        let (amount, debit, credit) =
            (columns.place(Head::Amount), columns.place(Head::Debit), columns.place(Head::Credit));
        if amount.is_some() == debit.is_some() || debit.is_some() != credit.is_some() {
            return Err(Fault::at(
                line,
                amount.or(debit).or(credit).unwrap_or(0) as u64 + 1,
                "refused-statement-heads",
            ));
        }
        Ok(columns)
    }

    fn place(&self, wanted: Head) -> Option<usize> {
        self.0.iter().find(|(head, _)| *head == wanted).map(|(_, place)| *place)
    }
}

struct Reader {
    dialect: Dialect,
    currency: Currency,
    columns: Columns,
    faults: Vec<Fault>,
}

impl Reader {
    fn read(mut self, before: &[Row], rows: &[Row]) -> Result<Found, Vec<Fault>> {
        let mut found = Found::default();
        for (line, row) in before {
            self.said(*line, row, &mut found);
        }
        for (line, row) in rows {
            if self.faults.len() >= MAX_FAULTS {
                break;
            }
            // Behind the table only what closes it: its first cell is then a word, and no day.
            if row.get(0).and_then(head_of).is_some_and(|head| matches!(head, Head::Opening | Head::Closing)) {
                self.said(*line, row, &mut found);
                continue;
            }
            if found.drafts.len() >= MAX_LINES {
                self.wrong(*line, 0, "refused-statement-too-long");
                break;
            }
            if let Some(draft) = self.line(*line, row, &mut found) {
                found.drafts.push(draft);
            }
        }
        if self.faults.is_empty() && found.drafts.is_empty() {
            self.wrong(before.len() as u64 + 1, 0, "refused-file-empty");
        }
        if self.faults.is_empty()
            && let Err(fault) = in_order(&mut found)
        {
            self.faults.push(fault);
        }
        if self.faults.is_empty() { Ok(found) } else { Err(self.faults) }
    }

    fn wrong(&mut self, line: u64, place: usize, code: &'static str) {
        self.faults.push(Fault::at(line, place as u64 + 1, code));
    }

    /// What stands beside the table: pairs of a word and its value.
    fn said(&mut self, line: u64, row: &csv::StringRecord, found: &mut Found) {
        let cells: Vec<&str> = row.iter().collect();
        for (place, pair) in cells.windows(2).enumerate() {
            let (Some(head), value) = (head_of(pair[0]), pair[1]) else { continue };
            match head {
                Head::Own => self.own(line, place + 1, value, found),
                Head::Currency => self.same_currency(line, place + 1, value),
                Head::Opening | Head::Closing => {
                    let minor = figures::signed(value, self.dialect.decimals, self.currency);
                    if minor.is_none() {
                        self.wrong(line, place + 1, "refused-statement-amount");
                    }
                    if head == Head::Opening { found.opening_minor = minor } else { found.closing_minor = minor }
                }
                _ => {}
            }
        }
    }

    fn own(&mut self, line: u64, place: usize, value: &str, found: &mut Found) {
        let number = plain_number(value);
        if number.is_empty() {
            return;
        }
        match &found.account {
            Some(known) if *known != number => self.wrong(line, place, "refused-statement-accounts"),
            _ => found.account = Some(number),
        }
    }

    fn same_currency(&mut self, line: u64, place: usize, value: &str) {
        let chinese = value == "人民币" || value == "RMB";
        if !(value.eq_ignore_ascii_case(self.currency.code()) || chinese && self.currency == Currency::CNY) {
            self.wrong(line, place, "refused-statement-currency");
        }
    }

    /// One line of the table, unless something in it is wrong.
    fn line(&mut self, line: u64, row: &csv::StringRecord, found: &mut Found) -> Option<Draft> {
        let before = self.faults.len();
        let place = |head| self.columns.place(head);
        let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).unwrap_or_default();
        let (day_at, own_at, currency_at) = (place(Head::Day), place(Head::Own), place(Head::Currency));
        let (balance_at, name_at, reference_at) = (place(Head::Balance), place(Head::Name), place(Head::Reference));
        let texts: Vec<usize> =
            self.columns.0.iter().filter(|(head, _)| *head == Head::Text).map(|(_, at)| *at).collect();
        let account = cell(place(Head::Account));
        let day = figures::day(cell(day_at));
        if day.is_none() {
            self.wrong(line, day_at.unwrap_or(0), "refused-statement-day");
        }
        self.own(line, own_at.unwrap_or(0), cell(own_at), found);
        if !cell(currency_at).is_empty() {
            self.same_currency(line, currency_at.unwrap_or(0), cell(currency_at));
        }
        let amount_minor = self.amount(line, row);
        let mut balance_minor = None;
        if !cell(balance_at).is_empty() {
            balance_minor = figures::signed(cell(balance_at), self.dialect.decimals, self.currency);
            if balance_minor.is_none() {
                self.wrong(line, balance_at.unwrap_or(0), "refused-statement-amount");
            }
        }
        let name = tidy(cell(name_at), MAX_NAME);
        if name.is_none() {
            self.wrong(line, name_at.unwrap_or(0), "refused-statement-text");
        }
        let text = tidy(&texts.iter().map(|at| cell(Some(*at))).collect::<Vec<_>>().join(" "), MAX_TEXT);
        if text.is_none() {
            self.wrong(line, texts.first().copied().unwrap_or(0), "refused-statement-text");
        }
        let reference = tidy(cell(reference_at), super::MAX_REFERENCE);
        if reference.is_none() {
            self.wrong(line, reference_at.unwrap_or(0), "refused-statement-reference");
        }
        if self.faults.len() > before {
            return None;
        }
        let column = day_at.unwrap_or(0) as u64 + 1;
        let account = account.to_owned();
        let (day, name, text, reference) = (day?, name?, text?, reference?);
        Some(Draft {
            at: line,
            column,
            day,
            amount_minor: amount_minor?,
            reference,
            name,
            account,
            text,
            balance_minor,
        })
    }

    /// What came in or went out: one of two columns, or one with a sign; never both and never nothing.
    fn amount(&mut self, line: u64, row: &csv::StringRecord) -> Option<i64> {
        let (decimals, currency) = (self.dialect.decimals, self.currency);
        let read = |place: usize| match row.get(place).unwrap_or_default() {
            "" | "-" => Some(0),
            text => figures::signed(text, decimals, currency),
        };
        let (place, amount) =
            match (self.columns.place(Head::Amount), self.columns.place(Head::Debit), self.columns.place(Head::Credit))
            {
                (Some(place), ..) => (place, read(place)),
                (None, Some(debit), Some(credit)) => match (read(debit), read(credit)) {
                    (Some(0), Some(came)) if came >= 0 => (credit, Some(came)),
                    (Some(went), Some(0)) if went >= 0 => (debit, Some(-went)),
                    (None, _) => (debit, None),
                    _ => (credit, None),
                },
                _ => (0, None),
            };
        let amount = amount.filter(|minor| *minor != 0);
        if amount.is_none() {
            self.wrong(line, place, "refused-statement-amount");
        }
        amount
    }
}

/// Puts the lines oldest first, by the balances that the bank wrote after each, or by their days where it wrote none; and takes
/// from the balances what stood there before and after.
fn in_order(found: &mut Found) -> Result<(), Fault> {
    let drafts = &mut found.drafts;
    let falling = drafts.windows(2).any(|pair| pair[0].day > pair[1].day);
    let rising = drafts.windows(2).any(|pair| pair[0].day < pair[1].day);
    let newest_first = if drafts.iter().all(|draft| draft.balance_minor.is_some()) {
        let here = broken(drafts);
        drafts.reverse();
        let there = broken(drafts);
        drafts.reverse();
        match (here, there) {
            (Some(place), Some(_)) => {
                let at = drafts.get(place + 1).map_or((1, 1), |draft| (draft.at, draft.column));
                return Err(Fault::at(at.0, at.1, "refused-statement-balance"));
            }
            (Some(_), None) => Some(true),
            (None, Some(_)) => Some(false),
            // Two opposite amounts fit both ways: then the days say which.
            (None, None) => by_days(falling, rising),
        }
    } else if falling && rising {
        // Told in the order of the file, where the reader looks.
        let at = drafts.last().map_or((1, 1), |draft| (draft.at, draft.column));
        return Err(Fault::at(at.0, at.1, "refused-statement-order"));
    } else {
        by_days(falling, rising)
    };
    if newest_first == Some(true) {
        drafts.reverse();
    }
    let told = ends(drafts);
    // Of one day that fits both ways nobody knows which balance was the last.
    let believed = newest_first.is_some() || drafts.len() < 2 || {
        let mut other = drafts.clone();
        other.reverse();
        told == ends(&other)
    };
    if believed {
        found.opening_minor = found.opening_minor.or(told.0);
        found.closing_minor = found.closing_minor.or(told.1);
    }
    Ok(())
}

/// The first line whose balance does not follow from the line before it.
fn broken(rows: &[Draft]) -> Option<usize> {
    rows.windows(2).position(|pair| match (pair[0].balance_minor, pair[1].balance_minor) {
        (Some(before), Some(after)) => before.checked_add(pair[1].amount_minor) != Some(after),
        _ => false,
    })
}

/// Whether the newest stands first, by the days alone; `None` where they do not say.
const fn by_days(falling: bool, rising: bool) -> Option<bool> {
    match (falling, rising) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// What stood there before the first line and after the last.
fn ends(rows: &[Draft]) -> (Option<i64>, Option<i64>) {
    let opening =
        rows.first().and_then(|first| first.balance_minor.and_then(|after| after.checked_sub(first.amount_minor)));
    (opening, rows.last().and_then(|last| last.balance_minor))
}
