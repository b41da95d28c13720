//! Words: both languages hold the same keys, every key is used, every key that is used is written.

use crate::sources::{Source, after, literals, under};
use std::collections::{BTreeMap, BTreeSet};
use tributary::app::lifecycles;

const LANGUAGES: [&str; 2] = ["en", "zh-CN"];

/// Keys of a language with the file each stands in.
fn keys(language: &str) -> Vec<(String, String)> {
    let files = under(&format!("locales/{language}"), &[".ftl"]);
    let of = |file: &Source| {
        let key = |line: &str| line.split_once(" =").map(|(key, _)| key.to_owned());
        let lines = file.text.lines().filter(|line| !line.starts_with([' ', '#', '}', '[', '*', '-']));
        lines.filter_map(key).map(|key| (key, file.path.clone())).collect::<Vec<_>>()
    };
    files.iter().flat_map(of).collect()
}

/// Every key.
pub fn known() -> BTreeSet<String> {
    keys("en").into_iter().map(|(key, _)| key).collect()
}

#[test]
fn both_languages_hold_the_same_keys_once() {
    let mut wrong = Vec::new();
    let mut sets = Vec::new();
    for language in LANGUAGES {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for (key, file) in keys(language) {
            if let Some(first) = seen.insert(key.clone(), file.clone()) {
                wrong.push(format!("{key}: in {first} and again in {file}"));
            }
        }
        sets.push(seen);
    }
    for (one, other, language) in [(0, 1, "zh-CN"), (1, 0, "en")] {
        for (key, file) in &sets[one] {
            if !sets[other].contains_key(key) {
                wrong.push(format!("{key} of {file} is missing in {language}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn rust() -> Vec<Source> {
    under("src", &[".rs"])
}

fn templates() -> Vec<Source> {
    under("templates", &[".html", ".txt"])
}

/// Whether a text looks like a key: words of small letters joined by hyphens.
fn is_key(text: &str) -> bool {
    text.contains('-')
        && !text.ends_with('-')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
}

#[test]
fn every_key_that_is_used_is_written() {
    let known = known();
    let mut missing = BTreeSet::new();
    let mut ask = |key: String, file: &Source| {
        if is_key(&key) && !known.contains(&key) {
            missing.insert(format!("{}: {key}", file.path));
        }
    };
    for file in rust() {
        let code = file.code_text();
        for opening in [".t(", "t_with(", "t_count("] {
            after(&code, opening).into_iter().for_each(|key| ask(key, &file));
        }
        for literal in literals(&code) {
            let coded = ["refused-", "forbidden-", "notice-"].iter().any(|prefix| literal.starts_with(prefix));
            if coded {
                ask(literal, &file);
            }
        }
        for name in after(&code, "Act::new(context, ") {
            for part in ["title", "text", "button"] {
                ask(format!("act-{name}-{part}"), &file);
            }
        }
        for (name, labelled) in asked_fields(&code) {
            if !labelled && !file.path.ends_with("web/sheet.rs") {
                ask(format!("field-{}", name.replace(['_', '.'], "-")), &file);
            }
        }
        for name in letter_names(&code) {
            ask(format!("mail-{name}-subject"), &file);
            ask(format!("mail-{name}-text"), &file);
        }
    }
    for file in templates() {
        after(&file.text, "t(key=").into_iter().for_each(|key| ask(key, &file));
    }
    assert!(missing.is_empty(), "used and not written:\n{}", missing.into_iter().collect::<Vec<_>>().join("\n"));
}

/// Fields that acts ask for, and whether they have a label of their own.
fn asked_fields(code: &str) -> Vec<(String, bool)> {
    let mut fields = Vec::new();
    for opening in [".ask(", ".ask_money(", ".ask_choice("] {
        for (at, _) in code.match_indices(opening) {
            let rest = &code[at + opening.len()..];
            let own = &rest[..rest.find(".ask").unwrap_or(rest.len())];
            // The name is the last argument that counts: after the context, and after the kind where one is given.
            let place = if opening == ".ask(" { 2 } else { 1 };
            let name =
                own.split(',').nth(place).and_then(|argument| argument.trim().strip_prefix('"')?.split_once('"'));
            let plain = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || "_.0123456789".contains(c));
            if let Some(name) = name.map(|(name, _)| name).filter(plain) {
                fields.push((name.to_owned(), own.contains(".labelled(")));
            }
        }
    }
    fields
}

/// Names of letters: the first literal after a call of `letters::to_…`.
fn letter_names(code: &str) -> Vec<String> {
    code.match_indices("letters::to_")
        .filter_map(|(at, _)| {
            let call = &code[at..code[at..].find(';').map_or(code.len(), |end| at + end)];
            call.split('"')
                .nth(1)
                .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
                .map(str::to_owned)
        })
        .collect()
}

/// How keys are made from words: `stage-{lifecycle}-{stage}` and the like, with the words they may take.
struct Families {
    patterns: Vec<Vec<String>>,
    words: BTreeSet<String>,
}

impl Families {
    fn read() -> Self {
        let mut words = BTreeSet::new();
        let mut patterns = BTreeSet::new();
        for file in rust().iter().chain(&under("entities/src/kinds", &[".rs"])) {
            let code = file.code_text();
            for literal in literals(&code) {
                // Fields `title_zh` and rows `budget.0.head` are labelled with hyphens.
                words.insert(literal.replace(['_', '.'], "-").to_lowercase());
                words.insert(literal.clone());
                let fixed: String = literal.chars().take_while(|c| *c != '{').collect();
                if literal.contains('{') && fixed.len() > 2 && fixed.ends_with('-') {
                    patterns.insert(literal);
                }
            }
            let openings = ["Choice::words(context, ", "Choice::words(by, ", "act_links(context, "];
            for prefix in openings.iter().flat_map(|opening| after(&code, opening)) {
                patterns.insert(format!("{prefix}-{{}}"));
                patterns.insert(format!("act-{prefix}-{{}}-button"));
            }
            // Code of a lifecycle that is handed over by name: history(context, "need", …), stage_text(context, "need", …).
            for name in after(&code, "stage_text(context, ") {
                patterns.insert(format!("stage-{name}-{{}}"));
                patterns.insert(format!("staff-{name}-{{}}"));
            }
            for name in after(&code, "history(context, ") {
                patterns.insert(format!("did-{name}-{{}}"));
            }
        }
        patterns.extend(
            [
                "stage-{}-{}",
                "staff-{}-{}",
                "did-{}-{}",
                "act-{}-title",
                "act-{}-text",
                "act-{}-button",
                "field-{}",
                "mail-{}-subject",
                "mail-{}-text",
            ]
            .map(str::to_owned),
        );
        let split = |pattern: String| {
            let mut pieces = vec![String::new()];
            let mut inside = false;
            for c in pattern.chars() {
                match c {
                    '{' => inside = true,
                    '}' => {
                        inside = false;
                        pieces.push(String::new());
                    }
                    c if !inside => pieces.last_mut().unwrap().push(c),
                    _ => {}
                }
            }
            pieces
        };
        Self { patterns: patterns.into_iter().map(split).collect(), words }
    }

    /// Whether a text is a word of the sources, or made by a pattern from such words.
    fn makes(&self, text: &str, depth: u8) -> bool {
        self.words.contains(text)
            || (depth < 4
                && self.patterns.iter().any(|pattern| {
                    text.strip_prefix(pattern[0].as_str()).is_some_and(|rest| self.fills(rest, &pattern[1..], depth))
                }))
    }

    fn fills(&self, text: &str, pieces: &[String], depth: u8) -> bool {
        let Some((piece, later)) = pieces.split_first() else { return text.is_empty() };
        (1..=text.len()).filter(|end| text.is_char_boundary(*end)).any(|end| {
            let (word, rest) = text.split_at(end);
            rest.strip_prefix(piece.as_str()).is_some_and(|rest| {
                (!later.is_empty() || rest.is_empty()) && self.makes(word, depth + 1) && self.fills(rest, later, depth)
            })
        })
    }
}

/// The vocabulary that `common.ftl` offers to every room: labels and heads that no room has to write again.
fn offered(key: &str, file: &str) -> bool {
    file.ends_with("/common.ftl")
        && (key.starts_with("field-") || key.starts_with("head-") || matches!(key, "late" | "work-title"))
}

#[test]
fn every_key_that_is_written_is_used() {
    let families = Families::read();
    let in_templates: BTreeSet<String> = templates().iter().flat_map(|file| after(&file.text, "key=")).collect();
    let unused: Vec<String> = keys("en")
        .into_iter()
        .filter(|(key, file)| !offered(key, file) && !in_templates.contains(key) && !families.makes(key, 0))
        .map(|(key, file)| format!("{file}: {key}"))
        .collect();
    assert!(unused.is_empty(), "written and not used:\n{}", unused.join("\n"));
}

#[test]
fn every_stage_and_act_of_every_lifecycle_has_its_words() {
    let known = known();
    let mut missing = Vec::new();
    for page in lifecycles() {
        let name = page.lines().next().unwrap().trim_start_matches("## ").to_owned();
        let rows = page.lines().filter(|line| line.starts_with("| `"));
        for cells in rows
            .map(|line| line.split(" | ").map(|cell| cell.trim_matches(['|', ' ', '`']).to_owned()).collect::<Vec<_>>())
        {
            for stage in [&cells[0], &cells[2]] {
                missing.push(format!("stage-{name}-{stage}"));
            }
            // An owner's consent is told in the history of its need, a membership's end in that of its organisation.
            let did = match name.as_str() {
                "consent" => format!("did-need-consent-{}", cells[1]),
                // Another organisation's part in a bid is told in the history of the bid.
                "side" => format!("did-application-{}-side", cells[1]),
                "membership" => format!("did-organisation-{}", cells[1]),
                _ => format!("did-{name}-{}", cells[1]),
            };
            missing.push(did);
        }
    }
    missing.retain(|key| !known.contains(key));
    missing.sort();
    missing.dedup();
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}
