//! The house's own text, for the tests that read it: sources, templates, locales.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A file of the house, by its path from the root.
#[derive(Clone)]
pub struct Source {
    pub path: String,
    pub text: String,
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under a folder with one of these endings.
pub fn under(folder: &str, endings: &[&str]) -> Vec<Source> {
    let mut files = Vec::new();
    collect(&root().join(folder), endings, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!files.is_empty(), "{folder} is empty");
    files
}

fn collect(folder: &Path, endings: &[&str], files: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, endings, files);
        } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            files.push(Source { path: name, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
}

impl Source {
    /// Lines of code with their numbers: comments left out, and the tests at the end of the file.
    pub fn code(&self) -> Vec<(usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(number, line)| (number + 1, line));
        // Tests of a file of their own are named above the code; those at the end of it open a block.
        let tests_begin = self.text.find("#[cfg(test)]\nmod tests {").unwrap_or(self.text.len());
        let end = if self.path.ends_with("/tests.rs") { 0 } else { self.text[..tests_begin].lines().count() };
        lines.take(end).filter(|(_, line)| !line.trim_start().starts_with("//")).collect()
    }

    /// The code as one text.
    pub fn code_text(&self) -> String {
        self.code().into_iter().map(|(_, line)| format!("{line}\n")).collect()
    }
}

/// Every text between quotes that stands on one line.
pub fn literals(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in code.lines() {
        let mut rest = line;
        while let Some(start) = rest.find('"') {
            let after = &rest[start + 1..];
            let Some(end) = after.find('"') else { break };
            found.insert(after[..end].to_owned());
            rest = &after[end + 1..];
        }
    }
    found
}

/// The literals that stand first after `opening`, blanks skipped: `after(code, ".t(")` finds the keys of `.t("…")`.
pub fn after(code: &str, opening: &str) -> Vec<String> {
    code.match_indices(opening)
        .filter_map(|(at, _)| {
            let rest = code[at + opening.len()..].trim_start().strip_prefix('"')?;
            rest.split_once('"').map(|(text, _)| text.to_owned())
        })
        .collect()
}
