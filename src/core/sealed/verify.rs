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
mod tests;
