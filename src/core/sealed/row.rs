//! A transfer as it is sealed: every column that the books hold of it and of its posting.

use crate::core::merkle::{self, Hash};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The written form of a transfer; the order of the fields is the order in the line.
///
/// Accounts stand by their code, which never changes and has no second; the fields that balances need come first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Number of the transfer; numbers rise, and one may be missing where a change was refused.
    pub id: i64,
    /// `single`, `pending`, `post` or `void`.
    pub phase: String,
    /// Code of the account debited.
    pub debit: String,
    /// Code of the account credited.
    pub credit: String,
    /// In the minor unit of the currency.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// The pending transfer this posts or voids.
    pub resolves: Option<i64>,
    /// The transfer this undoes whole.
    pub reverses: Option<i64>,
    /// The transfer this belongs to.
    pub relates: Option<i64>,
    /// The approved payment.
    pub payment: Option<i64>,
    /// When it was posted, in UTC.
    pub at: String,
    /// Commitment to the key under which it was asked for.
    pub key: String,
    /// Public number of its entry.
    pub entry: String,
    /// The event of the entry.
    pub recipe: String,
    /// When the entry was posted, in UTC.
    pub posted_at: String,
    /// Day of the event in the foundation's zone.
    pub occurred_on: String,
    /// Fund it concerns.
    pub fund: Option<i64>,
    /// Award it concerns.
    pub award: Option<i64>,
    /// What it was posted for.
    pub subject: String,
    /// Which one.
    pub subject_id: i64,
    /// Commitment to who posted it, to nobody for the house itself.
    pub by: String,
}

impl Row {
    /// The line that is sealed, without its end.
    ///
    /// # Errors
    /// Never for this type; the serializer's signature has one.
    pub fn line(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// The row of a line in any spelling of JSON that says the same.
    ///
    /// # Errors
    /// When a field is missing, unknown, twice there or of another kind.
    pub fn parse(line: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(line)
    }

    /// The hash of the line as a leaf.
    ///
    /// # Errors
    /// As [`Self::line`].
    pub fn leaf(&self) -> serde_json::Result<Hash> {
        Ok(merkle::leaf(self.line()?.as_bytes()))
    }
}

/// The salt of one field of one transfer: as good as random to whoever has not the secret, and never stored. Told to an auditor,
/// it opens this field of this row and no other.
pub fn salt(secret: &Hash, field: &str, id: i64) -> Hash {
    Sha256::new()
        .chain_update(b"tributary salt 1\n")
        .chain_update(secret)
        .chain_update(format!("{field}\n{id}\n"))
        .finalize()
        .into()
}

/// What is told instead of a text: with the salt anybody can check the text, without it nobody can guess it.
pub fn commitment(salt: &Hash, text: &str) -> String {
    let hash: Hash =
        Sha256::new().chain_update(b"tributary commitment 1\n").chain_update(salt).chain_update(text).finalize().into();
    hex::encode(hash)
}

/// What balances need of a line, read without a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brief<'a> {
    /// Number of the transfer.
    pub id: i64,
    /// Phase.
    pub phase: &'a [u8],
    /// Code of the account debited.
    pub debit: &'a [u8],
    /// Code of the account credited.
    pub credit: &'a [u8],
    /// In the minor unit of the currency.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: &'a [u8],
    /// The pending transfer this posts or voids.
    pub resolves: Option<i64>,
}

impl<'a> Brief<'a> {
    /// Reads the beginning of a line in its sealed form; `None` for any other spelling.
    pub fn of(line: &'a [u8]) -> Option<Self> {
        let mut rest = line;
        let id = number(&mut rest, b"{\"id\":")?;
        let phase = text(&mut rest, b",\"phase\":\"")?;
        let debit = text(&mut rest, b",\"debit\":\"")?;
        let credit = text(&mut rest, b",\"credit\":\"")?;
        let amount_minor = number(&mut rest, b",\"amount_minor\":")?;
        let currency = text(&mut rest, b",\"currency\":\"")?;
        let resolves =
            if rest.starts_with(b",\"resolves\":null,") { None } else { Some(number(&mut rest, b",\"resolves\":")?) };
        Some(Self { id, phase, debit, credit, amount_minor, currency, resolves })
    }

    /// The same of a row that was read whole.
    pub fn of_row(row: &'a Row) -> Self {
        Self {
            id: row.id,
            phase: row.phase.as_bytes(),
            debit: row.debit.as_bytes(),
            credit: row.credit.as_bytes(),
            amount_minor: row.amount_minor,
            currency: row.currency.as_bytes(),
            resolves: row.resolves,
        }
    }
}

