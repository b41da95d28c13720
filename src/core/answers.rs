//! Forms and answers: what a call asks, and what an applicant wrote.
//!
//! Owns the definition of a form (versioned JSON; a call keeps the version it opened with), its limits, and
//! what is wrong with a set of answers. It owns no pages and no storage. A question that is not shown is
//! neither required nor checked, so what was typed before a choice changed does no harm.
//!
//! To add a kind of question: a variant of [`Kind`], its limits in `check_kind`, its answer in `check_value`,
//! and its control in the form templates.

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

/// Everything that breaks a limit in a definition, in order of appearance; empty if it may be used.
#[must_use]
pub fn validate_definition(definition: &FormDefinition) -> Vec<DefinitionError> {
    let mut review = DefinitionReview::default();
    review.refuse_if(definition.version == 0, "/version", "form-version");
    review.count(definition.sections.len(), 1, MAX_SECTIONS, "/sections");
    let asked = definition.sections.iter().map(|section| section.questions.len()).sum();
    review.count(asked, 1, MAX_QUESTIONS, "/sections");
    let mut sections = BTreeSet::new();
    for (place, section) in definition.sections.iter().enumerate() {
        let path = format!("/sections/{place}");
        review.id(&section.id, &mut sections, &path);
        review.words(&section.title, &format!("{path}/title"));
        review.optional_words(section.help.as_ref(), &format!("{path}/help"));
        for (place, question) in section.questions.iter().enumerate() {
            review.question(question, &format!("{path}/questions/{place}"));
        }
    }
    review.errors
}

#[derive(Default)]
struct DefinitionReview<'a> {
    errors: Vec<DefinitionError>,
    /// Questions so far.
    known: BTreeSet<&'a str>,
    /// Options of the choices so far.
    choices: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> DefinitionReview<'a> {
    fn refuse_if(&mut self, wrong: bool, path: &str, code: &'static str) {
        if wrong {
            self.errors.push(DefinitionError { path: path.to_owned(), code });
        }
    }

    fn count(&mut self, count: usize, least: usize, most: usize, path: &str) {
        self.refuse_if(!(least..=most).contains(&count), path, "form-count");
    }

    fn id(&mut self, id: &'a str, known: &mut BTreeSet<&'a str>, parent: &str) {
        let path = format!("{parent}/id");
        self.refuse_if(!is_id(id), &path, "form-id");
        self.refuse_if(!known.insert(id), &path, "form-id-twice");
    }

    fn words(&mut self, words: &Bilingual, path: &str) {
        for (language, text) in [("en", &words.en), ("zh", &words.zh)] {
            let path = format!("{path}/{language}");
            self.refuse_if(text.trim().is_empty(), &path, "form-words-empty");
            self.refuse_if(text.chars().count() > MAX_WORDS, &path, "form-words-long");
        }
    }

    fn optional_words(&mut self, words: Option<&Bilingual>, path: &str) {
        if let Some(words) = words {
            self.words(words, path);
        }
    }

    fn question(&mut self, question: &'a Question, path: &str) {
        let mut known = std::mem::take(&mut self.known);
        self.id(&question.id, &mut known, path);
        self.known = known;
        self.words(&question.label, &format!("{path}/label"));
        self.optional_words(question.hint.as_ref(), &format!("{path}/hint"));
        if let Some(condition) = &question.show_if {
            // Only earlier questions are known here, so conditions cannot go round in a circle.
            let options = self.choices.get(condition.question.as_str()).cloned();
            self.refuse_if(options.is_none(), &format!("{path}/show_if/question"), "form-condition-question");
            let unknown = options.is_some_and(|options| !options.contains(&condition.equals.as_str()));
            self.refuse_if(unknown, &format!("{path}/show_if/equals"), "form-condition-option");
        }
        self.kind(&question.kind, &format!("{path}/kind"), false);
        if let Kind::Choice { options, .. } = &question.kind {
            let options = options.iter().map(|option| option.id.as_str()).collect();
            self.choices.insert(&question.id, options);
        }
    }

    fn kind(&mut self, kind: &'a Kind, path: &str, in_table: bool) {
        match kind {
            Kind::Text { max } => self.limit(*max, MAX_TEXT, &format!("{path}/max")),
            Kind::LongText { max } => self.limit(*max, MAX_LONG_TEXT, &format!("{path}/max")),
            Kind::Number { min, max } => {
                let (min, max) = number_range(*min, *max);
                let outside = min < -MAX_NUMBER || max > MAX_NUMBER || min > max;
                self.refuse_if(outside, path, "form-number-range");
            }
            Kind::Money {} | Kind::Date { .. } => {}
            Kind::File {} => self.refuse_if(in_table, path, "form-nested"),
            Kind::Choice { options, .. } => self.options(options, path),
            Kind::Table { .. } if in_table => self.refuse_if(true, path, "form-nested"),
            Kind::Table { columns, max_rows } => {
                self.limit(*max_rows, MAX_ROWS, &format!("{path}/max_rows"));
                self.columns(columns, path);
            }
        }
    }

    fn limit(&mut self, limit: u32, most: u32, path: &str) {
        self.refuse_if(!(1..=most).contains(&limit), path, "form-limit");
    }

    fn options(&mut self, options: &'a [ChoiceOption], path: &str) {
        self.count(options.len(), 1, MAX_OPTIONS, &format!("{path}/options"));
        let mut known = BTreeSet::new();
        for (place, option) in options.iter().enumerate() {
            let path = format!("{path}/options/{place}");
            self.id(&option.id, &mut known, &path);
            self.words(&option.label, &format!("{path}/label"));
        }
    }

    fn columns(&mut self, columns: &'a [Column], path: &str) {
        self.count(columns.len(), 1, MAX_COLUMNS, &format!("{path}/columns"));
        let mut known = BTreeSet::new();
        for (place, column) in columns.iter().enumerate() {
            let path = format!("{path}/columns/{place}");
            self.id(&column.id, &mut known, &path);
            self.words(&column.label, &format!("{path}/label"));
            self.kind(&column.kind, &format!("{path}/kind"), true);
        }
    }
}

