//! A platform's settlement file: CSV with a header in English or Chinese, read whole or refused with every place that is wrong.

use crate::core::money::parse_minor;
use chrono::NaiveDate;
use entities::kinds::Currency;
use serde::{Deserialize, Serialize};

/// Most rows of one file: one transaction takes them all.
pub const MAX_ROWS: usize = 5_000;
/// Faults reported at once: more is not read by anybody.
const MAX_FAULTS: usize = 50;
/// Longest donor's name or note kept.
const MAX_TEXT: usize = 200;

/// A row that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Line in the file, the header being 1.
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
    /// Code of the refusal.
    pub code: &'static str,
}

/// Where the columns are.
struct Columns {
    donor: Option<usize>,
    amount: usize,
    date: Option<usize>,
    note: Option<usize>,
}

/// Reads a file without doing anything.
///
/// # Errors
/// Every place that is wrong, at most fifty of them.
pub fn dry_run(bytes: &[u8], currency: Currency) -> Result<Vec<Row>, Vec<Fault>> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let fault = |line, column, code| Fault { line, column, code };
    let text = std::str::from_utf8(text).map_err(|_| vec![fault(1, "", "refused-gift-file-utf8")])?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|_| vec![fault(1, "", "refused-gift-file-unreadable")])?.clone();
    let columns = columns_of(&header).ok_or_else(|| vec![fault(1, "amount", "refused-gift-file-header")])?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        if faults.len() >= MAX_FAULTS {
            break;
        }
        let Ok(record) = record else {
            faults.push(fault(0, "", "refused-gift-file-unreadable"));
            break;
        };
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() >= MAX_ROWS {
            faults.push(fault(line, "", "refused-gift-file-too-long"));
            break;
        }
        match row_of(&record, &columns, line, currency) {
            Ok(row) => rows.push(row),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() && rows.is_empty() {
        faults.push(fault(1, "", "refused-file-empty"));
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// The sum of the rows, `None` beyond what can be kept.
pub fn total(rows: &[Row]) -> Option<i64> {
    rows.iter().try_fold(0_i64, |sum, row| sum.checked_add(row.amount_minor))
}

fn columns_of(header: &csv::StringRecord) -> Option<Columns> {
    let place =
        |names: [&str; 2]| header.iter().position(|head| names.iter().any(|name| head.eq_ignore_ascii_case(name)));
    Some(Columns {
        amount: place(["amount", "金额"])?,
        donor: place(["donor", "捐赠人"]),
        date: place(["date", "日期"]),
        note: place(["note", "备注"]),
    })
}

fn row_of(record: &csv::StringRecord, at: &Columns, line: u64, currency: Currency) -> Result<Row, Vec<Fault>> {
    let cell = |place: Option<usize>| place.and_then(|place| record.get(place)).unwrap_or_default();
    let mut faults = Vec::new();
    let mut wrong = |column, code| faults.push(Fault { line, column, code });
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
