//! Texts that people write in one language or both.

use crate::error::Violation;
use entities::kinds::Locale;

/// The text in the reader's language, or the other one when it is missing.
pub fn pick(locale: Locale, zh: &str, en: &str) -> String {
    let (first, second) = match locale {
        Locale::ZhCn => (zh, en),
        Locale::En => (en, zh),
    };
    if first.is_empty() { second } else { first }.to_owned()
}

/// A name in both languages, either of which may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    /// Chinese, or `""`.
    pub zh: String,
    /// English, or `""`.
    pub en: String,
}

impl Name {
    /// The name in the reader's language, or the other one when it is missing.
    pub fn pick(&self, locale: Locale) -> String {
        pick(locale, &self.zh, &self.en)
    }
}

/// Longest title: fits a phone's screen in three lines.
pub const TITLE: usize = 120;
/// Longest paragraph: about two printed pages.
pub const PROSE: usize = 6_000;

/// Trims a text and checks that it is there and not too long, in characters.
pub fn required(violations: &mut Vec<Violation>, field: &str, text: &str, limit: usize) -> String {
    let text = optional(violations, field, text, limit);
    if text.is_empty() {
        violations.push(Violation::at(field, "refused-empty"));
    }
    text
}

/// Trims a text and checks that it is not too long, in characters, and has no control characters.
pub fn optional(violations: &mut Vec<Violation>, field: &str, text: &str, limit: usize) -> String {
    let text = text.trim();
    if text.chars().count() > limit {
        violations.push(Violation::at(field, "refused-too-long").with("limit", limit));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        violations.push(Violation::at(field, "refused-control-character"));
    }
    text.to_owned()
}

/// Answers the violations, if there are any.
///
/// # Errors
/// All of them at once.
pub fn all_well(violations: Vec<Violation>) -> crate::error::Result<()> {
    if violations.is_empty() { Ok(()) } else { Err(crate::error::Error::Refused(violations)) }
}
