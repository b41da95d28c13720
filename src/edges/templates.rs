//! Pages and mails: tera 2 with the house's own words, money and days.
//!
//! Templates hold no rules and no text: `t(key="…")` gives every word, filters write money and days in the page's
//! language. Undefined variables and unknown functions are errors, so a test that renders every view finds them.

use super::i18n::{self, Value as Word, Words};
use crate::core::money::Money;
use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDate, Utc};
use entities::kinds::Locale;
use include_dir::{Dir, DirEntry, include_dir};
use serde::Deserialize;
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Every template, parsed.
#[derive(Debug)]
pub struct Templates(Tera);

impl Templates {
    /// Parses every template.
    ///
    /// # Errors
    /// Names the template and the line that cannot be read.
    pub fn load(words: &Words) -> Result<Self> {
        let mut tera = Tera::new();
        register(&mut tera, words);
        let mut files = Vec::new();
        collect(&TEMPLATES, &mut files);
        tera.add_raw_templates(files).map_err(|error| Error::Internal(format!("templates: {error}")))?;
        Ok(Self(tera))
    }

    /// Renders a template.
    ///
    /// # Errors
    /// When a variable is missing or a filter does not fit.
    pub fn render(&self, name: &str, context: &Context) -> Result<String> {
        self.0.render(name, context).map_err(|error| Error::Internal(format!("{name}: {error}")))
    }

    /// Names of all templates.
    pub fn names(&self) -> Vec<String> {
        self.0.get_template_names().map(str::to_owned).collect()
    }
}

fn collect(dir: &'static Dir<'_>, files: &mut Vec<(String, &'static str)>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(inner) => collect(inner, files),
            DirEntry::File(file) => {
                let name = file.path().display().to_string();
                // Names keep their ending: escaping goes by `.html`.
                if let Some(text) = file
                    .contents_utf8()
                    .filter(|_| name.ends_with(".html") || name.ends_with(".txt") || name.ends_with(".subject"))
                {
                    files.push((name, text));
                }
            }
        }
    }
}

fn register(tera: &mut Tera, words: &Words) {
    let texts = words.clone();
    tera.register_function("t", move |kwargs: Kwargs, state: &State<'_>| -> TeraResult<String> {
        let key: String = kwargs.must_get("key")?;
        let args = arguments(&kwargs);
        let borrowed: Vec<(&str, Word)> = args.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        Ok(texts.text(locale(state)?, &key, &borrowed))
    });
    tera.register_filter("money", |value: Value, _: Kwargs, state: &State<'_>| -> TeraResult<String> {
        Ok(read::<Money>(&value)?.format(locale(state)?.as_str()))
    });
    tera.register_filter("capitals", |value: Value, _: Kwargs, _: &State<'_>| -> TeraResult<String> {
        Ok(read::<Money>(&value)?.capitals().unwrap_or_default())
    });
    tera.register_filter("date", |value: Value, _: Kwargs, state: &State<'_>| -> TeraResult<String> {
        Ok(i18n::day(locale(state)?, read::<NaiveDate>(&value)?))
    });
    tera.register_filter("datetime", |value: Value, _: Kwargs, state: &State<'_>| -> TeraResult<String> {
        let zone: Option<String> = state.get("zone")?;
        let zone = zone.and_then(|name| name.parse().ok()).unwrap_or(chrono_tz::UTC);
        Ok(i18n::moment(locale(state)?, read::<DateTime<Utc>>(&value)?, zone))
    });
    tera.register_filter("lang", |value: String, _: Kwargs, state: &State<'_>| -> TeraResult<&'static str> {
        Ok(written_in(&value).unwrap_or(locale(state)?).as_str())
    });
    tera.register_filter("percent_bps", |value: i64, _: Kwargs, _: &State<'_>| -> String { percent(value) });
    tera.register_filter("hundredths", |value: i64, _: Kwargs, _: &State<'_>| -> String {
        format!("{}.{:02}", value / 100, (value % 100).abs())
    });
}

/// Basis points as people write them: 100 → `1 %`, 250 → `2.5 %`.
pub fn percent(bps: i64) -> String {
    let (whole, rest) = (bps / 100, bps % 100);
    match rest {
        0 => format!("{whole} %"),
        rest if rest % 10 == 0 => format!("{whole}.{} %", rest / 10),
        rest => format!("{whole}.{rest:02} %"),
    }
}

/// The language of a text that people wrote, by its letters; none for figures alone.
pub fn written_in(text: &str) -> Option<Locale> {
    let chinese = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
    let latin = text.chars().filter(char::is_ascii_alphabetic).count();
    match (chinese, latin) {
        (0, 0) => None,
        // A sign of Chinese says as much as four letters.
        (chinese, latin) if chinese * 4 >= latin => Some(Locale::ZhCn),
        _ => Some(Locale::En),
    }
}

/// The page's language: every page and mail has `locale` at the top of its context.
fn locale(state: &State<'_>) -> TeraResult<Locale> {
    let text: Option<String> = state.get("locale")?;
    Ok(text.and_then(|text| Locale::parse(&text)).unwrap_or(Locale::En))
}

fn read<T: for<'de> Deserialize<'de>>(value: &Value) -> TeraResult<T> {
    let json = serde_json::to_value(value).map_err(|error| tera::Error::message(error.to_string()))?;
    serde_json::from_value(json).map_err(|error| tera::Error::message(error.to_string()))
}

fn arguments(kwargs: &Kwargs) -> Vec<(String, Word)> {
    kwargs
        .iter()
        .filter_map(|(name, value)| {
            let name = name.to_string();
            if name == "key" {
                return None;
            }
            let word = match serde_json::to_value(value).ok()? {
                serde_json::Value::Number(number) => Word::Count(number.as_i64()?),
                serde_json::Value::String(text) => Word::Text(text),
                other => Word::Text(other.to_string()),
            };
            Some((name, word))
        })
        .collect()
}
