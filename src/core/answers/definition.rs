//! Whether a definition can be asked at all: ids, limits, conditions; every error says where it stands.

use super::*;

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

pub(super) fn number_range(min: Option<i64>, max: Option<i64>) -> (i64, i64) {
    (min.unwrap_or(-MAX_NUMBER), max.unwrap_or(MAX_NUMBER))
}
