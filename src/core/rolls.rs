//! Rolls: a list that somebody fills in, as CSV (UTF-8 or GB 18030) or the first sheet of a workbook, with a header in English or
//! Chinese. Owns no meaning: which column is the code, its reader decides; here every cell has its line and its column.

use super::spreadsheet;

/// Most rows of one file: one transaction takes them all.
pub const MAX_ROWS: usize = 5_000;
/// Lines in which the header is looked for: above it stands what a workbook likes to say of itself.
const HEADINGS: usize = 10;
/// Longest cell kept, in characters.
pub const MAX_CELL: usize = 500;

/// Something wrong at a place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line, the first being 1.
    pub line: u64,
    /// The column as the file names it, with its letter in a workbook; `""` for the whole line.
    pub column: String,
    /// Code of the refusal.
    pub code: &'static str,
}

/// A column: its name here, and what headers may call it.
pub type Column = (&'static str, &'static [&'static str]);

/// A row with its cells by the names of the columns.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Its line in the file.
    pub line: u64,
    cells: &'a [String],
    roll: &'a Roll,
}

impl Row<'_> {
    /// The text of a column, `""` when there is none.
    #[must_use]
    pub fn cell(&self, name: &str) -> &str {
        let place = self.roll.places.iter().find(|(column, ..)| *column == name).map(|(_, place, _)| *place);
        place.and_then(|place| self.cells.get(place)).map_or("", String::as_str)
    }

    /// Something wrong in a column of this row.
    #[must_use]
    pub fn fault(&self, name: &str, code: &'static str) -> Fault {
        let column = self.roll.places.iter().find(|(column, ..)| *column == name).map(|(_, place, head)| {
            if self.roll.workbook { format!("{}{}", spreadsheet::letters(*place), self.line) } else { head.clone() }
        });
        Fault { line: self.line, column: column.unwrap_or_default(), code }
    }
}

/// A file as a table.
#[derive(Debug, Clone)]
pub struct Roll {
    /// Column, its place, its head in the file.
    places: Vec<(&'static str, usize, String)>,
    lines: Vec<(u64, Vec<String>)>,
    workbook: bool,
}

impl Roll {
    /// The rows that say anything.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.lines.iter().map(|(line, cells)| Row { line: *line, cells, roll: self })
    }
}

fn whole(line: u64, code: &'static str) -> Vec<Fault> {
    vec![Fault { line, column: String::new(), code }]
}

/// Reads a file. `key` is the column without which no line is a header.
///
/// # Errors
/// Every fault that makes it no such file.
pub fn read(bytes: &[u8], columns: &[Column], key: &str) -> Result<Roll, Vec<Fault>> {
    let workbook = spreadsheet::is_workbook(bytes);
    let mut lines = if workbook { of_workbook(bytes)? } else { of_text(bytes)? };
    let header = lines.iter().take(HEADINGS).position(|(_, cells)| places(cells, columns).iter().any(|it| it.0 == key));
    let header = header.ok_or_else(|| whole(1, "refused-roll-header"))?;
    let found = places(&lines[header].1, columns);
    let mut twice = found.iter().map(|(name, ..)| *name).collect::<Vec<_>>();
    twice.sort_unstable();
    if twice.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(whole(lines[header].0, "refused-roll-column-twice"));
    }
    lines.drain(..=header);
    lines.retain(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()));
    if lines.is_empty() {
        return Err(whole(1, "refused-file-empty"));
    }
    if lines.len() > MAX_ROWS {
        return Err(whole(lines[MAX_ROWS].0, "refused-roll-too-long"));
    }
    let roll = Roll { places: found, lines, workbook };
    let odd = |cell: &String| cell.chars().count() > MAX_CELL || cell.chars().any(char::is_control);
    let faults: Vec<Fault> = roll
        .rows()
        .filter(|row| row.cells.iter().any(odd))
        .map(|row| Fault { line: row.line, column: String::new(), code: "refused-roll-cell" })
        .take(MAX_FAULTS)
        .collect();
    if faults.is_empty() { Ok(roll) } else { Err(faults) }
}

