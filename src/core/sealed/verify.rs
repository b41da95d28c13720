//! The examination of a ledger against its heads, with nothing else at hand: every row that does not fit is named.
//!
//! The quick way hashes line after line and compares a root a batch; it reads the file once and keeps one batch's tree. Only when
//! something does not fit the file is read again, row by row against the hashes that the heads tell.

use super::accounts::{Accounts, Figures, Wrong};
use super::head::{Head, Signed};
use super::heads::{self, Batch, Unreadable};
use super::lines::{Line, Lines};
use super::row::{Brief, Row};
use crate::core::merkle::{self, Growing, Hash};
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Result, Seek};

/// Findings told one by one; of a file that is another altogether the rest is counted.
const MOST: usize = 200;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// The heads cannot be read; nothing can be said of the rows.
    #[error("{0}")]
    Heads(#[from] Unreadable),
    /// The key it names has not signed it.
    #[error("head {0}: the signature does not hold")]
    Signature(i64),
    /// It does not name the head before it.
    #[error("head {0}: does not follow the head before it")]
    Chain(i64),
    /// Another key than the one expected.
    #[error("head {0}: signed by another key, {1}")]
    Key(i64, String),
    /// The hashes of its rows are not those of its root.
    #[error("head {0}: its list of hashes is not the one it signs")]
    Leaves(i64),
    /// A head that was kept is not there.
    #[error("head {0}: was kept, and is not here")]
    Lost(i64),
    /// Another head has its number.
    #[error("head {0}: is not the one that was kept")]
    Replaced(i64),
    /// Not a line of a ledger.
    #[error("line {0}: is no transfer")]
    NoTransfer(u64),
    /// The row is not what was sealed.
    #[error("transfer {id} (line {line}): was edited after it was sealed")]
    Edited {
        /// Which transfer.
        id: i64,
        /// Where it stands.
        line: u64,
    },
    /// No head knows the row.
    #[error("transfer {id} (line {line}): is sealed by no head: it was inserted, or its number was edited")]
    Inserted {
        /// Which transfer.
        id: i64,
        /// Where it stands.
        line: u64,
    },
    /// The row is there already.
    #[error("transfer {id} (line {line}): stands there a second time")]
    Twice {
        /// Which transfer.
        id: i64,
        /// Where it stands.
        line: u64,
    },
    /// The row stands after a later one.
    #[error("transfer {id} (line {line}): stands after transfer {after}, out of its order")]
    Order {
        /// Which transfer.
        id: i64,
        /// Where it stands.
        line: u64,
        /// The later one before it.
        after: i64,
    },
    /// A sealed row is not there.
    #[error("transfer {0}: is missing")]
    Missing(i64),
    /// The last sealed rows are not there.
    #[error("the tail is cut: transfers {first} to {last} are missing, {count} in all")]
    Cut {
        /// First of them.
        first: i64,
        /// Last of them.
        last: i64,
        /// How many.
        count: usize,
    },
    /// The row contradicts the books before it.
    #[error("transfer {0}: {1}")]
    Books(i64, Wrong),
    /// Debits are not credits.
    #[error("{0}: debits are not credits")]
    Unbalanced(String),
    /// An account that may not stands below zero.
    #[error("account {0}: stands below zero by {1} minor units")]
    BelowZero(String, i64),
    /// The rest.
    #[error("and {0} more")]
    More(usize),
}

/// What the examination found.
#[derive(Debug, Default)]
pub struct Report {
    /// What does not fit, rows in their order; nothing when all is well.
    pub findings: Vec<Finding>,
    /// Heads read.
    pub heads: usize,
    /// Rows read.
    pub transfers: u64,
    /// The keys that signed, hex, each once.
    pub keys: Vec<String>,
    /// The newest head, by number and hash.
    pub newest: Option<(i64, Hash)>,
    /// The accounts as the rows leave them; empty when a row does not fit.
    pub accounts: Vec<Figures>,
}

