//! A platform's settlement file: CSV or the first sheet of an XLSX workbook with a header in English or Chinese, read whole or refused with every place that is wrong.

use crate::core::money::parse_minor;
use crate::core::spreadsheet;
use chrono::NaiveDate;
use entities::kinds::Currency;
use serde::{Deserialize, Serialize};

/// Most rows of one file: one transaction takes them all.
pub const MAX_ROWS: usize = 5_000;
/// Faults reported at once: more is not read by anybody.
const MAX_FAULTS: usize = 50;
/// Lines of a workbook in which its header is looked for.
const HEADINGS: usize = 10;
/// Longest donor's name or note kept.
const MAX_TEXT: usize = 200;

/// A row that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Line in the file, its first being 1.
    pub line: u64,
    /// Donor as the platform names them; private.
    pub donor: String,
    /// Minor units, above zero.
    pub amount_minor: i64,
    /// Day of the gift, where the file tells it.
    pub date: Option<NaiveDate>,
    /// Note.
    pub note: String,
}

/// Something wrong at a place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line, the header being 1.
    pub line: u64,
    /// Column, by its English name, `""` for the whole line.
    pub column: &'static str,
    /// The cell of a spreadsheet, `""` in a text.
    pub cell: String,
    /// Code of the refusal.
    pub code: &'static str,
}

impl Fault {
    fn at(line: u64, column: &'static str, code: &'static str) -> Self {
        Self { line, column, cell: String::new(), code }
    }

    /// The place as a person looks for it: the cell, or the name of the column.
    pub fn place(&self) -> &str {
        if self.cell.is_empty() { self.column } else { &self.cell }
    }
}

/// Where the columns are.
struct Columns {
    donor: Option<usize>,
    amount: usize,
    date: Option<usize>,
    note: Option<usize>,
}

/// Reads a file without doing anything: a text with commas, or the first sheet of a workbook.
///
/// # Errors
/// Every place that is wrong, at most fifty of them.
pub fn dry_run(bytes: &[u8], currency: Currency) -> Result<Vec<Row>, Vec<Fault>> {
    if spreadsheet::is_workbook(bytes) { of_workbook(bytes, currency) } else { of_text(bytes, currency) }
}

fn of_text(bytes: &[u8], currency: Currency) -> Result<Vec<Row>, Vec<Fault>> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(text).map_err(|_| vec![Fault::at(1, "", "refused-gift-file-utf8")])?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|_| vec![Fault::at(1, "", "refused-gift-file-unreadable")])?.clone();
    let header: Vec<&str> = header.iter().collect();
    let columns = columns_of(&header).ok_or_else(|| vec![Fault::at(1, "amount", "refused-gift-file-header")])?;
    let mut found = Found::default();
    for record in reader.records() {
        let Ok(record) = record else {
            found.faults.push(Fault::at(0, "", "refused-gift-file-unreadable"));
            break;
        };
        let line = record.position().map_or(0, csv::Position::line);
        let cells: Vec<&str> = record.iter().collect();
        if !found.take(&cells, &columns, line, currency, false) {
            break;
        }
    }
    found.answer()
}

fn of_workbook(bytes: &[u8], currency: Currency) -> Result<Vec<Row>, Vec<Fault>> {
    let lines = spreadsheet::rows(bytes).map_err(|why| {
        let code = match why {
            spreadsheet::Unreadable::Broken => "refused-gift-file-workbook",
            spreadsheet::Unreadable::TooLarge => "refused-gift-file-workbook-large",
        };
        vec![Fault::at(1, "", code)]
    })?;
    let mut lines = lines.iter().map(|line| {
        let cells: Vec<&str> = line.cells.iter().map(String::as_str).collect();
        (line.number, cells)
    });
    let no_header = || vec![Fault::at(1, "amount", "refused-gift-file-header")];
    // A platform likes to write its name above the table: the header is the first line that names the amount.
    let columns = lines.by_ref().take(HEADINGS).find_map(|(_, cells)| columns_of(&cells)).ok_or_else(no_header)?;
    let mut found = Found::default();
    for (line, cells) in lines {
        if !found.take(&cells, &columns, line, currency, true) {
            break;
        }
    }
    found.answer()
}

/// What was read so far.
#[derive(Default)]
struct Found {
    rows: Vec<Row>,
    faults: Vec<Fault>,
}

impl Found {
    /// Takes a line; `false` when enough was seen.
    fn take(&mut self, cells: &[&str], columns: &Columns, line: u64, currency: Currency, sheet: bool) -> bool {
        if cells.iter().all(|cell| cell.is_empty()) {
            return true;
        }
        if self.rows.len() >= MAX_ROWS {
            self.faults.push(Fault::at(line, "", "refused-gift-file-too-long"));
            return false;
        }
        match row_of(cells, columns, line, currency) {
            Ok(row) => self.rows.push(row),
            Err(faults) => self.faults.extend(faults.into_iter().map(|fault| Fault {
                cell: if sheet { columns.cell(fault.column, line) } else { String::new() },
                ..fault
            })),
        }
        self.faults.len() < MAX_FAULTS
    }

