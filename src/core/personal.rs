//! Personal numbers in a text that everybody will read: a resident's identity number, a mobile telephone's. A report counts people and
//! never names them; what a sentence says of somebody only a reader can tell, but a number is seen by its shape.
//!
//! The rule: an identity number is 17 digits and a digit or X, with a possible day of birth and the check character of GB 11643;
//! a mobile number is 11 digits that begin 13 to 19, with or without +86. Both may be written in groups, and with wide digits.

use chrono::NaiveDate;

/// Whether a text holds a number by which somebody is known or called.
#[must_use]
pub fn names_somebody(text: &str) -> bool {
    let plain: Vec<char> = text.chars().map(narrow).collect();
    let mut at = 0;
    while at < plain.len() {
        if !plain[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let groups = groups(&plain[at..]);
        let length: usize = groups.iter().map(|group| group.len()).sum::<usize>() + groups.len() - 1;
        if is_personal(&groups) {
            return true;
        }
        at += length.max(1);
    }
    false
}

/// A wide digit or sign as its narrow one.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from(b'0' + u8::try_from(u32::from(c) - u32::from('０')).unwrap_or(0)),
        'Ｘ' | 'ｘ' | 'x' => 'X',
        '－' | '–' | '—' => '-',
        '\u{3000}' => ' ',
        other => other,
    }
}

/// The groups of digits from here on, parted by one space or hyphen each; the last may end in X.
fn groups(text: &[char]) -> Vec<String> {
    let mut groups = vec![String::new()];
    let mut rest = text.iter().copied().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        match c {
            '0'..='9' | 'X' => {
                if let Some(last) = groups.last_mut() {
                    last.push(c);
                }
                if c == 'X' {
                    break;
                }
            }
            ' ' | '-' if next.is_some_and(|next| next.is_ascii_digit()) => groups.push(String::new()),
            _ => break,
        }
    }
    groups
}

fn is_personal(groups: &[String]) -> bool {
    let one = |group: &String| is_mobile(group) || is_identity(group);
    if groups.iter().any(one) {
        return true;
    }
    // As people group them: 138 0013 8000, 510107 19900101 1234.
    let joined = |sizes: &[usize]| {
        groups
            .windows(sizes.len())
            .any(|some| some.iter().zip(sizes).all(|(group, size)| group.len() == *size) && one(&some.concat()))
    };
    joined(&[3, 4, 4]) || joined(&[2, 3, 4, 4]) || joined(&[2, 11]) || joined(&[6, 8, 4])
}

fn is_mobile(digits: &str) -> bool {
    let own = if digits.len() == 13 { digits.strip_prefix("86").unwrap_or(digits) } else { digits };
    let mut signs = own.bytes();
    own.len() == 11
        && own.bytes().all(|b| b.is_ascii_digit())
        && signs.next() == Some(b'1')
        && matches!(signs.next(), Some(b'3'..=b'9'))
}

fn is_identity(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let bytes = text.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let born = NaiveDate::parse_from_str(&text[6..14], "%Y%m%d").is_ok();
    let sum: u32 = bytes.iter().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    born && CHECKS[(sum % 11) as usize] == bytes[17]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people_are_seen_however_they_are_grouped() {
        for text in [
            "call 13800138000",
            "电话：138-0013-8000。",
            "+86 138 0013 8000",
            "8613800138000",
            "１３８００１３８０００",
            "身份证 11010519491231002X",
            "110105 19491231 002x",
        ] {
            assert!(names_somebody(text), "{text}");
        }
    }

    #[test]
    fn sums_days_and_counts_are_not() {
        for text in [
            "",
            "¥83,000.00",
            "2026-03-01 to 2026-10-30",
            "12345678901",
            "110105194912310021",
            "83 m × 1 000",
            "028-85551234",
        ] {
            assert!(!names_somebody(text), "{text}");
        }
    }
}
