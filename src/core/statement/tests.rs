use super::*;

const CAMT: &[u8] = include_bytes!("../../../tests/samples/statement.camt053.xml");
const COMMA: &[u8] = include_bytes!("../../../tests/samples/statement.comma.csv");
const GB: &[u8] = include_bytes!("../../../tests/samples/statement.gb18030.csv");
const SEMICOLON: &[u8] = include_bytes!("../../../tests/samples/statement.semicolon.csv");

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn cny(bytes: &[u8]) -> Statement {
    read(bytes, Currency::CNY).unwrap()
}

fn euro() -> Currency {
    "EUR".parse().unwrap()
}

fn fault(bytes: impl AsRef<[u8]>) -> (u64, u64, &'static str) {
    let found = read(bytes.as_ref(), Currency::CNY).unwrap_err();
    (found[0].line, found[0].column, found[0].code)
}

/// What a test compares of a line.
fn told(statement: &Statement) -> Vec<(String, i64, &str, &str, &str)> {
    let of = |line: &'static Line| {
        (line.day.to_string(), line.amount_minor, line.reference.as_str(), line.name.as_str(), line.tail.as_str())
    };
    let lines: &'static [Line] = Box::leak(statement.lines.clone().into_boxed_slice());
    lines.iter().map(of).collect()
}

#[test]
fn camt_is_read() {
    let read = cny(CAMT);
    assert_eq!((read.format, read.account.as_deref()), (Format::Camt, Some("62220000111122220001")));
    assert_eq!((read.opening_minor, read.closing_minor), (Some(200_000_000), Some(201_698_500)));
    assert_eq!((read.from, read.to), (day("2026-01-05"), day("2026-01-06")));
    assert_eq!(
        told(&read),
        [
            ("2026-01-05".into(), 1_000_000, "AB20260105001", "owner 1 & sons", "5678"),
            ("2026-01-05".into(), 700_000, "AB20260105002", "成都航中物业有限公司", "4321"),
            ("2026-01-06".into(), -1_500, "AB20260106001", "", ""),
        ]
    );
    assert!(read.lines[0].text.contains("G000001"));
}

#[test]
fn the_three_dialects_are_read() {
    let comma = cny(COMMA);
    assert_eq!(
        (comma.format, comma.opening_minor, comma.closing_minor),
        (Format::Comma, Some(200_000_000), Some(201_698_500))
    );
    let chinese = cny(GB);
    assert_eq!((chinese.format, chinese.account.as_deref()), (Format::CommaGb18030, Some("62220000111122220001")));
    // The bank wrote the newest first.
    assert_eq!(chinese.lines.iter().map(|line| line.amount_minor).collect::<Vec<_>>(), [1_000_000, 700_000, -1_500]);
    assert_eq!((chinese.lines[1].name.as_str(), chinese.lines[2].text.as_str()), ("成都航中物业有限公司", "手续费"));
    assert_eq!((chinese.opening_minor, chinese.closing_minor), (Some(200_000_000), Some(201_698_500)));
    let semicolon = super::read(SEMICOLON, euro()).unwrap();
    assert_eq!(
        (semicolon.format, semicolon.opening_minor, semicolon.closing_minor),
        (Format::Semicolon, Some(1_000_000), Some(1_122_206))
    );
    assert_eq!(semicolon.lines[0].amount_minor, 123_456);
    assert_eq!(semicolon.lines[1].amount_minor, -1_250);
}

#[test]
fn what_is_wrong_is_named_by_line_and_column() {
    let head = "date,debit,credit,reference\n";
    assert_eq!(fault(format!("{head}2026-01-05,,x,1\n")), (2, 3, "refused-statement-amount"));
    assert_eq!(fault(format!("{head}2026-01-05,1,1,1\n")), (2, 3, "refused-statement-amount"));
    assert_eq!(fault(format!("{head}2026-02-30,,1,1\n")), (2, 1, "refused-statement-day"));
    assert_eq!(fault("date,amount,balance\n2026-01-05,1,1\n2026-01-05,1,3\n"), (3, 1, "refused-statement-balance"));
    assert_eq!(
        fault("opening balance,5\ndate,amount\n2026-01-05,1\nclosing balance,7\n"),
        (3, 1, "refused-statement-sum")
    );
    assert_eq!(fault("currency,EUR\ndate,amount\n2026-01-05,1\n"), (1, 2, "refused-statement-currency"));
    assert_eq!(fault("date,amount,amount\n2026-01-05,1,1\n"), (1, 3, "refused-statement-head-twice"));
    assert_eq!(fault("a,b\n1,2\n").2, "refused-statement-unknown");
    assert_eq!(fault("date,amount\n").2, "refused-file-empty");
    assert_eq!(fault(" \n").2, "refused-file-empty");
    assert_eq!(fault(b"date,amount\n2026-01-05,\xff\xff\n"), (2, 12, "refused-statement-encoding"));
    assert_eq!(fault(b"\xff\xfed\0a\0").2, "refused-statement-encoding");
    assert_eq!(fault(vec![b'x'; MAX_BYTES + 1]).2, "refused-statement-too-large");
    let long = format!("{head}{}", "2026-01-05,,1,\n".repeat(MAX_LINES + 1));
    assert_eq!(fault(long).2, "refused-statement-too-long");
}