    fn answer(mut self) -> Result<Vec<Row>, Vec<Fault>> {
        if self.faults.is_empty() && self.rows.is_empty() {
            self.faults.push(Fault::at(1, "", "refused-file-empty"));
        }
        if self.faults.is_empty() { Ok(self.rows) } else { Err(self.faults) }
    }
}

/// The sum of the rows, `None` beyond what can be kept.
pub fn total(rows: &[Row]) -> Option<i64> {
    rows.iter().try_fold(0_i64, |sum, row| sum.checked_add(row.amount_minor))
}

fn columns_of(header: &[&str]) -> Option<Columns> {
    let place =
        |names: [&str; 2]| header.iter().position(|head| names.iter().any(|name| head.eq_ignore_ascii_case(name)));
    Some(Columns {
        amount: place(["amount", "金额"])?,
        donor: place(["donor", "捐赠人"]),
        date: place(["date", "日期"]),
        note: place(["note", "备注"]),
    })
}

impl Columns {
    /// The cell of a column as a spreadsheet names it: `B7`.
    fn cell(&self, column: &str, line: u64) -> String {
        let place = match column {
            "amount" => Some(self.amount),
            "donor" => self.donor,
            "date" => self.date,
            _ => self.note,
        };
        place.map(|place| format!("{}{line}", spreadsheet::letters(place))).unwrap_or_default()
    }
}

fn row_of(cells: &[&str], at: &Columns, line: u64, currency: Currency) -> Result<Row, Vec<Fault>> {
    let cell = |place: Option<usize>| place.and_then(|place| cells.get(place)).copied().unwrap_or_default();
    let mut faults = Vec::new();
    let mut wrong = |column, code| faults.push(Fault::at(line, column, code));
    let amount_minor = parse_minor(cell(Some(at.amount)), currency.0).ok().filter(|minor| *minor > 0);
    if amount_minor.is_none() {
        wrong("amount", "refused-gift-file-amount");
    }
    let date = match cell(at.date) {
        "" => None,
        text => {
            let day = NaiveDate::parse_from_str(&text.replace('/', "-"), "%Y-%m-%d").ok();
            if day.is_none() {
                wrong("date", "refused-gift-file-date");
            }
            day
        }
    };
    let (donor, note) = (cell(at.donor), cell(at.note));
    for (column, text) in [("donor", donor), ("note", note)] {
        if text.chars().count() > MAX_TEXT || text.chars().any(char::is_control) {
            wrong(column, "refused-gift-file-text");
        }
    }
    let amount_minor = amount_minor.unwrap_or_default();
    if faults.is_empty() {
        Ok(Row { line, donor: donor.to_owned(), amount_minor, date, note: note.to_owned() })
    } else {
        Err(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_file_with_a_mark_is_read() {
        let text = "\u{feff}捐赠人,金额,日期,备注\n居民一,120.00,2026-03-01,外墙\n,120,2026/3/2,\n";
        let rows = dry_run(text.as_bytes(), Currency::CNY).unwrap();
        assert_eq!(rows.iter().map(|row| row.amount_minor).collect::<Vec<_>>(), [12_000, 12_000]);
        assert_eq!((rows[0].line, rows[1].line), (2, 3));
        assert_eq!(rows[1].date, NaiveDate::from_ymd_opt(2026, 3, 2));
        assert_eq!(total(&rows), Some(24_000));
    }

    #[test]
    fn columns_may_stand_in_any_order_and_some_may_be_missing() {
        let rows = dry_run(b"note,amount\nwall,1.5\n", Currency::CNY).unwrap();
        assert_eq!((rows[0].amount_minor, rows[0].note.as_str(), rows[0].donor.as_str()), (150, "wall", ""));
    }

    #[test]
    fn every_wrong_place_is_named() {
        let faults = dry_run(b"donor,amount,date\na,0,2026-02-30\nb,x,\nc,1.005,\n", Currency::CNY).unwrap_err();
        let places: Vec<(u64, &str)> = faults.iter().map(|fault| (fault.line, fault.column)).collect();
        assert_eq!(places, [(2, "amount"), (2, "date"), (3, "amount"), (4, "amount")]);
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        let code = |bytes: &[u8]| dry_run(bytes, Currency::CNY).unwrap_err()[0].code;
        assert_eq!(code(b"donor,date\n"), "refused-gift-file-header");
        assert_eq!(code(b"amount\n"), "refused-file-empty");
        assert_eq!(code(b"amount\n\xff\n"), "refused-gift-file-utf8");
    }
}