/// Lower-case letters, digits and `-`: safe as a key, a form field and a column of an export.
fn is_id(id: &str) -> bool {
    let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
    (1..=MAX_ID).contains(&id.len()) && id.chars().all(plain)
}

fn number_range(min: Option<i64>, max: Option<i64>) -> (i64, i64) {
    (min.unwrap_or(-MAX_NUMBER), max.unwrap_or(MAX_NUMBER))
}

/// The questions that are shown for these answers, in order.
#[must_use]
pub fn shown<'a>(definition: &'a FormDefinition, answers: &Answers) -> Vec<&'a Question> {
    let mut visible = BTreeSet::new();
    let mut questions = Vec::new();
    for question in definition.sections.iter().flat_map(|section| &section.questions) {
        let holds = |condition: &Condition| visible.contains(condition.question.as_str()) && chose(answers, condition);
        if question.show_if.as_ref().is_none_or(holds) {
            visible.insert(question.id.as_str());
            questions.push(question);
        }
    }
    questions
}

fn chose(answers: &Answers, condition: &Condition) -> bool {
    match answers.0.get(&condition.question) {
        Some(Value::String(option)) => *option == condition.equals,
        Some(Value::Array(options)) => options.iter().any(|option| option.as_str() == Some(&condition.equals)),
        _ => false,
    }
}

/// Everything that stands between these answers and submission, in order of appearance.
///
/// An answer to a question the form does not have comes last, as `answer-unknown`. `today` is the day in the
/// foundation's zone. A draft may be saved with any of these.
#[must_use]
pub fn check_answers(definition: &FormDefinition, answers: &Answers, today: NaiveDate) -> Vec<Problem> {
    let mut problems = Vec::new();
    for question in shown(definition, answers) {
        let answer = answers.0.get(&question.id).filter(|answer| !is_blank(answer));
        match answer {
            None if question.required => problems.push(problem(question, refusal("answer-required"))),
            None => {}
            Some(answer) => {
                let faults = check_value(&question.kind, answer, today);
                problems.extend(faults.into_iter().map(|fault| problem(question, fault)));
            }
        }
    }
    let questions = definition.sections.iter().flat_map(|section| &section.questions);
    let known: BTreeSet<&str> = questions.map(|question| question.id.as_str()).collect();
    let strangers = answers.0.keys().filter(|id| !known.contains(id.as_str()));
    problems.extend(strangers.map(|id| Problem { question: id.clone(), code: "answer-unknown", args: Vec::new() }));
    problems
}

/// Whether these answers may be submitted.
#[must_use]
pub fn is_complete(definition: &FormDefinition, answers: &Answers, today: NaiveDate) -> bool {
    check_answers(definition, answers, today).is_empty()
}

