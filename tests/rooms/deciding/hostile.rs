//! Files that somebody broke: an answer or one line that says where, never a panic.

use super::judge_of_scores;
use super::judge_of_votes::Instance;
use crate::support::tools::{Throws, say};
use tributary::core::refusal::Refusal;
use tributary::core::voting::{Completion, Pabulib, Rule, outcome};
use tributary::core::{scoring, voting};

/// What mutations put into a file.
const POISON: [&str; 36] = [
    "\"",
    "\"\"",
    ";",
    ",",
    "\r\n",
    "\n",
    "\r",
    "\u{feff}",
    "\0",
    "META",
    "PROJECTS",
    "VOTES\n",
    "none",
    "-1",
    "0",
    "1e9",
    "1,5",
    ".",
    "NaN",
    "999999999999999999999999999999",
    "9999999999999999999999999999999999999999",
    "0.00000000000000000001",
    "p1",
    "é",
    "\u{2028}",
    "{",
    "}",
    "[",
    "]",
    ":",
    "null",
    "true",
    "\\",
    "\"method\":\"mean\",",
    "18446744073709551616",
    "\u{1F4A9}",
];

fn place(throws: &mut Throws, text: &str) -> usize {
    let mut at = usize::try_from(throws.next() >> 5).unwrap() % (text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn broken(throws: &mut Throws, text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..throws.between(1, 4) {
        let (one, other) = (place(throws, &text), place(throws, &text));
        let (low, high) = (one.min(other), one.max(other));
        match throws.next() % 6 {
            0 => {
                let few: usize = text[low..high].chars().take(3).map(char::len_utf8).sum();
                text.replace_range(low..low + few, "");
            }
            1 => {
                let again = text[low..high].to_owned();
                text.insert_str(high, &again);
            }
            2 => text.truncate(high),
            3 => text = text.replace('\n', "\r\n"),
            _ => text.insert_str(low, POISON[usize::try_from(throws.next() >> 9).unwrap() % POISON.len()]),
        }
    }
    text
}

/// One line that begins with a line, a section or a field.
fn assert_located(refusal: &Refusal, text: &str) {
    let said = refusal.to_string();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.len() < 2_000 && !said.contains(['\r', '\0']), "{said}");
    let (before, after) = said.split_once(": ").unwrap_or_else(|| panic!("{said}\n{text}"));
    assert!(!before.is_empty() && !after.is_empty(), "{said}\n{text}");
}

#[test]
fn a_thousand_broken_ballot_files() {
    let mut throws = Throws::seeded(99);
    let (mut answered, mut refused) = (0, 0);
    for _ in 0..1_000 {
        let whole = Instance::drawn(&mut throws).file;
        let text = broken(&mut throws, &whole);
        for (rule, completion) in [(Rule::EqualShares, Completion::Add1u), (Rule::Greedy, Completion::None)] {
            match outcome(&text, rule, completion) {
                Ok(found) => {
                    answered += 1;
                    assert!(!found.table().is_empty());
                    let written = Pabulib::read(&text).unwrap().write();
                    assert_eq!(Pabulib::read(&written).unwrap().write(), written, "{text:?}");
                }
                Err(refusal) => {
                    refused += 1;
                    assert_located(&refusal, &text);
                }
            }
        }
    }
    say(&format!("broken ballot files: {answered} answered, {refused} refused by their line"));
    assert!(answered > 100 && refused > 100);
}

#[test]
fn a_thousand_broken_files_of_scores() {
    let mut throws = Throws::seeded(77);
    let (mut answered, mut refused) = (0, 0);
    for number in 0..1_000 {
        let file = judge_of_scores::drawn(&mut throws);
        let text = if number % 2 == 0 { file.to_string() } else { serde_json::to_string_pretty(&file).unwrap() };
        let text = if number % 10 == 9 { text.replace(char::is_whitespace, " ") } else { broken(&mut throws, &text) };
        match scoring::outcome(&text) {
            Ok(_) => answered += 1,
            Err(refusal) => {
                refused += 1;
                assert_located(&refusal, &text);
            }
        }
    }
    say(&format!("broken files of scores: {answered} answered, {refused} refused by their field or line"));
    assert!(answered > 50 && refused > 100);
}

#[test]
fn numbers_of_any_size_are_counted_or_refused() {
    let file = |budget: &str, cost: &str, points: &str| {
        format!(
            "META\nkey;value\nbudget;{budget}\nvote_type;scoring\nPROJECTS\nproject_id;cost\na;{cost}\nb;{cost}\nVOTES\nvoter_id;vote;points\n1;a,b;{points},1\n2;b;2\n3;;\n"
        )
    };
    let long = "9".repeat(30);
    let tiny = format!("0.{}1", "0".repeat(28));
    let sizes = [
        "0",
        "1",
        "7.25",
        &long,
        &tiny,
        "1000000000000000000000000000000",
        "123456789012345678",
        "0.000000000000000001",
    ];
    let mut answered = 0;
    for budget in sizes {
        for cost in sizes {
            for points in sizes {
                for completion in [Completion::Add1u, Completion::None] {
                    match outcome(&file(budget, cost, points), Rule::EqualShares, completion) {
                        Ok(_) => answered += 1,
                        Err(refusal) => assert_located(&refusal, budget),
                    }
                }
            }
        }
    }
    assert!(answered > 200, "{answered}");
}

#[test]
fn depth_and_length_are_bounded() {
    for opening in ["[", "{\"reviews\":", "{\"criteria\":[{\"id\":"] {
        let refusal = scoring::outcome(&opening.repeat(200_000)).unwrap_err();
        assert_located(&refusal, opening);
    }
    let key = "k\n".repeat(1_000_000);
    assert_located(&scoring::outcome(&serde_json::json!({ key.clone(): 1 }).to_string()).unwrap_err(), "a long key");
    assert_located(&voting::outcome(&key, Rule::Greedy, Completion::None).unwrap_err(), "a long file");
    assert_located(&voting::outcome(&"\"".repeat(1_000_001), Rule::Greedy, Completion::None).unwrap_err(), "quotes");
    assert_located(&voting::outcome(&";".repeat(1_000_000), Rule::Greedy, Completion::None).unwrap_err(), "blank");
}
