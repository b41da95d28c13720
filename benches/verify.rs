//! What an examination costs: `verify` of a sealed ledger beside one bare SHA-256 over the same bytes, in one run.
//!
//! `cargo bench --bench verify` prints the ratio; it may be four at most.

#![allow(clippy::disallowed_methods, reason = "a measurement asks the machine what it has")]
#![allow(missing_docs, clippy::unwrap_used, clippy::float_arithmetic, clippy::print_stdout, reason = "a measurement")]

use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use tributary::core::merkle::{self, Hash};
use tributary::core::sealed::head::NONE_BEFORE;
use tributary::core::sealed::heads::{BETWEEN, CLOSING, Told, opening, written};
use tributary::core::sealed::verify::examine;
use tributary::core::sealed::{Head, Row, commitment, salt};

/// Transfers, and how many a batch holds.
const ROWS: i64 = 200_000;
const BATCH: usize = 1024;
/// Each is measured so often, by turns; the best counts.
const TURNS: usize = 7;
/// What an examination may cost at most.
const MOST: f64 = 4.0;

fn main() {
    // `cargo test --benches` runs this too; it has nothing to prove there.
    if std::env::args().any(|argument| argument == "--test") || cfg!(debug_assertions) {
        println!("measured only by `cargo bench`");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (ledger, heads) = (folder.path().join("ledger.jsonl"), folder.path().join("heads.json"));
    let count = generate(&ledger, &heads);
    let (mut bare, mut whole) = (Duration::MAX, Duration::MAX);
    for _ in 0..TURNS {
        bare = bare.min(timed(|| {
            std::hint::black_box(hash(&ledger));
        }));
        whole = whole.min(timed(|| {
            let text = std::fs::read_to_string(&heads).unwrap();
            let report = examine(&text, &mut File::open(&ledger).unwrap(), &[]).unwrap();
            assert!(report.well(), "{:?}", report.findings);
            assert_eq!(report.transfers, u64::try_from(ROWS).unwrap());
        }));
    }
    let bytes = ledger.metadata().unwrap().len();
    let ratio = whole.as_secs_f64() / bare.as_secs_f64();
    println!("ledger {ROWS} transfers, {bytes} bytes, {count} heads of {} bytes", heads.metadata().unwrap().len());
    println!("sha256 {:.1} ms", bare.as_secs_f64() * 1000.0);
    println!("verify {:.1} ms", whole.as_secs_f64() * 1000.0);
    println!("ratio  {ratio:.2} (at most {MOST:.0})");
    println!("{}", if ratio <= MOST { "within its limit" } else { "NOT within its limit" });
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn hash(path: &Path) -> Hash {
    let (mut file, mut hash, mut piece) = (File::open(path).unwrap(), Sha256::new(), vec![0; 256 * 1024]);
    loop {
        let read = file.read(&mut piece).unwrap();
        if read == 0 {
            return hash.finalize().into();
        }
        hash.update(&piece[..read]);
    }
}

/// A ledger of gifts, promises and payments over some hundred accounts; answers how many heads seal it.
fn generate(ledger: &Path, heads: &Path) -> usize {
    let key = SigningKey::from_bytes(&[5; 32]);
    let rows: Vec<Row> = (1..=ROWS).map(row).collect();
    let mut file = BufWriter::new(File::create(ledger).unwrap());
    let mut told = Vec::new();
    let (mut previous, mut total) = (NONE_BEFORE, 0);
    for batch in rows.chunks(BATCH) {
        let mut leaves: Vec<Hash> = Vec::new();
        for row in batch {
            let line = row.line().unwrap();
            leaves.push(merkle::leaf(line.as_bytes()));
            writeln!(file, "{line}").unwrap();
        }
        let transfers = i64::try_from(batch.len()).unwrap();
        total += transfers;
        let head = Head {
            batch: i64::try_from(told.len()).unwrap() + 1,
            first: batch[0].id,
            last: batch[batch.len() - 1].id,
            transfers,
            total,
            root: merkle::root(&leaves),
            previous,
            at: "2026-10-30T08:00:00Z".into(),
            key: [0; 32],
        };
        let signed = head.sign(&key);
        previous = signed.head.hash();
        told.push(written(&Told::of(&signed, None, &leaves)).unwrap());
    }
    file.flush().unwrap();
    let own = hex::encode(key.verifying_key().to_bytes());
    std::fs::write(heads, format!("{}{}{CLOSING}", opening(&own), told.join(BETWEEN))).unwrap();
    told.len()
}

fn row(id: i64) -> Row {
    let (fund, item) = (id % 97 + 1, id % 389 + 1);
    let (debit, credit, recipe) = match id % 4 {
        0 | 1 => ("bank:CNY".to_owned(), "suspense_receipts:CNY".to_owned(), "bank_receipt"),
        2 => ("suspense_receipts:CNY".to_owned(), format!("fund_available:{fund}"), "suspense_matched"),
        _ => ("bank_fees:CNY".to_owned(), format!("award_committed:{item}"), "correction"),
    };
    Row {
        id,
        phase: "single".into(),
        debit,
        credit,
        amount_minor: 10_000 + id % 977,
        currency: "CNY".into(),
        resolves: None,
        reverses: None,
        relates: None,
        payment: None,
        at: "2026-10-30T07:59:59.123Z".into(),
        key: commitment(&salt(&[1; 32], "key", id), "k"),
        entry: format!("V-{id:06}"),
        recipe: recipe.into(),
        posted_at: "2026-10-30T07:59:59.123Z".into(),
        occurred_on: "2026-10-30".into(),
        fund: Some(fund),
        award: None,
        subject: "gift".into(),
        subject_id: id,
        by: commitment(&salt(&[1; 32], "by", id), "1"),
    }
}