/// A code and its arguments.
type Fault = (&'static str, Vec<(String, String)>);

fn refusal(code: &'static str) -> Fault {
    (code, Vec::new())
}

fn bounded(code: &'static str, name: &str, bound: impl ToString) -> Fault {
    (code, vec![(name.to_owned(), bound.to_string())])
}

fn problem(question: &Question, (code, args): Fault) -> Problem {
    Problem { question: question.id.clone(), code, args }
}

fn is_blank(answer: &Value) -> bool {
    match answer {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

fn check_value(kind: &Kind, answer: &Value, today: NaiveDate) -> Vec<Fault> {
    if let Kind::Table { columns, max_rows } = kind {
        return check_rows(columns, *max_rows, answer, today);
    }
    let outcome = match kind {
        Kind::Text { max } | Kind::LongText { max } => check_text(answer, *max),
        Kind::Number { min, max } => check_number(answer, number_range(*min, *max)),
        Kind::Money {} => check_money(answer),
        Kind::Date { from_today } => check_date(answer, from_today.then_some(today)),
        Kind::Choice { options, many } => check_choice(answer, options, *many),
        Kind::Table { .. } => Ok(()),
        Kind::File {} => check_text(answer, u32::try_from(MAX_ID).unwrap_or(u32::MAX)),
    };
    outcome.err().into_iter().collect()
}

fn check_text(answer: &Value, max: u32) -> Result<(), Fault> {
    let text = answer.as_str().ok_or(refusal("answer-kind"))?;
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    if length > max {
        return Err(bounded("answer-too-long", "max", max));
    }
    Ok(())
}

fn check_number(answer: &Value, (min, max): (i64, i64)) -> Result<(), Fault> {
    let number = answer.as_i64().ok_or(refusal("answer-kind"))?;
    if number < min {
        return Err(bounded("answer-too-small", "min", min));
    }
    if number > max {
        return Err(bounded("answer-too-large", "max", max));
    }
    Ok(())
}

fn check_money(answer: &Value) -> Result<(), Fault> {
    let money = Money::deserialize(answer).map_err(|_| refusal("answer-kind"))?;
    if money.minor < 0 {
        return Err(refusal("money-negative"));
    }
    if money.minor > MAX_MINOR {
        return Err(refusal("money-too-large"));
    }
    Ok(())
}

fn check_date(answer: &Value, earliest: Option<NaiveDate>) -> Result<(), Fault> {
    let text = answer.as_str().ok_or(refusal("answer-kind"))?;
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| refusal("answer-date"))?;
    match earliest {
        Some(today) if date < today => Err(bounded("answer-date-past", "today", today)),
        _ => Ok(()),
    }
}

fn check_choice(answer: &Value, options: &[ChoiceOption], many: bool) -> Result<(), Fault> {
    let chosen: Vec<&Value> = match answer {
        Value::Array(list) if many => list.iter().collect(),
        Value::String(_) if !many => vec![answer],
        _ => return Err(refusal("answer-kind")),
    };
    let mut known: BTreeSet<&str> = options.iter().map(|option| option.id.as_str()).collect();
    for option in chosen {
        // Taken out when met, so an option chosen twice is refused like an unknown one.
        if !option.as_str().is_some_and(|option| known.remove(option)) {
            return Err(refusal("answer-option"));
        }
    }
    Ok(())
}

fn check_rows(columns: &[Column], max_rows: u32, answer: &Value, today: NaiveDate) -> Vec<Fault> {
    let Some(rows) = answer.as_array() else {
        return vec![refusal("answer-kind")];
    };
    if u32::try_from(rows.len()).unwrap_or(u32::MAX) > max_rows {
        return vec![bounded("answer-too-many-rows", "max", max_rows)];
    }
    let mut faults = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let located = |(code, mut args): Fault, column: &str| -> Fault {
            args.push(("row".to_owned(), (place + 1).to_string()));
            args.push(("column".to_owned(), column.to_owned()));
            (code, args)
        };
        let Some(cells) = row.as_object() else {
            faults.push(located(refusal("answer-kind"), ""));
            continue;
        };
        for (column, fault) in check_cells(columns, cells, today) {
            faults.push(located(fault, column));
        }
    }
    faults
}

fn check_cells<'a>(columns: &'a [Column], cells: &'a Map<String, Value>, today: NaiveDate) -> Vec<(&'a str, Fault)> {
    let mut faults = Vec::new();
    for column in columns {
        match cells.get(&column.id).filter(|cell| !is_blank(cell)) {
            None if column.required => faults.push((column.id.as_str(), refusal("answer-required"))),
            None => {}
            Some(cell) => {
                let found = check_value(&column.kind, cell, today);
                faults.extend(found.into_iter().map(|fault| (column.id.as_str(), fault)));
            }
        }
    }
    let known: BTreeSet<&str> = columns.iter().map(|column| column.id.as_str()).collect();
    let strangers = cells.keys().filter(|id| !known.contains(id.as_str()));
    faults.extend(strangers.map(|id| (id.as_str(), refusal("answer-unknown"))));
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn words() -> Value {
        json!({"en": "Site", "zh": "地点"})
    }

    fn question(id: &str, kind: &Value) -> Value {
        json!({"id": id, "label": words(), "kind": kind})
    }

    fn form() -> FormDefinition {
        let options = json!([{"id": "yes", "label": words()}, {"id": "no", "label": words()}]);
        let columns = json!([
            {"id": "item", "label": words(), "kind": {"type": "text", "max": 5}, "required": true},
            {"id": "cost", "label": words(), "kind": {"type": "money"}},
        ]);
        let mut questions = vec![
            question("name", &json!({"type": "text", "max": 10})),
            question("hosted", &json!({"type": "choice", "options": options})),
            question("host", &json!({"type": "long-text", "max": 100})),
            question("people", &json!({"type": "number", "min": 1, "max": 9})),
            question("ask", &json!({"type": "money"})),
            question("start", &json!({"type": "date", "from_today": true})),
            question("goals", &json!({"type": "choice", "options": options, "many": true})),
            question("lines", &json!({"type": "table", "columns": columns, "max_rows": 2})),
            question("plan", &json!({"type": "file"})),
        ];
        questions[0]["required"] = json!(true);
        questions[2]["required"] = json!(true);
        questions[2]["show_if"] = json!({"question": "hosted", "equals": "yes"});
        let section = json!({"id": "about", "title": words(), "help": words(), "questions": questions});
        serde_json::from_value(json!({"version": 1, "sections": [section]})).unwrap()
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()
    }

    fn codes(answers: Value) -> Vec<(String, &'static str)> {
        let answers: Answers = serde_json::from_value(answers).unwrap();
        let problems = check_answers(&form(), &answers, today());
        problems.into_iter().map(|problem| (problem.question, problem.code)).collect()
    }

    #[test]
    fn full_answers_are_complete() {
        let answers = json!({"name": "航中街背街小巷微更新", "hosted": "no", "people": 9, "start": "2026-03-01",
            "ask": {"minor": 8_300_000, "currency": "CNY"}, "goals": ["no", "yes"], "plan": "17",
            "lines": [{"item": "paint", "cost": {"minor": 1, "currency": "CNY"}}, {"item": "wall", "cost": null}]});
        assert_eq!(codes(answers.clone()), []);
        assert!(is_complete(&form(), &serde_json::from_value(answers).unwrap(), today()));
        assert_eq!(validate_definition(&form()), []);
    }

    #[test]
    fn a_question_counts_only_while_it_is_shown() {
        assert_eq!(codes(json!({"name": "x", "hosted": "yes"})), [("host".into(), "answer-required")]);
        assert_eq!(codes(json!({"name": "x", "hosted": "no", "host": 5})), []);
        assert_eq!(codes(json!({"name": "  "})), [("name".into(), "answer-required")]);
        assert_eq!(shown(&form(), &Answers::default()).len(), 8);
    }

    #[test]
    fn each_kind_refuses_what_it_is_not() {
        let refused = [
            ("people", json!(0), "answer-too-small"),
            ("people", json!(10), "answer-too-large"),
            ("people", json!(1.5), "answer-kind"),
            ("people", json!("5"), "answer-kind"),
            ("ask", json!({"minor": -1, "currency": "CNY"}), "money-negative"),
            ("ask", json!({"minor": i64::MAX, "currency": "CNY"}), "money-too-large"),
            ("ask", json!({"minor": 1, "currency": "XYZ"}), "answer-kind"),
            ("start", json!("2026-02-28"), "answer-date-past"),
            ("start", json!("2026-02-30"), "answer-date"),
            ("hosted", json!(["no"]), "answer-kind"),
            ("hosted", json!("maybe"), "answer-option"),
            ("goals", json!("yes"), "answer-kind"),
            ("goals", json!(["yes", "yes"]), "answer-option"),
            ("plan", json!(17), "answer-kind"),
            ("lines", json!("x"), "answer-kind"),
            ("lines", json!([1]), "answer-kind"),
            ("lines", json!([{}, {}, {}]), "answer-too-many-rows"),
            ("stranger", json!(1), "answer-unknown"),
        ];
        for (id, answer, code) in refused {
            let mut answers = json!({"name": "x"});
            answers[id] = answer;
            assert_eq!(codes(answers), [(id.to_owned(), code)]);
        }
        assert_eq!(codes(json!({"name": "12345678901"})), [("name".into(), "answer-too-long")]);
    }

    #[test]
    fn a_fault_in_a_table_is_located() {
        let answers =
            json!({"name": "x", "lines": [{"item": "wall"}, {"cost": {"minor": 1, "currency": "CNY"}, "note": 1}]});
        let problems = check_answers(&form(), &serde_json::from_value(answers).unwrap(), today());
        let places: Vec<(&str, &str, &str)> = problems
            .iter()
            .map(|problem| (problem.code, problem.args[0].1.as_str(), problem.args[1].1.as_str()))
            .collect();
        assert_eq!(places, [("answer-required", "2", "item"), ("answer-unknown", "2", "note")]);
    }

    #[test]
    fn a_definition_is_refused_at_its_place() {
        let refused = |change: fn(&mut FormDefinition)| {
            let mut form = form();
            change(&mut form);
            let errors = validate_definition(&form);
            errors.into_iter().map(|error| error.to_string()).collect::<Vec<_>>()
        };
        let asked = "/sections/0/questions";
        assert_eq!(refused(|form| form.version = 0), ["/version: form-version"]);
        assert_eq!(refused(|form| form.sections.clear()), ["/sections: form-count", "/sections: form-count"]);
        assert_eq!(refused(|form| form.sections[0].title.zh = " ".into()), ["/sections/0/title/zh: form-words-empty"]);
        assert_eq!(refused(|form| form.sections[0].questions[4].id = "Ask".into()), [format!("{asked}/4/id: form-id")]);
        assert_eq!(
            refused(|form| form.sections[0].questions[4].id = "name".into()),
            [format!("{asked}/4/id: form-id-twice")]
        );
        assert_eq!(
            refused(|form| form.sections[0].questions[0].kind = Kind::Text { max: 501 }),
            [format!("{asked}/0/kind/max: form-limit")]
        );
        assert_eq!(
            refused(|form| form.sections[0].questions[3].kind = Kind::Number { min: Some(2), max: Some(1) }),
            [format!("{asked}/3/kind: form-number-range")]
        );
        let itself = Some(Condition { question: "hosted".into(), equals: "yes".into() });
        let mut form = form();
        form.sections[0].questions[1].show_if = itself;
        assert_eq!(validate_definition(&form)[0].path, format!("{asked}/1/show_if/question"));
        form.sections[0].questions[1].show_if = None;
        form.sections[0].questions[2].show_if = Some(Condition { question: "hosted".into(), equals: "perhaps".into() });
        assert_eq!(validate_definition(&form)[0].path, format!("{asked}/2/show_if/equals"));
        if let Kind::Table { columns, .. } = &mut form.sections[0].questions[7].kind {
            columns[0].kind = Kind::File {};
        }
        assert_eq!(validate_definition(&form)[1].path, format!("{asked}/7/kind/columns/0/kind"));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "(yes|no|2026-03-0[1-9]|\\PC{0,12})".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            let list = prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from);
            let keys = prop::sample::select(vec!["item", "cost", "minor", "currency", "x"]);
            let map = prop::collection::btree_map(keys.prop_map(str::to_owned), inner, 0..4);
            prop_oneof![list, map.prop_map(|map| Value::from(Map::from_iter(map)))]
        })
    }

    proptest! {
        #[test]
        fn no_answer_is_a_panic(answers in prop::collection::vec(any_json(), 9)) {
            let ids = ["name", "hosted", "host", "people", "ask", "start", "goals", "lines", "plan"];
            let answers = Answers(ids.iter().map(|id| (*id).to_owned()).zip(answers).collect());
            let problems = check_answers(&form(), &answers, today());
            prop_assert_eq!(problems.is_empty(), is_complete(&form(), &answers, today()));
        }
    }
}