#[test]
fn camt_brings_no_document_type_no_entity_and_no_depth() {
    let text = String::from_utf8(CAMT.to_vec()).unwrap();
    let with = |from: &str, to: &str| fault(text.replacen(from, to, 1)).2;
    assert_eq!(with("<Document", "<!DOCTYPE d [<!ENTITY a \"b\">]>\n<Document"), "refused-statement-doctype");
    assert_eq!(with("owner 1 &amp; sons", "&a;"), "refused-statement-doctype");
    assert_eq!(with("<Ntry>", &format!("<Ntry>{}", "<a>".repeat(30))), "refused-statement-too-deep");
    assert_eq!(with("camt.053.001.08", "pain.001.001.09"), "refused-statement-unknown");
    assert_eq!(with("Ccy=\"CNY\">10000.00", "Ccy=\"EUR\">10000.00"), "refused-statement-currency");
    assert_eq!(with(">10000.00", ">10000.01"), "refused-statement-sum");
    assert_eq!(with(">10000.00", ">-1"), "refused-statement-amount");
    assert_eq!(with("</Stmt>", ""), "refused-statement-unreadable");
    let place = fault(text.replacen(">10000.00", ">x", 1));
    assert_eq!((place.0, place.2), (32, "refused-statement-amount"));
    assert!(place.1 > 1);
}

#[test]
fn the_same_line_has_the_same_mark_again() {
    let head = "date,amount,text\n";
    let one = cny(format!("{head}2026-01-05,1,a\n2026-01-05,1,a\n2026-01-05,2,b\n").as_bytes());
    let two = cny(format!("{head}2026-01-05,1,a\n2026-01-05,1,a\n2026-01-05,2,b\n2026-01-06,1,a\n").as_bytes());
    let marks = |read: &Statement| read.lines.iter().map(|line| line.reference.clone()).collect::<Vec<_>>();
    assert_eq!(marks(&one), marks(&two)[..3]);
    let mut all = marks(&two);
    all.dedup();
    assert_eq!(all.len(), 4);
}

#[test]
fn a_number_that_counts_the_entries_of_one_file_is_no_mark() {
    let text = String::from_utf8(CAMT.to_vec()).unwrap().replace("<AcctSvcrRef>AB20260106001</AcctSvcrRef>", "");
    let mark = &cny(text.as_bytes()).lines[2].reference;
    assert!(mark.starts_with("20260106:-1500:"), "{mark}");
    let from = text.find("<Ntry>").unwrap();
    let to = text.rfind("</Ntry>").unwrap() + "</Ntry>".len();
    let still = format!("{}{}", &text[..from], &text[to..]).replace("2016985.00", "2000000.00");
    assert!(cny(still.as_bytes()).lines.is_empty());
}

/// xorshift: a throw that can be thrown again.
fn next(throw: &mut u64) -> usize {
    *throw ^= *throw << 13;
    *throw ^= *throw >> 7;
    *throw ^= *throw << 17;
    usize::try_from(*throw >> 1).unwrap()
}

/// Damages a file in one to four places: bytes changed, cut out, doubled or moved, the end cut off.
fn damaged(bytes: &[u8], throw: &mut u64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=next(throw) % 4 {
        if bytes.is_empty() {
            break;
        }
        let at = next(throw) % bytes.len();
        let end = (at + next(throw) % 40).min(bytes.len());
        match next(throw) % 7 {
            0 => bytes[at] = u8::try_from(next(throw) % 256).unwrap(),
            1 => bytes[at] = b"0123456789,;.<>&\"\n-/"[next(throw) % 20],
            2 => drop(bytes.drain(at..end)),
            3 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            4 => bytes.truncate(at),
            5 => {
                let other = end.min(bytes.len() - 1);
                bytes.swap(at, other);
            }
            _ => bytes.insert(at, u8::try_from(next(throw) % 256).unwrap()),
        }
    }
    bytes
}

