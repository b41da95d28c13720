//! The examination against sealed books that were touched in every place.

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
        let ids = (!whole).then(|| own.iter().map(|row| row.id).collect());
        told.push(written(&Told::of(&signed, ids, &leaves)).unwrap());
    }
    let own = hex::encode(key().verifying_key().to_bytes());
    (rows.iter().map(|row| row.line().unwrap()).collect(), format!("{}{}{CLOSING}", opening(&own), told.join(BETWEEN)))
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
            found(&twice, &heads)[0].starts_with(&format!("transfer {id} (line {}): stands there a second", place + 2))
        );
        if place + 1 < lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(place, place + 1);
            assert!(
                found(&swapped, &heads)[0].starts_with(&format!("transfer {id} (line {}): stands after", place + 2))
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
    let shorter = heads.lines().filter(|line| !line.contains("\"batch\":3")).collect::<String>().replace("},]", "}]");
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
    let heads = format!("{}{}{CLOSING}", opening(&own), written(&Told::of(&signed, None, &leaves)).unwrap());
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