/// A whole number after its name; what does not fit an `i64` is none.
fn number(rest: &mut &[u8], name: &[u8]) -> Option<i64> {
    let digits = rest.strip_prefix(name)?;
    let (negative, digits) = digits.strip_prefix(b"-").map_or((false, digits), |digits| (true, digits));
    let (mut value, mut length) = (0_i64, 0);
    for byte in digits.iter().take_while(|byte| byte.is_ascii_digit()) {
        value = value.checked_mul(10)?.checked_sub(i64::from(byte - b'0'))?;
        length += 1;
    }
    *rest = &digits[length..];
    if length == 0 {
        None
    } else if negative {
        Some(value)
    } else {
        value.checked_neg()
    }
}

/// A text after its name, up to the closing quote; one with an escape is left to the slower reader.
fn text<'a>(rest: &mut &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let after = rest.strip_prefix(name)?;
    let end = after.iter().position(|byte| *byte == b'"' || *byte == b'\\')?;
    let (text, after) = after.split_at(end);
    *rest = after.strip_prefix(b"\"")?;
    Some(text)
}

/// A row for tests.
#[cfg(test)]
pub(super) fn sample(id: i64) -> Row {
    Row {
        id,
        phase: "single".into(),
        debit: "bank:CNY".into(),
        credit: "operating_reserve:CNY".into(),
        amount_minor: 100 + id,
        currency: "CNY".into(),
        resolves: None,
        reverses: None,
        relates: None,
        payment: None,
        at: "2026-01-05T01:00:00Z".into(),
        key: commitment(&salt(&[7; 32], "key", id), "bank:L-1"),
        entry: format!("V-{id:06}"),
        recipe: "capital".into(),
        posted_at: "2026-01-05T01:00:00Z".into(),
        occurred_on: "2026-01-05".into(),
        fund: None,
        award: Some(3),
        subject: "foundation".into(),
        subject_id: 1,
        by: commitment(&salt(&[7; 32], "by", id), "12"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_written_form_stays_what_it_is() {
        let row = Row { key: "k".into(), by: "b".into(), resolves: Some(-4), ..sample(17) };
        assert_eq!(
            row.line().unwrap(),
            r#"{"id":17,"phase":"single","debit":"bank:CNY","credit":"operating_reserve:CNY","amount_minor":117,"currency":"CNY","resolves":-4,"reverses":null,"relates":null,"payment":null,"at":"2026-01-05T01:00:00Z","key":"k","entry":"V-000017","recipe":"capital","posted_at":"2026-01-05T01:00:00Z","occurred_on":"2026-01-05","fund":null,"award":3,"subject":"foundation","subject_id":1,"by":"b"}"#
        );
        assert_eq!(Row::parse(row.line().unwrap().as_bytes()).unwrap(), row);
    }

    #[test]
    fn a_commitment_opens_with_its_salt_only() {
        let (one, two) = (salt(&[1; 32], "key", 1), salt(&[1; 32], "key", 2));
        assert_eq!(commitment(&one, "x"), commitment(&one, "x"));
        assert_ne!(
            commitment(&one, "x"),
            commitment(&two, "x"),
            "the same text in two rows is not seen to be the same"
        );
        assert_ne!(commitment(&one, "x"), commitment(&salt(&[1; 32], "by", 1), "x"));
        assert_ne!(commitment(&one, "x"), commitment(&salt(&[2; 32], "key", 1), "x"));
    }

    #[test]
    fn a_field_more_less_or_twice_is_no_row() {
        let line = sample(1).line().unwrap();
        assert!(Row::parse(line.replace("\"fund\":null", "\"fund\":null,\"note\":1").as_bytes()).is_err());
        assert!(Row::parse(line.replace("\"fund\":null,", "\"fund\":null,\"fund\":2,").as_bytes()).is_err());
        assert!(Row::parse(line.replace("\"subject_id\":1,", "").as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn the_quick_reader_reads_what_is_written(id in any::<i64>(), amount in any::<i64>(), resolves in any::<Option<i64>>(), debit in "\\PC{0,12}") {
            let row = Row { debit, amount_minor: amount, resolves, ..sample(1) };
            let row = Row { id, ..row };
            let line = row.line().unwrap();
            match Brief::of(line.as_bytes()) {
                Some(brief) => prop_assert_eq!(brief, Brief::of_row(&row)),
                None => prop_assert!(row.debit.contains(['"', '\\']) || line.contains('\\')),
            }
        }
    }
}
