//! Forms and answers: what a call asks, and what an applicant wrote.
//!
//! Owns the definition of a form (versioned JSON; a call keeps the version it opened with), its limits, and
//! what is wrong with a set of answers. It owns no pages and no storage. A question that is not shown is
//! neither required nor checked, so what was typed before a choice changed does no harm.
//!
//! To add a kind of question: a variant of [`Kind`], its limits in `definition`, its answer in `check_value`, what a browser is
//! told in `control`, its word in `import`, and its control in `grants::forms`.

mod check;
mod control;
mod definition;
mod editing;
mod identity;
mod import;
#[cfg(test)]
mod tests;

pub use check::{check_answers, is_complete, shown};
pub use control::{Limits, is_shown, limits, plain_lines, whole_number};
pub use definition::validate_definition;
pub use editing::{Edit, draft_faults, edited, fresh_id};
pub use identity::identifying;
pub use import::{MAX_FILE, Unreadable, export, import, read};

use crate::core::money::{MAX_MINOR, Money};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Sections of a form: the table of contents fits a phone.
pub const MAX_SECTIONS: usize = 30;
/// Questions of a form: beyond this nobody finishes it.
pub const MAX_QUESTIONS: usize = 200;
/// Characters of an id: it is also a key in exports and a name in pages.
pub const MAX_ID: usize = 60;
/// Characters of a title, label, help or hint.
pub const MAX_WORDS: usize = 2_000;
/// Characters a short text may allow: a line of a table in print.
pub const MAX_TEXT: u32 = 500;
/// Characters a long text may allow: about ten printed pages.
pub const MAX_LONG_TEXT: u32 = 20_000;
/// Options of a choice: beyond this it is a search, not a choice.
pub const MAX_OPTIONS: usize = 100;
/// Columns of a table: what a printed page holds.
pub const MAX_COLUMNS: usize = 12;
/// Rows a table may allow: answers stay small enough to save as one piece.
pub const MAX_ROWS: u32 = 200;
/// Largest number asked for, either side of zero: what every spreadsheet and browser keeps exactly.
pub const MAX_NUMBER: i64 = 1_000_000_000_000_000;

/// A form as a call shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormDefinition {
    /// Counts up with every change, from 1.
    pub version: u32,
    /// In order of appearance.
    pub sections: Vec<Section>,
}

/// A page of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Unique among sections.
    pub id: String,
    /// Heading.
    pub title: Bilingual,
    /// A paragraph under the heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Bilingual>,
    /// In order of appearance.
    pub questions: Vec<Question>,
}

/// Words in both languages of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// English.
    pub en: String,
    /// 简体中文.
    pub zh: String,
}

impl Bilingual {
    /// The words for a language tag: Chinese for `zh…`, else English.
    #[must_use]
    pub fn in_locale(&self, locale: &str) -> &str {
        if locale.starts_with("zh") { &self.zh } else { &self.en }
    }
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Unique in the whole form; the key of its answer.
    pub id: String,
    /// What is asked.
    pub label: Bilingual,
    /// A line under the label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Bilingual>,
    /// What an answer is.
    pub kind: Kind,
    /// Whether it must be answered when it is shown.
    #[serde(default)]
    pub required: bool,
    /// Shown only if an earlier choice was answered so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_if: Option<Condition>,
    /// Whether an answer tells who applies: reviewers of a blind call do not read it ([`identifying`]).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub identifying: bool,
}

/// A condition on an earlier choice: shown itself, and answered with this option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Id of an earlier choice.
    pub question: String,
    /// Id of one of its options.
    pub equals: String,
}

/// What an answer to a question is, in JSON as `{"type":"text","max":200}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Kind {
    /// One line; the answer is a string.
    Text {
        /// Characters, 1..=[`MAX_TEXT`].
        max: u32,
    },
    /// Several paragraphs; the answer is a string.
    LongText {
        /// Characters, 1..=[`MAX_LONG_TEXT`].
        max: u32,
    },
    /// A whole number; the answer is a JSON integer.
    Number {
        /// Smallest; none means `-`[`MAX_NUMBER`].
        #[serde(default)]
        min: Option<i64>,
        /// Largest; none means [`MAX_NUMBER`].
        #[serde(default)]
        max: Option<i64>,
    },
    /// An amount not below zero; the answer is a [`Money`].
    Money {},
    /// A day; the answer is `"2026-03-05"`.
    Date {
        /// Whether a day before today is refused.
        #[serde(default)]
        from_today: bool,
    },
    /// One option id, or a list of different ones if `many`.
    Choice {
        /// In order of appearance.
        options: Vec<ChoiceOption>,
        /// Whether several may be chosen.
        #[serde(default)]
        many: bool,
    },
    /// Rows; the answer is a list of objects from column id to cell.
    Table {
        /// In order of appearance.
        columns: Vec<Column>,
        /// Rows, 1..=[`MAX_ROWS`].
        max_rows: u32,
    },
    /// A file; the answer is the id of an uploaded document, as a string.
    File {},
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// Unique in its question.
    pub id: String,
    /// What is shown.
    pub label: Bilingual,
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Unique in its table.
    pub id: String,
    /// Heading.
    pub label: Bilingual,
    /// What a cell is; not a table and not a file.
    pub kind: Kind,
    /// Whether every row needs it.
    #[serde(default)]
    pub required: bool,
}

/// Where a definition breaks a limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {code}")]
pub struct DefinitionError {
    /// JSON pointer, such as `/sections/0/questions/2/kind/max`.
    pub path: String,
    /// Locale key.
    pub code: &'static str,
}

/// Answers by question id.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(pub BTreeMap<String, Value>);

/// What is wrong with one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Question id.
    pub question: String,
    /// Locale key.
    pub code: &'static str,
    /// Locale arguments; in a table also `row` (from 1) and `column` (id).
    pub args: Vec<(String, String)>,
}