/// Faults told at once: more is not read by anybody.
pub const MAX_FAULTS: usize = 50;

fn places(cells: &[String], columns: &[Column]) -> Vec<(&'static str, usize, String)> {
    let known = |(place, head): (usize, &String)| {
        let bare = head.trim().trim_end_matches('*').trim();
        let found = columns.iter().find(|(name, heads)| {
            bare.eq_ignore_ascii_case(name) || heads.iter().any(|head| bare.eq_ignore_ascii_case(head))
        });
        found.map(|(name, _)| (*name, place, head.trim().to_owned()))
    };
    cells.iter().enumerate().filter_map(known).collect()
}

fn of_workbook(bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>, Vec<Fault>> {
    let lines = spreadsheet::rows(bytes).map_err(|why| {
        whole(
            1,
            match why {
                spreadsheet::Unreadable::Broken => "refused-roll-workbook",
                spreadsheet::Unreadable::TooLarge => "refused-roll-workbook-large",
            },
        )
    })?;
    Ok(lines.into_iter().map(|line| (line.number, line.cells)).collect())
}

fn of_text(bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>, Vec<Fault>> {
    if bytes.len() > spreadsheet::MAX_BYTES {
        return Err(whole(1, "refused-roll-workbook-large"));
    }
    let text = decoded(bytes).ok_or_else(|| whole(1, "refused-roll-encoding"))?;
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).has_headers(false).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| whole(0, "refused-roll-unreadable"))?;
        let line = record.position().map_or(0, csv::Position::line);
        lines.push((line, record.iter().map(str::to_owned).collect()));
        if lines.len() > MAX_ROWS + HEADINGS {
            return Err(whole(line, "refused-roll-too-long"));
        }
    }
    Ok(lines)
}

/// The text of a file in either encoding; `None` when it is neither.
fn decoded(bytes: &[u8]) -> Option<String> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0) {
        return None;
    }
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(plain) {
        return Some(text.to_owned());
    }
    let text = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(plain)?;
    // Signs for private use stand for nothing that a registry writes: the bytes were something else.
    (!text.contains(|c| ('\u{e000}'..='\u{f8ff}').contains(&c))).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[("name", &["名称"]), ("uscc", &["统一社会信用代码"])];

    #[test]
    fn both_encodings_say_the_same() {
        let text = "登记名录\n名称,统一社会信用代码\n社区服务中心,52999999TE00000459\n\n";
        let gb = encoding_rs::GB18030.encode(text).0.into_owned();
        let marked = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &gb, &marked] {
            let roll = read(bytes, COLUMNS, "name").unwrap();
            let rows: Vec<(u64, String)> = roll.rows().map(|row| (row.line, row.cell("uscc").to_owned())).collect();
            assert_eq!(rows, [(3, "52999999TE00000459".to_owned())]);
            assert_eq!(roll.rows().next().unwrap().fault("uscc", "x").column, "统一社会信用代码");
        }
    }

    #[test]
    fn what_is_no_such_file_says_why() {
        let code = |bytes: &[u8]| read(bytes, COLUMNS, "name").unwrap_err()[0].code;
        assert_eq!(code(b"a,b\n1,2\n"), "refused-roll-header");
        assert_eq!(code(b"name,uscc\n"), "refused-file-empty");
        assert_eq!(code(b"name,name\n1,2\n"), "refused-roll-column-twice");
        assert_eq!(code(b"\xff\xfen\0a\0"), "refused-roll-encoding");
        assert_eq!(code(b"PK\x03\x04"), "refused-roll-workbook");
        assert_eq!(code(format!("name\n{}\n", "x".repeat(MAX_CELL + 1)).as_bytes()), "refused-roll-cell");
        assert_eq!(code("name\nx\n".replace('x', &"y\n".repeat(MAX_ROWS + 1)).as_bytes()), "refused-roll-too-long");
    }
}
