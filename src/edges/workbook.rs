//! Workbooks (XLSX) to download: sheets of typed cells. A text is a text whatever it begins with, so that no reader's
//! programme takes it for a formula; an amount is a number only while a spreadsheet can carry it to the last fen.

use crate::core::money::exponent_of;
use crate::error::{Error, Result};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entities::kinds::Currency;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

/// Rows that a sheet of ours may have: a statement within its bounds has far fewer.
pub const MAX_ROWS: usize = 100_000;
/// Digits that a number in a spreadsheet carries exactly.
const EXACT_DIGITS: usize = 15;
/// Longest text of a cell that every programme opens.
const MAX_TEXT: usize = 32_000;

/// A cell.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Words.
    Text(String),
    /// Words that head a column or a sum.
    Head(String),
    /// An amount, in minor units.
    Money(i64, Currency),
    /// A count.
    Count(i64),
    /// A day.
    Day(NaiveDate),
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// A sheet: its name, the widths of its columns in letters, its rows.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Name on its tab.
    pub name: String,
    /// Widths, from column A on.
    pub widths: Vec<u16>,
    /// Rows, the first being its head.
    pub rows: Vec<Vec<Cell>>,
}

/// Writes the sheets as one file; the same sheets at the same moment are the same bytes.
///
/// # Errors
/// A refusal above the limit of rows; our own fault for what no workbook can hold.
pub fn write(title: &str, at: DateTime<Utc>, sheets: &[Sheet]) -> Result<Vec<u8>> {
    if sheets.iter().any(|sheet| sheet.rows.len() > MAX_ROWS) {
        return Err(Error::refused("refused-statement-large"));
    }
    drawn(title, at, sheets).map_err(|error| Error::Internal(format!("workbook: {error}")))
}

fn drawn(title: &str, at: DateTime<Utc>, sheets: &[Sheet]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_timestamp(at.timestamp())?;
    book.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&made));
    for sheet in sheets {
        let page = book.add_worksheet();
        page.set_name(tab(&sheet.name))?;
        for (column, width) in (0_u16..).zip(&sheet.widths) {
            page.set_column_width(column, *width)?;
        }
        page.set_freeze_panes(1, 0)?;
        for (row, cells) in (0_u32..).zip(&sheet.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                put(page, row, column, cell)?;
            }
        }
    }
    book.save_to_buffer()
}

/// A name that a tab may bear: at most 31 letters, none of those that mean something in a formula.
fn tab(name: &str) -> String {
    let kept: String = name.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
    if kept.is_empty() { "1".to_owned() } else { kept }
}

fn put(page: &mut Worksheet, row: u32, column: u16, cell: &Cell) -> std::result::Result<(), XlsxError> {
    match cell {
        Cell::Text(text) => words(page, row, column, text, Format::new().set_text_wrap().set_align(FormatAlign::Top)),
        Cell::Head(text) => words(page, row, column, text, Format::new().set_bold()),
        Cell::Count(count) => number(page, row, column, &count.to_string(), Format::new().set_num_format("#,##0")),
        Cell::Day(day) => {
            let year = u16::try_from(day.year()).unwrap_or(1900);
            let moment = ExcelDateTime::from_ymd(year, day.month() as u8, day.day() as u8)?;
            page.write_datetime_with_format(row, column, &moment, &Format::new().set_num_format("yyyy-mm-dd"))?;
            Ok(())
        }
        Cell::Money(minor, currency) => {
            let places = usize::from(exponent_of(currency.0));
            let format = if places == 0 { "#,##0".to_owned() } else { format!("#,##0.{}", "0".repeat(places)) };
            number(page, row, column, &plain(*minor, places), Format::new().set_num_format(format))
        }
    }
}

fn words(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: Format,
) -> std::result::Result<(), XlsxError> {
    let text: String = text.chars().take(MAX_TEXT).collect();
    // A cell of text is never reckoned; the mark keeps it so when somebody opens and leaves it again.
    let format = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format.set_quote_prefix() } else { format };
    page.write_string_with_format(row, column, text, &format).map(|_| ())
}

/// A number that the cell holds exactly, or else its text.
fn number(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: Format,
) -> std::result::Result<(), XlsxError> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    match text.parse::<f64>() {
        Ok(value) if digits <= EXACT_DIGITS => page.write_number_with_format(row, column, value, &format).map(|_| ()),
        _ => words(page, row, column, text, format),
    }
}

/// An amount as digits with a point: `-1234.05`.
fn plain(minor: i64, places: usize) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::spreadsheet;

    #[test]
    fn amounts_are_written_to_the_fen() {
        assert_eq!(plain(-5, 2), "-0.05");
        assert_eq!(plain(123_405, 2), "1234.05");
        assert_eq!(plain(7, 0), "7");
        assert_eq!(plain(i64::MIN, 2), "-92233720368547758.08");
    }

    #[test]
    fn what_is_written_reads_the_same_and_no_text_is_a_formula() {
        let evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"];
        let mut rows: Vec<Vec<Cell>> =
            evil.map(|text| vec![Cell::text(text), Cell::Money(-10_005, Currency::CNY)]).into();
        rows.push(vec![
            Cell::Day(NaiveDate::from_ymd_opt(2026, 12, 31).unwrap()),
            Cell::Money(i64::MAX, Currency::CNY),
        ]);
        let sheets = [Sheet { name: "[a]:b".into(), widths: vec![10, 20], rows }];
        let bytes = write("t", DateTime::<Utc>::default(), &sheets).unwrap();
        assert_eq!(bytes, write("t", DateTime::<Utc>::default(), &sheets).unwrap());
        let read = spreadsheet::rows(&bytes).unwrap();
        for (line, text) in read.iter().zip(evil) {
            assert_eq!(line.cells, [text.trim(), "-100.05"]);
        }
        assert_eq!(read[5].cells, ["2026-12-31", "92233720368547758.07"]);
        let mut packed = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut sheet = String::new();
        std::io::Read::read_to_string(&mut packed.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet).unwrap();
        assert!(!sheet.contains("<f"), "a formula was written: {sheet}");
    }
}