impl Report {
    /// Whether all is well.
    pub fn well(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Examines a ledger against the text of its heads. Where keys are expected, every head must be signed by one of them.
///
/// # Errors
/// When the ledger cannot be read at all.
pub fn examine(heads: &str, ledger: &mut (impl Read + Seek), expected: &[Hash]) -> Result<Report> {
    let (own, batches) = match heads::read(heads) {
        Ok(read) => read,
        Err(error) => return Ok(Report { findings: vec![error.into()], ..Report::default() }),
    };
    let mut report = Report { heads: batches.len(), ..Report::default() };
    examine_heads(&batches, &own, expected, &mut report);
    let mut books = Accounts::default();
    let mut findings = match quick(&batches, ledger, &mut books, &mut report.transfers)? {
        Some(findings) => findings,
        None => {
            ledger.rewind()?;
            books = Accounts::default();
            slow(&batches, ledger, &mut books, &mut report.transfers)?
        }
    };
    if findings.is_empty() {
        let turnover = books.turnover().into_iter().filter(|(_, (debits, credits))| debits != credits);
        findings.extend(turnover.map(|(currency, _)| Finding::Unbalanced(currency)));
        findings.extend(books.below_zero().map(|one| Finding::BelowZero(one.code.clone(), -one.available_minor())));
        report.accounts = books.all();
    }
    report.findings.extend(findings);
    if report.findings.len() > MOST {
        let more = report.findings.len() - MOST;
        report.findings.truncate(MOST);
        report.findings.push(Finding::More(more));
    }
    Ok(report)
}

/// Heads that somebody kept and that are not among `here`, byte for byte as they were signed: the books were sealed anew, or put back
/// from before.
pub fn not_as_kept<'a>(kept: &[Batch<'_>], here: impl IntoIterator<Item = &'a Signed>) -> Vec<Finding> {
    let here: BTreeMap<i64, &Signed> = here.into_iter().map(|signed| (signed.head.batch, signed)).collect();
    let odd = |batch: &Batch<'_>| match here.get(&batch.signed.head.batch) {
        None => Some(Finding::Lost(batch.signed.head.batch)),
        Some(own) if **own != batch.signed => Some(Finding::Replaced(batch.signed.head.batch)),
        Some(_) => None,
    };
    kept.iter().filter_map(odd).collect()
}

/// Whether every head of a file that somebody kept stands in another, byte for byte as it was signed.
pub fn compare(kept: &str, heads: &str) -> Vec<Finding> {
    match (heads::read(kept), heads::read(heads)) {
        (Ok((_, kept)), Ok((_, here))) => not_as_kept(&kept, here.iter().map(|batch| &batch.signed)),
        (Err(error), _) => vec![error.into()],
        // The examination says so already.
        (_, Err(_)) => Vec::new(),
    }
}

