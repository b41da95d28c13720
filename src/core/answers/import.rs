//! A definition as a file: written as JSON, and read back with the place of everything that is wrong.
//!
//! The reader walks the JSON by hand, because a derived one stops at the first fault and does not say where it stands.

use super::*;

/// Largest file: the longest form that the limits allow is about a tenth of it.
pub const MAX_FILE: usize = 4 * 1024 * 1024;
/// Faults that are named at once: whoever mends these sees the rest next time.
const MAX_FAULTS: usize = 50;

/// Why a file is no definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// Larger than [`MAX_FILE`].
    TooLarge,
    /// No JSON at all: where the reader stopped, both from 1.
    Syntax {
        /// Line.
        line: usize,
        /// Character of the line.
        column: usize,
    },
    /// JSON that is no definition: each fault at its place, at most fifty.
    Wrong(Vec<DefinitionError>),
}

/// The definition as a file that people can read.
#[must_use]
pub fn export(definition: &FormDefinition) -> String {
    // A definition has only text keys, so it can always be written.
    serde_json::to_string_pretty(definition).unwrap_or_default()
}

/// Reads a definition from a file.
///
/// # Errors
/// [`Unreadable`], with everything that is wrong at once.
pub fn import(text: &str) -> Result<FormDefinition, Unreadable> {
    if text.len() > MAX_FILE {
        return Err(Unreadable::TooLarge);
    }
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| Unreadable::Syntax { line: error.line(), column: error.column() })?;
    read(&value)
}

/// Reads a definition from JSON.
///
/// # Errors
/// [`Unreadable::Wrong`], with everything that is wrong at once.
pub fn read(value: &Value) -> Result<FormDefinition, Unreadable> {
    let mut reader = Reader::default();
    let definition = reader.definition(value);
    let mut faults = reader.faults;
    if faults.is_empty() {
        faults = validate_definition(&definition);
    }
    faults.truncate(MAX_FAULTS);
    if faults.is_empty() { Ok(definition) } else { Err(Unreadable::Wrong(faults)) }
}

/// A key as a JSON pointer writes it.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[derive(Default)]
struct Reader {
    faults: Vec<DefinitionError>,
}

impl Reader {
    fn wrong(&mut self, path: &str, code: &'static str) {
        self.faults.push(DefinitionError { path: path.to_owned(), code });
    }

