//! Spreadsheets (XLSX): the first sheet of a workbook as rows of text, measured before it is unpacked.
//!
//! Owns no meaning: which column is the amount, its reader decides. A number comes as the text that a person would have typed,
//! and only when that text is exact; what the file can only say nearly comes with a `≈` before it, which no reader of amounts
//! takes. To read another kind of workbook, add it to [`rows`].

use super::uploads::{Refusal, packed};
use calamine::{DataRef, Reader, Xlsx};
use std::io::Cursor;

/// Largest file: 5,000 rows of a platform's settlement take a tenth of it.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Most that all parts of the file may unpack to: a small file can say very much of the same.
pub const MAX_UNPACKED: u64 = 48 * 1024 * 1024;
/// Most parts (sheets, styles, pictures) in the file.
pub const MAX_PARTS: usize = 500;
/// Last row that is read; beyond it nobody looks.
pub const MAX_ROW: u32 = 20_000;
/// Last column that is read.
pub const MAX_COLUMN: u32 = 100;
/// Most cells in all.
pub const MAX_CELLS: usize = 300_000;
/// Digits that a number in a spreadsheet carries exactly.
const EXACT_DIGITS: usize = 15;
/// Put before a number that the file does not say exactly.
pub const NEARLY: char = '≈';

/// Why a file is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It is no workbook, or a broken one.
    Broken,
    /// It is larger, or unpacks to more, than is read.
    TooLarge,
}

/// A row with any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the sheet, the first being 1.
    pub number: u64,
    /// Its cells as text, from column A on.
    pub cells: Vec<String>,
}

/// Whether the bytes begin as a workbook does: it is a packed file.
#[must_use]
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK")
}

/// The letters of a column, the first being 0: `A`, `Z`, `AA`.
#[must_use]
pub fn letters(mut column: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.insert(0, b'A' + u8::try_from(column % 26).unwrap_or(0));
        if column < 26 {
            return String::from_utf8_lossy(&name).into_owned();
        }
        column = column / 26 - 1;
    }
}

/// The rows of the first sheet.
///
/// # Errors
/// [`Unreadable::TooLarge`] above a limit; [`Unreadable::Broken`] for what is no workbook.
pub fn rows(bytes: &[u8]) -> Result<Vec<Line>, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooLarge);
    }
    measure(bytes)?;
    // The reader is not ours: should it fall over a broken file, the file is refused and nothing else happens.
    std::panic::catch_unwind(|| read(bytes)).unwrap_or(Err(Unreadable::Broken))
}

/// Unpacks every part into nothing, to learn how much it is.
fn measure(bytes: &[u8]) -> Result<(), Unreadable> {
    packed::measure(bytes, MAX_PARTS, MAX_UNPACKED).map_err(|refusal| match refusal {
        Refusal::Unpacks => Unreadable::TooLarge,
        _ => Unreadable::Broken,
    })
}

fn read(bytes: &[u8]) -> Result<Vec<Line>, Unreadable> {
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|_| Unreadable::Broken)?;
    let first = book.sheet_names().first().cloned().ok_or(Unreadable::Broken)?;
    // Cell by cell: a sheet with one cell in its last corner would be drawn up as a table of billions.
    let mut cells = book.worksheet_cells_reader(&first).map_err(|_| Unreadable::Broken)?;
    let mut lines: Vec<Line> = Vec::new();
    let mut seen = 0;
    while let Some(cell) = cells.next_cell().map_err(|_| Unreadable::Broken)? {
        let text = text_of(cell.get_value());
        let (row, column) = cell.get_position();
        if text.is_empty() {
            continue;
        }
        seen += 1;
        if row > MAX_ROW || column > MAX_COLUMN || seen > MAX_CELLS {
            return Err(Unreadable::TooLarge);
        }
        put(&mut lines, u64::from(row) + 1, column as usize, text)?;
    }
    Ok(lines)
}

/// Rows come in their order, and so do the cells of a row; a file that says otherwise says something twice.
fn put(lines: &mut Vec<Line>, number: u64, column: usize, text: String) -> Result<(), Unreadable> {
    match lines.last_mut() {
        Some(line) if line.number == number && line.cells.len() <= column => {
            line.cells.resize(column, String::new());
            line.cells.push(text);
        }
        Some(line) if line.number >= number => return Err(Unreadable::Broken),
        _ => {
            let mut cells = vec![String::new(); column];
            cells.push(text);
            lines.push(Line { number, cells });
        }
    }
    Ok(())
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DurationIso(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Int(number) => exact(number.to_string()),
        DataRef::Float(number) => exact(number.to_string()),
        DataRef::Bool(yes) => yes.to_string(),
        // The day of a moment: the hour of a gift is nobody's concern.
        DataRef::DateTimeIso(text) => text.chars().take(10).collect(),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::Error(_) => format!("{NEARLY}"),
    }
}

/// A number as it would be typed, or marked as not exact: beyond fifteen digits the file itself has lost some.
fn exact(text: String) -> String {
    let digits = text.trim_start_matches('-').replace('.', "");
    let counted = digits.trim_start_matches('0').trim_end_matches('0').len();
    let plain = text.chars().all(|c| c.is_ascii_digit() || "-.".contains(c));
    if plain && counted <= EXACT_DIGITS && text.len() <= 24 { text } else { format!("{NEARLY}{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_their_letters() {
        let named: Vec<String> = [0, 25, 26, 51, 52, 701, 702].into_iter().map(letters).collect();
        assert_eq!(named, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn a_number_is_exact_or_marked() {
        for text in ["120.1", "0.01", "999999999999.99", "-3", "90000000000000000"] {
            assert_eq!(exact(text.into()), text);
        }
        for text in ["0.30000000000000004", "9007199254740992", "inf", "NaN", "1e300"] {
            assert!(exact(text.into()).starts_with(NEARLY), "{text}");
        }
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        assert_eq!(rows(b"PK\x03\x04"), Err(Unreadable::Broken));
        assert_eq!(rows(b"donor,amount\n"), Err(Unreadable::Broken));
        assert_eq!(rows(&vec![0; MAX_BYTES + 1]), Err(Unreadable::TooLarge));
    }
}