fn examine_heads(batches: &[Batch<'_>], own: &str, expected: &[Hash], report: &mut Report) {
    let mut before: Option<&Head> = None;
    for Batch { signed, .. } in batches {
        let head = &signed.head;
        if !signed.follows(before) {
            report.findings.push(Finding::Chain(head.batch));
        }
        if !signed.holds() {
            report.findings.push(Finding::Signature(head.batch));
        }
        let key = hex::encode(head.key);
        if !expected.is_empty() && !expected.contains(&head.key) {
            report.findings.push(Finding::Key(head.batch, key.clone()));
        }
        if !report.keys.contains(&key) {
            report.keys.push(key);
        }
        before = Some(head);
    }
    if let Some(head) = before {
        report.newest = Some((head.batch, head.hash()));
        // The file names the key of its newest head as its own.
        if hex::encode(head.key) != own {
            report.findings.push(Finding::Key(head.batch, own.to_owned()));
        }
    }
}

/// Root after root. `None` when a root does not fit or the file has more or fewer rows than the heads.
fn quick(
    batches: &[Batch<'_>],
    ledger: &mut impl Read,
    books: &mut Accounts,
    transfers: &mut u64,
) -> Result<Option<Vec<Finding>>> {
    let mut lines = Lines::of(ledger);
    let mut tree = Growing::default();
    let mut findings = Vec::new();
    for batch in batches {
        tree.clear();
        for _ in 0..batch.signed.head.transfers {
            let Some(Line::Whole(at)) = lines.next()? else { return Ok(None) };
            let line = lines.bytes(&at);
            tree.push(merkle::leaf(line));
            let Some(brief) = Brief::of(line) else { return Ok(None) };
            if let Err(wrong) = books.apply(&brief) {
                findings.push(Finding::Books(brief.id, wrong));
            }
        }
        if tree.root() != batch.signed.head.root {
            return Ok(None);
        }
    }
    *transfers = lines.number;
    Ok(lines.next()?.is_none().then_some(findings))
}

/// Row by row against the hashes that the heads tell.
fn slow(
    batches: &[Batch<'_>],
    ledger: &mut impl Read,
    books: &mut Accounts,
    transfers: &mut u64,
) -> Result<Vec<Finding>> {
    let mut findings: Vec<Finding> = batches
        .iter()
        .filter(|batch| !batch.fits_its_root())
        .map(|batch| Finding::Leaves(batch.signed.head.batch))
        .collect();
    let sealed: Vec<(i64, Option<Hash>)> = batches.iter().flat_map(Batch::rows).collect();
    let places: HashMap<i64, usize> = sealed.iter().enumerate().map(|(place, (id, _))| (*id, place)).collect();
    let mut seen = vec![false; sealed.len()];
    let mut latest: Option<usize> = None;
    let mut contradictions = Vec::new();
    let mut lines = Lines::of(ledger);
    *transfers = 0;
    while let Some(line) = lines.next()? {
        let number = lines.number;
        let bytes = match &line {
            Line::Whole(at) => lines.bytes(at),
            Line::TooLong => b"-",
        };
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let Ok(row) = Row::parse(bytes) else {
            findings.push(Finding::NoTransfer(number));
            continue;
        };
        *transfers += 1;
        let (id, line) = (row.id, number);
        let Some(place) = places.get(&id).copied() else {
            findings.push(Finding::Inserted { id, line });
            continue;
        };
        if std::mem::replace(&mut seen[place], true) {
            findings.push(Finding::Twice { id, line });
            continue;
        }
        // The line as it was sealed, or another spelling of the same row.
        if row.leaf().ok() != sealed[place].1 {
            findings.push(Finding::Edited { id, line });
        }
        match latest {
            Some(last) if place < last => findings.push(Finding::Order { id, line, after: sealed[last].0 }),
            _ => latest = Some(place),
        }
        if let Err(wrong) = books.apply(&Brief::of_row(&row)) {
            contradictions.push(Finding::Books(id, wrong));
        }
    }
    findings.extend(missing(&sealed, &seen));
    // Books with a row edited or missing contradict themselves in many rows; the reason is named already.
    if findings.is_empty() {
        findings = contradictions;
    }
    Ok(findings)
}

/// Sealed rows that were not seen; those at the end are one cut.
fn missing(sealed: &[(i64, Option<Hash>)], seen: &[bool]) -> Vec<Finding> {
    let end = seen.iter().rposition(|seen| *seen).map_or(0, |last| last + 1);
    let within = sealed[..end].iter().zip(seen).filter(|(_, seen)| !**seen);
    let mut findings: Vec<Finding> = within.map(|((id, _), _)| Finding::Missing(*id)).collect();
    if let (Some((first, _)), Some((last, _))) = (sealed[end..].first(), sealed.last()) {
        findings.push(Finding::Cut { first: *first, last: *last, count: sealed.len() - end });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::head::NONE_BEFORE;
    use super::super::heads::{BETWEEN, CLOSING, Told, opening, written};
    use super::super::row::sample;
    use super::*;
    use ed25519_dalek::SigningKey;
    use proptest::prelude::*;
    use std::io::Cursor;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[9; 32])
    }

    /// Rows numbered with a gap at 5, sealed in batches of these sizes.
    fn sealed(batches: &[usize]) -> (Vec<String>, String) {
        let rows: Vec<Row> = (1..).filter(|id| *id != 5).take(batches.iter().sum()).map(sample).collect();
        let mut before = (0, 0, NONE_BEFORE);
        let mut told = Vec::new();
        let mut rest = &rows[..];
        for count in batches {
            let (own, later) = rest.split_at(*count);
            rest = later;
            let leaves: Vec<Hash> = own.iter().map(|row| row.leaf().unwrap()).collect();
            let (first, last) = (own[0].id, own[own.len() - 1].id);
            let transfers = i64::try_from(*count).unwrap();
            let head = Head {
                batch: before.0 + 1,
                first,
                last,
                transfers,
                total: before.1 + transfers,
                root: merkle::root(&leaves),
                previous: before.2,
                at: "2026-01-05T01:00:00Z".into(),
                key: [0; 32],
            };
            let signed = head.sign(&key());
            before = (signed.head.batch, signed.head.total, signed.head.hash());
            let whole = last - first + 1 == transfers;
            told.push(tell(
                &signed.head,
                signed.signature,
                (!whole).then(|| own.iter().map(|row| row.id).collect()),
                &leaves,
            ));
        }
        let own = hex::encode(key().verifying_key().to_bytes());
        (
            rows.iter().map(|row| row.line().unwrap()).collect(),
            format!("{}{}{CLOSING}", opening(&own), told.join(BETWEEN)),
        )
    }

    fn tell(head: &Head, signature: [u8; 64], ids: Option<Vec<i64>>, leaves: &[Hash]) -> String {
        let leaves: String = leaves.iter().map(hex::encode).collect();
        let told = Told {
            batch: head.batch,
            first: head.first,
            last: head.last,
            transfers: head.transfers,
            total: head.total,
            root: hex::encode(head.root).into(),
            previous: hex::encode(head.previous).into(),
            at: head.at.clone().into(),
            key: hex::encode(head.key).into(),
            signature: hex::encode(signature).into(),
            ids,
            leaves: leaves.into(),
        };
        written(&told).unwrap()
    }

    fn found(lines: &[String], heads: &str) -> Vec<String> {
        found_with(lines, heads, &[])
    }

    fn found_with(lines: &[String], heads: &str, expected: &[Hash]) -> Vec<String> {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let report = examine(heads, &mut Cursor::new(text), expected).unwrap();
        report.findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_was_sealed_is_well_in_any_spelling() {
        let (lines, heads) = sealed(&[3, 1, 4]);
        assert_eq!(found(&lines, &heads), [""; 0]);
        let spaced: Vec<String> = lines.iter().map(|line| line.replace("\":", "\" : ")).collect();
        assert_eq!(found(&spaced, &heads), [""; 0]);
        let none: [String; 0] = [];
        assert_eq!(found(&[], &format!("{}{CLOSING}", opening(""))), none);
    }

    #[test]
    fn deleted_inserted_swapped_and_doubled_rows_are_named() {
        let (lines, heads) = sealed(&[3, 1, 4]);
        for place in 0..lines.len() {
            let id = if place < 4 { place + 1 } else { place + 2 };
            let mut without = lines.clone();
            without.remove(place);
            let told = if place == 7 {
                "the tail is cut: transfers 9 to 9".to_owned()
            } else {
                format!("transfer {id}: is missing")
            };
            assert!(found(&without, &heads)[0].starts_with(&told), "{:?}", found(&without, &heads));
            let mut with = lines.clone();
            with.insert(place, sample(5).line().unwrap());
            assert!(found(&with, &heads)[0].starts_with("transfer 5 (line"), "the unused number");
            let mut twice = lines.clone();
            twice.insert(place, lines[place].clone());
            assert!(
                found(&twice, &heads)[0]
                    .starts_with(&format!("transfer {id} (line {}): stands there a second", place + 2))
            );
            if place + 1 < lines.len() {
                let mut swapped = lines.clone();
                swapped.swap(place, place + 1);
                assert!(
                    found(&swapped, &heads)[0]
                        .starts_with(&format!("transfer {id} (line {}): stands after", place + 2))
                );
            }
        }
        let mut longer = lines.clone();
        longer.push(sample(10).line().unwrap());
        assert!(found(&longer, &heads)[0].starts_with("transfer 10 (line 9): is sealed by no head"));
        assert_eq!(found(&lines[..2], &heads), ["the tail is cut: transfers 3 to 9 are missing, 6 in all"]);
        assert_eq!(found(&[], &heads), ["the tail is cut: transfers 1 to 9 are missing, 8 in all"]);
        let mut torn = lines.clone();
        torn[3].truncate(100);
        assert_eq!(found(&torn, &heads), ["line 4: is no transfer", "transfer 4: is missing"]);
    }

    #[test]
    fn heads_that_were_touched_are_named() {
        let (lines, heads) = sealed(&[3, 1, 4]);
        let own = key().verifying_key().to_bytes();
        assert_eq!(found_with(&lines, &heads, &[own]), [""; 0]);
        assert!(found_with(&lines, &heads, &[[1; 32]])[0].starts_with("head 1: signed by another key"));
        let without = heads.lines().filter(|line| !line.contains("\"batch\":2")).collect::<Vec<_>>().join("\n");
        assert_eq!(found(&lines, &without)[0], "head 3: does not follow the head before it");
        let shorter =
            heads.lines().filter(|line| !line.contains("\"batch\":3")).collect::<String>().replace("},]", "}]");
        assert!(found(&lines, &shorter)[0].starts_with("transfer 6 (line 5): is sealed by no head"));
        let later = heads.replacen("2026-01-05T01", "2026-01-05T02", 1);
        assert_eq!(
            found(&lines, &later),
            ["head 1: the signature does not hold", "head 2: does not follow the head before it"]
        );
        assert!(found(&lines, "{}")[0].starts_with("the heads cannot be read"));
        assert!(found(&lines, &heads.replace("heads-1", "heads-2"))[0].contains("tributary-heads-2"));
    }

    #[test]
    fn a_head_that_was_kept_stands_there_byte_for_byte() {
        let (_, heads) = sealed(&[3, 1, 4]);
        let (_, before) = sealed(&[3, 1]);
        let (_, other) = sealed(&[3, 2, 3]);
        assert_eq!(compare(&before, &heads), []);
        assert_eq!(compare(&heads, &heads), []);
        assert_eq!(compare(&heads, &before), [Finding::Lost(3)]);
        assert_eq!(compare(&heads, &other), [Finding::Replaced(2), Finding::Replaced(3)]);
        let resigned = heads.replacen('Z', "Y", 1);
        assert_eq!(compare(&resigned, &heads), [Finding::Replaced(1)]);
        assert!(matches!(compare("{}", &heads).as_slice(), [Finding::Heads(_)]));
    }

    #[test]
    fn whoever_seals_edited_rows_anew_without_the_key_is_found_out() {
        let (mut lines, heads) = sealed(&[3, 1, 4]);
        lines[1] = lines[1].replace("\"amount_minor\":102", "\"amount_minor\":902");
        let own = hex::encode(merkle::leaf(lines[1].as_bytes()));
        let old = hex::encode(sample(2).leaf().unwrap());
        // The list of hashes alone: the root does not fit it. The root too: the signature does not hold.
        assert_eq!(found(&lines, &heads.replace(&old, &own)), ["head 1: its list of hashes is not the one it signs"]);
        let leaves: Vec<Hash> = lines[..3].iter().map(|line| merkle::leaf(line.as_bytes())).collect();
        let root = merkle::root(&[1, 2, 3].map(|id| sample(id).leaf().unwrap()));
        let forged = heads.replace(&old, &own).replace(&hex::encode(root), &hex::encode(merkle::root(&leaves)));
        assert_eq!(
            found(&lines, &forged),
            ["head 1: the signature does not hold", "head 2: does not follow the head before it"]
        );
    }

    #[test]
    fn sealed_books_that_do_not_hold_together_are_told_too() {
        let bad = Row { debit: "operating_reserve:CNY".into(), credit: "bank:CNY".into(), ..sample(1) };
        let leaves = [bad.leaf().unwrap()];
        let head = Head {
            batch: 1,
            first: 1,
            last: 1,
            transfers: 1,
            total: 1,
            root: merkle::root(&leaves),
            previous: NONE_BEFORE,
            at: String::new(),
            key: [0; 32],
        };
        let signed = head.sign(&key());
        let own = hex::encode(signed.head.key);
        let heads = format!("{}{}{CLOSING}", opening(&own), tell(&signed.head, signed.signature, None, &leaves));
        let told = found(&[bad.line().unwrap()], &heads);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("stands below zero by 101 minor units"));
    }

    proptest! {
        /// Whatever byte of the file is changed, a row is named: the one it stands in, or the one that became unreadable.
        #[test]
        fn no_byte_can_be_changed_unseen(at in 0usize..4000, bit in 0u8..8) {
            let (lines, heads) = sealed(&[3, 1, 4]);
            let mut bytes: Vec<u8> = lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect();
            let at = at % bytes.len();
            let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            bytes[at] ^= 1 << bit;
            let report = examine(&heads, &mut Cursor::new(&bytes), &[]).unwrap();
            // Another blank between the rows is no other row.
            if !report.well() {
                let told: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
                prop_assert!(told.iter().any(|text| text.contains(&format!("line {line}"))), "byte {} in line {}: {:?}", at, line, told);
            } else {
                prop_assert!(bytes[at].is_ascii_whitespace());
            }
        }
    }
}