    /// An object with no other keys than these; what is no object has none.
    fn object<'v>(&mut self, value: &'v Value, path: &str, keys: &[&str]) -> Option<&'v Map<String, Value>> {
        let Some(map) = value.as_object() else {
            self.wrong(path, "form-json-object");
            return None;
        };
        for key in map.keys().filter(|key| !keys.contains(&key.as_str())) {
            self.wrong(&format!("{path}/{}", escaped(key)), "form-json-unknown");
        }
        Some(map)
    }

    /// What stands under a key that must be there.
    fn at<'v>(&mut self, map: &'v Map<String, Value>, key: &str, path: &str) -> Option<&'v Value> {
        let found = map.get(key);
        if found.is_none() {
            self.wrong(&format!("{path}/{key}"), "form-json-missing");
        }
        found
    }

    fn text(&mut self, map: &Map<String, Value>, key: &str, path: &str) -> String {
        let Some(found) = self.at(map, key, path) else { return String::new() };
        let text = found.as_str();
        if text.is_none() {
            self.wrong(&format!("{path}/{key}"), "form-json-text");
        }
        text.unwrap_or_default().to_owned()
    }

    fn count(&mut self, map: &Map<String, Value>, key: &str, path: &str) -> u32 {
        let Some(found) = self.at(map, key, path) else { return 0 };
        let count = found.as_u64().and_then(|count| u32::try_from(count).ok());
        if count.is_none() {
            self.wrong(&format!("{path}/{key}"), "form-json-number");
        }
        count.unwrap_or_default()
    }

    fn bound(&mut self, map: &Map<String, Value>, key: &str, path: &str) -> Option<i64> {
        let found = map.get(key).filter(|found| !found.is_null())?;
        let number = found.as_i64();
        if number.is_none() {
            self.wrong(&format!("{path}/{key}"), "form-json-number");
        }
        number
    }

    fn flag(&mut self, map: &Map<String, Value>, key: &str, path: &str) -> bool {
        let Some(found) = map.get(key) else { return false };
        let flag = found.as_bool();
        if flag.is_none() {
            self.wrong(&format!("{path}/{key}"), "form-json-flag");
        }
        flag.unwrap_or_default()
    }

    /// A list of at most `most` things, each read at its place.
    fn list<T>(
        &mut self,
        map: &Map<String, Value>,
        (key, most): (&str, usize),
        path: &str,
        one: fn(&mut Self, &Value, &str) -> T,
    ) -> Vec<T> {
        let path = &format!("{path}/{key}");
        let Some(found) = map.get(key) else {
            self.wrong(path, "form-json-missing");
            return Vec::new();
        };
        let Some(items) = found.as_array() else {
            self.wrong(path, "form-json-list");
            return Vec::new();
        };
        if items.len() > most {
            self.wrong(path, "form-count");
        }
        let items = items.iter().take(most).enumerate();
        items.map(|(place, item)| one(self, item, &format!("{path}/{place}"))).collect()
    }

    fn definition(&mut self, value: &Value) -> FormDefinition {
        let Some(map) = self.object(value, "", &["version", "sections"]) else {
            return FormDefinition { version: 0, sections: Vec::new() };
        };
        FormDefinition {
            version: self.count(map, "version", ""),
            sections: self.list(map, ("sections", MAX_SECTIONS), "", Self::section),
        }
    }

    fn section(&mut self, value: &Value, path: &str) -> Section {
        let none = Map::new();
        let map = self.object(value, path, &["id", "title", "help", "questions"]).unwrap_or(&none);
        Section {
            id: self.text(map, "id", path),
            title: self.words(map, "title", path),
            help: self.optional_words(map, "help", path),
            questions: self.list(map, ("questions", MAX_QUESTIONS), path, Self::question),
        }
    }

    fn words(&mut self, map: &Map<String, Value>, key: &str, path: &str) -> Bilingual {
        let nothing = Bilingual { en: String::new(), zh: String::new() };
        let Some(found) = self.at(map, key, path) else { return nothing };
        let path = &format!("{path}/{key}");
        let Some(both) = self.object(found, path, &["en", "zh"]) else { return nothing };
        Bilingual { en: self.text(both, "en", path), zh: self.text(both, "zh", path) }
    }

    fn optional_words(&mut self, map: &Map<String, Value>, key: &str, path: &str) -> Option<Bilingual> {
        map.get(key).filter(|found| !found.is_null())?;
        Some(self.words(map, key, path))
    }

    fn question(&mut self, value: &Value, path: &str) -> Question {
        let none = Map::new();
        let keys = ["id", "label", "hint", "kind", "required", "show_if", "identifying"];
        let map = self.object(value, path, &keys).unwrap_or(&none);
        Question {
            id: self.text(map, "id", path),
            label: self.words(map, "label", path),
            hint: self.optional_words(map, "hint", path),
            kind: self.kind_in(map, path),
            required: self.flag(map, "required", path),
            show_if: self.condition(map, path),
            identifying: self.flag(map, "identifying", path),
        }
    }

    fn condition(&mut self, map: &Map<String, Value>, path: &str) -> Option<Condition> {
        let found = map.get("show_if").filter(|found| !found.is_null())?;
        let path = &format!("{path}/show_if");
        let map = self.object(found, path, &["question", "equals"])?;
        Some(Condition { question: self.text(map, "question", path), equals: self.text(map, "equals", path) })
    }

    /// The kind of a question or column; where there is none, any stands in: the fault is noted.
    fn kind_in(&mut self, map: &Map<String, Value>, path: &str) -> Kind {
        let Some(found) = self.at(map, "kind", path) else { return Kind::File {} };
        let path = &format!("{path}/kind");
        let Some(map) = found.as_object() else {
            self.wrong(path, "form-json-object");
            return Kind::File {};
        };
        self.kind(map, path)
    }

    fn kind(&mut self, map: &Map<String, Value>, path: &str) -> Kind {
        let word = self.text(map, "type", path);
        let (kind, keys): (Kind, &[&str]) = match word.as_str() {
            "text" => (Kind::Text { max: self.count(map, "max", path) }, &["max"]),
            "long-text" => (Kind::LongText { max: self.count(map, "max", path) }, &["max"]),
            "number" => {
                (Kind::Number { min: self.bound(map, "min", path), max: self.bound(map, "max", path) }, &["min", "max"])
            }
            "money" => (Kind::Money {}, &[]),
            "date" => (Kind::Date { from_today: self.flag(map, "from_today", path) }, &["from_today"]),
            "choice" => {
                let options = self.list(map, ("options", MAX_OPTIONS), path, Self::option);
                (Kind::Choice { options, many: self.flag(map, "many", path) }, &["options", "many"])
            }
            "table" => {
                let columns = self.list(map, ("columns", MAX_COLUMNS), path, Self::column);
                (Kind::Table { columns, max_rows: self.count(map, "max_rows", path) }, &["columns", "max_rows"])
            }
            "file" => (Kind::File {}, &[]),
            _ => {
                if map.get("type").is_some_and(Value::is_string) {
                    self.wrong(&format!("{path}/type"), "form-json-type");
                }
                return Kind::File {};
            }
        };
        for key in map.keys().filter(|key| *key != "type" && !keys.contains(&key.as_str())) {
            self.wrong(&format!("{path}/{}", escaped(key)), "form-json-unknown");
        }
        kind
    }

    fn option(&mut self, value: &Value, path: &str) -> ChoiceOption {
        let none = Map::new();
        let map = self.object(value, path, &["id", "label"]).unwrap_or(&none);
        ChoiceOption { id: self.text(map, "id", path), label: self.words(map, "label", path) }
    }

    /// A column: its kind is read without its own columns, so that tables in tables never go deep.
    fn column(&mut self, value: &Value, path: &str) -> Column {
        let none = Map::new();
        let map = self.object(value, path, &["id", "label", "kind", "required"]).unwrap_or(&none);
        let id = self.text(map, "id", path);
        let label = self.words(map, "label", path);
        let required = self.flag(map, "required", path);
        let nested = map.get("kind").and_then(|kind| kind.get("type")).and_then(Value::as_str);
        let kind = if matches!(nested, Some("table" | "file")) {
            self.wrong(&format!("{path}/kind"), "form-nested");
            Kind::File {}
        } else {
            self.kind_in(map, path)
        };
        Column { id, label, kind, required }
    }
}
