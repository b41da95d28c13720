//! Words in both languages: Fluent files in `locales/<language>/<room>.ftl`, compiled into the binary.
//!
//! English and Chinese hold the same keys; a test compares them and looks for keys that nobody uses or nobody wrote.

use crate::error::{Error, Result};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entities::kinds::Locale;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use include_dir::{Dir, include_dir};
use std::collections::BTreeSet;
use std::sync::Arc;

static LOCALES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/locales");

/// Every text a person sees.
#[derive(Clone)]
pub struct Words {
    english: Arc<FluentBundle<FluentResource>>,
    chinese: Arc<FluentBundle<FluentResource>>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words")
    }
}

/// A value inside a text.
#[derive(Debug, Clone)]
pub enum Value {
    /// Words.
    Text(String),
    /// A count, which chooses the plural form.
    Count(i64),
}

impl Words {
    /// Loads both languages.
    ///
    /// # Errors
    /// Names the file and the message that cannot be read, or a key written twice.
    pub fn load() -> Result<Self> {
        Ok(Self { english: Arc::new(bundle(Locale::En)?), chinese: Arc::new(bundle(Locale::ZhCn)?) })
    }

    /// The text of a key; the key itself when it is missing, which the tests make a failure where it is shown.
    pub fn text(&self, locale: Locale, key: &str, args: &[(&str, Value)]) -> String {
        self.find(locale, key, args).unwrap_or_else(|| {
            tracing::debug!(key, "nobody wrote this text");
            key.to_owned()
        })
    }

    /// The text of a key, if there is one.
    pub fn find(&self, locale: Locale, key: &str, args: &[(&str, Value)]) -> Option<String> {
        let bundle = match locale {
            Locale::En => &self.english,
            Locale::ZhCn => &self.chinese,
        };
        let pattern = bundle.get_message(key)?.value()?;
        let mut values = FluentArgs::new();
        for (name, value) in args {
            match value {
                Value::Text(text) => values.set(*name, FluentValue::from(text.as_str())),
                Value::Count(count) => values.set(*name, FluentValue::from(*count)),
            }
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned();
        // A value that the text wants and the caller forgot shows as {$name}: say so in the log, show what there is.
        if !errors.is_empty() {
            tracing::warn!(key, ?errors, "text without its values");
        }
        Some(text)
    }
}

/// Every key of a language.
///
/// # Errors
/// Names a file that cannot be read.
pub fn keys(locale: Locale) -> Result<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for (_, text) in files(locale)? {
        keys.extend(
            text.lines()
                .filter_map(|line| line.split_once(" =").map(|(key, _)| key))
                .filter(|key| !key.starts_with([' ', '#', '-', '[', '*']))
                .map(str::to_owned),
        );
    }
    Ok(keys)
}

fn files(locale: Locale) -> Result<Vec<(String, &'static str)>> {
    let folder = LOCALES.get_dir(locale.as_str()).ok_or_else(|| Error::Internal(format!("no locale {locale}")))?;
    folder
        .files()
        .map(|file| {
            let name = file.path().display().to_string();
            file.contents_utf8()
                .map(|text| (name.clone(), text))
                .ok_or_else(|| Error::Internal(format!("{name}: not UTF-8")))
        })
        .collect()
}

fn bundle(locale: Locale) -> Result<FluentBundle<FluentResource>> {
    let language: unic_langid::LanguageIdentifier =
        locale.as_str().parse().map_err(|_| Error::Internal(format!("no language {locale}")))?;
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The isolation marks of Fluent are for mixed directions; both our languages run the same way.
    bundle.set_use_isolating(false);
    for (name, text) in files(locale)? {
        let resource = FluentResource::try_new(text.to_owned())
            .map_err(|(_, errors)| Error::Internal(format!("{name}: {errors:?}")))?;
        bundle.add_resource(resource).map_err(|errors| Error::Internal(format!("{name}: {errors:?}")))?;
    }
    Ok(bundle)
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day as people write it: `5 January 2026`, `2026年1月5日`.
pub fn day(locale: Locale, date: NaiveDate) -> String {
    match locale {
        Locale::En => format!("{} {} {}", date.day(), MONTHS[date.month0() as usize], date.year()),
        Locale::ZhCn => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
    }
}

/// A moment in a zone: `5 January 2026, 14:32`, `2026年1月5日 14:32`.
pub fn moment(locale: Locale, at: DateTime<Utc>, zone: chrono_tz::Tz) -> String {
    let local = at.with_timezone(&zone);
    let clock = local.format("%H:%M");
    match locale {
        Locale::En => format!("{}, {clock}", day(locale, local.date_naive())),
        Locale::ZhCn => format!("{} {clock}", day(locale, local.date_naive())),
    }
}

/// The language a browser asks for, or the default.
pub fn negotiate(accept_language: &str, default: Locale) -> Locale {
    let asked = fluent_langneg::parse_accepted_languages(accept_language);
    for language in asked {
        match language.language.as_str() {
            "zh" => return Locale::ZhCn,
            "en" => return Locale::En,
            _ => {}
        }
    }
    default
}