#[test]
fn a_thousand_damaged_files_of_each_dialect_are_refused_by_place_or_read_right() {
    let files = [(CAMT, Currency::CNY), (COMMA, Currency::CNY), (GB, Currency::CNY), (SEMICOLON, euro())];
    for (number, (whole, currency)) in files.into_iter().enumerate() {
        let (mut throw, mut refused) = (0x9e37_79b9_7f4a_7c15_u64 + number as u64, 0);
        for round in 0..1_000 {
            let bytes = damaged(whole, &mut throw);
            match read(&bytes, currency) {
                Err(faults) => {
                    refused += 1;
                    assert!(!faults.is_empty() && faults.len() <= MAX_FAULTS + 8, "round {round}");
                    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1;
                    for fault in faults {
                        assert!(
                            fault.line >= 1 && fault.line <= lines && fault.column >= 1,
                            "round {round}: {fault:?}"
                        );
                        assert!(fault.code.starts_with("refused-"), "round {round}: {fault:?}");
                    }
                }
                Ok(read) => {
                    assert!(!read.lines.is_empty() && read.from <= read.to, "round {round}");
                    let sum: i64 = read.lines.iter().map(|line| line.amount_minor).sum();
                    if let (Some(opening), Some(closing)) = (read.opening_minor, read.closing_minor) {
                        assert_eq!(opening + sum, closing, "round {round}");
                    }
                    let mut marks: Vec<_> = read.lines.iter().map(|line| &line.reference).collect();
                    marks.sort();
                    marks.dedup();
                    assert_eq!(marks.len(), read.lines.len(), "round {round}");
                }
            }
        }
        assert!(refused > 300, "file {number}: {refused} of a thousand refused");
    }
}

#[test]
fn a_newest_first_file_of_opposite_amounts_closes_with_its_newest_balance() {
    let told = cny(b"date,amount,balance\n2026-01-06,50.00,90.00\n2026-01-05,-50.00,40.00\n");
    assert_eq!((told.opening_minor, told.closing_minor), (Some(9_000), Some(9_000)));
    assert_eq!(
        told.lines.iter().map(|line| (line.day, line.amount_minor)).collect::<Vec<_>>(),
        [(day("2026-01-05"), -5_000), (day("2026-01-06"), 5_000)]
    );
    // On one day both orders fit: no balance is believed, unless the file says it besides.
    let told = cny(b"date,amount,balance\n2026-01-05,50.00,90.00\n2026-01-05,-50.00,40.00\n");
    assert_eq!((told.opening_minor, told.closing_minor, told.lines.len()), (None, None, 2));
    let told = cny(b"date,amount,balance\n2026-01-05,50.00,90.00\n2026-01-05,-50.00,40.00\nclosing balance,90.00\n");
    assert_eq!((told.opening_minor, told.closing_minor), (None, Some(9_000)));
    let one = cny(b"date,amount,balance\n2026-01-05,50.00,90.00\n");
    assert_eq!((one.opening_minor, one.closing_minor), (Some(4_000), Some(9_000)));
    assert_eq!(fault("date,amount\n2026-01-06,1\n2026-01-05,1\n2026-01-07,1\n"), (4, 1, "refused-statement-order"));
}

#[test]
fn a_code_page_of_europe_is_not_read_as_chinese() {
    let plain = String::from_utf8(SEMICOLON.to_vec()).unwrap();
    let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(&plain);
    assert!(!lost);
    let found = read(&bytes, euro()).unwrap_err();
    let (line, text) = plain.lines().enumerate().find(|(_, text)| !text.is_ascii()).unwrap();
    let column = text.find(|sign: char| !sign.is_ascii()).unwrap() + 1;
    assert_eq!(found, [Fault::at(line as u64 + 1, column as u64, "refused-statement-encoding")]);
}

#[test]
fn one_mark_on_two_days_stands_with_its_day() {
    let head = "date,amount,reference\n";
    let read = cny(format!("{head}2026-01-05,-1,X\n2026-01-05,-2,X\n2026-01-08,-3,X\n2026-01-08,-3,X\n").as_bytes());
    let marks: Vec<&str> = read.lines.iter().map(|line| line.reference.as_str()).collect();
    assert_eq!(marks, ["X", "X/2", "X#20260108", "X#20260108/2"]);
    assert!(!marks.iter().any(|mark| is_made_up(mark)));
    let silent = cny(b"date,amount\n2026-01-05,1\n2026-01-05,1\n");
    assert!(silent.lines.iter().all(|line| is_made_up(&line.reference)), "{:?}", silent.lines);
}
