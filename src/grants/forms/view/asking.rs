//! One section or question being written: both languages side by side, then what its kind needs. [`section_of`] and
//! [`question_of`] read it back.

use super::crumbs;
use super::show::{KINDS, word};
use crate::commons::texts::PROSE;
use crate::core::answers::{
    self, Bilingual, ChoiceOption, Column, Condition, FormDefinition, Kind, MAX_COLUMNS, MAX_LONG_TEXT, MAX_NUMBER,
    MAX_OPTIONS, MAX_ROWS, MAX_TEXT, Question, Section, fresh_id,
};
use crate::error::{Error, Result, Violation};
use crate::grants::forms::service;
use crate::people::permission::{As, Context, Officer};
use crate::web::forms::Posted;
use crate::web::page::{Answer, Page};
use crate::web::parts::{Choice, Crumb};
use crate::web::sheet::{Act, Asked};
use entities::kinds::FormId;
use serde::Serialize;
use std::collections::BTreeSet;

/// Empty rows of options and columns offered beyond those that are there; saving brings more.
const SPARE: usize = 4;
/// Characters of a text question at first.
const USUAL_TEXT: u32 = 200;
/// Characters of a long text question at first: about a page.
const USUAL_LONG_TEXT: u32 = 2_000;
/// Kinds that a column may have on the page; what a file brought stays what it is.
const COLUMN_KINDS: [&str; 5] = ["text", "long-text", "number", "money", "date"];

/// A section or question being written.
#[derive(Debug, Clone, Serialize)]
pub struct AskingPage {
    crumbs: Vec<Crumb>,
    title: String,
    text: String,
    action: String,
    back: String,
    hidden: Vec<Asked>,
    groups: Vec<Group>,
}

/// Fields that belong together; a row stands side by side.
#[derive(Debug, Clone, Serialize)]
struct Group {
    title: String,
    help: String,
    rows: Vec<Vec<Asked>>,
}

fn blank() -> Act {
    Act::worded(String::new(), String::new(), String::new(), "", "")
}

/// A text in both languages, side by side.
fn pair(by: &Context, kind: &'static str, name: &str, key: &str, words: Option<&Bilingual>) -> Vec<Asked> {
    let label = |language: &str| format!("{} ({})", by.t(key), by.t(&format!("form-language-{language}")));
    let text = |pick: fn(&Bilingual) -> &String| words.map(pick).cloned().unwrap_or_default();
    blank()
        .ask(by, kind, &format!("{name}_zh"))
        .labelled(label("zh"))
        .value(text(|words| &words.zh))
        .ask(by, kind, &format!("{name}_en"))
        .labelled(label("en"))
        .value(text(|words| &words.en))
        .fields
}

fn optional(mut row: Vec<Asked>) -> Vec<Asked> {
    row.iter_mut().for_each(|field| field.required = false);
    row
}

fn group(title: String, help: String, rows: Vec<Vec<Asked>>) -> Group {
    Group { title, help, rows }
}

/// The page of a section; `new` begins one.
///
/// # Errors
/// [`Error::NotFound`] for a section that is not there.
pub async fn section(by: &As<Officer>, id: FormId, of: &str) -> Answer {
    let (row, definition, version) = service::load(by.edges.db.read(), id).await?;
    let there = definition.sections.iter().find(|section| section.id == of);
    if there.is_none() && of != "new" {
        return Err(Error::NotFound);
    }
    let act = if there.is_some() { "form-section-edit" } else { "form-section-new" };
    let rows = vec![
        pair(by, "text", "title", "form-title", there.map(|section| &section.title)),
        optional(pair(by, "area", "help", "form-help", there.and_then(|section| section.help.as_ref()))),
    ];
    let view = AskingPage {
        crumbs: crumbs(by, &row),
        title: by.t(&format!("act-{act}-title")),
        text: by.t("form-section-text"),
        action: format!("/forms/{id}/sections/{of}"),
        back: format!("/forms/{id}"),
        hidden: blank().hidden("version", version.to_string()).fields,
        groups: vec![group(String::new(), String::new(), rows)],
    };
    Page::new(by, "forms/ask.html", "calls", &view)?.answer()
}

/// Reads a section back.
///
/// # Errors
/// By the field, what is missing in one language.
pub fn section_of(posted: &Posted, definition: &FormDefinition, of: &str) -> Result<Section> {
    let title = both(posted, "title", true);
    let help = both(posted, "help", false);
    posted.well()?;
    let title = title.unwrap_or(Bilingual { en: String::new(), zh: String::new() });
    let id = match of {
        "new" => {
            let taken = definition.sections.iter().map(|section| section.id.as_str()).chain(["new"]).collect();
            fresh_id(&title.en, "section", &taken)
        }
        of => of.to_owned(),
    };
    Ok(Section { id, title, help, questions: Vec::new() })
}

/// A text in both languages: either both are there or, where that is allowed, neither.
fn both(posted: &Posted, name: &str, needed: bool) -> Option<Bilingual> {
    let read = |language: &str| posted.optional(&format!("{name}_{language}"), answers::MAX_WORDS);
    let words = Bilingual { zh: read("zh"), en: read("en") };
    if !needed && words.zh.is_empty() && words.en.is_empty() {
        return None;
    }
    for (language, text) in [("zh", &words.zh), ("en", &words.en)] {
        if text.is_empty() {
            posted.wrong(Violation::at(format!("{name}_{language}"), "form-words-empty"));
        }
    }
    Some(words)
}

/// The page of a question; `new` begins one of a kind in a section.
///
/// # Errors
/// [`Error::NotFound`] for a question, section or kind that is not there.
pub async fn question(by: &As<Officer>, id: FormId, of: &str, section: Option<&str>, kind: Option<&str>) -> Answer {
    let (row, definition, version) = service::load(by.edges.db.read(), id).await?;
    let mut all = definition.sections.iter().flat_map(|section| &section.questions);
    let there = all.find(|question| question.id == of);
    let kind = match (there, kind) {
        (Some(question), _) => word(&question.kind),
        (None, Some(kind)) if of == "new" => *KINDS.iter().find(|known| **known == kind).ok_or(Error::NotFound)?,
        _ => return Err(Error::NotFound),
    };
    let section = section.unwrap_or_default();
    if there.is_none() && !definition.sections.iter().any(|own| own.id == section) {
        return Err(Error::NotFound);
    }
    let mut groups = vec![wording(by, &definition, there)];
    groups.extend(details(by, kind, there.map(|question| &question.kind)));
    let act = if there.is_some() { "form-question-edit" } else { "form-question-new" };
    let view = AskingPage {
        crumbs: crumbs(by, &row),
        title: format!("{}: {}", by.t(&format!("act-{act}-title")), by.t(&format!("form-kind-{kind}"))),
        text: by.t(&format!("form-kind-text-{kind}")),
        action: format!("/forms/{id}/questions/{of}"),
        back: format!("/forms/{id}"),
        hidden: blank().hidden("version", version.to_string()).hidden("kind", kind).hidden("section", section).fields,
        groups,
    };
    Page::new(by, "forms/ask.html", "calls", &view)?.answer()
}

/// What every question has: its words, whether it must be answered, and when it is shown.
fn wording(by: &As<Officer>, definition: &FormDefinition, there: Option<&Question>) -> Group {
    let condition = there.and_then(|question| question.show_if.as_ref());
    let chosen = condition.map(|own| format!("{}={}", own.question, own.equals)).unwrap_or_default();
    let mut options = vec![Choice::new("", by.t("form-always"))];
    let all = definition.sections.iter().flat_map(|section| &section.questions);
    for earlier in all.take_while(|question| there.is_none_or(|own| own.id != question.id)) {
        let Kind::Choice { options: those, .. } = &earlier.kind else { continue };
        let label = earlier.label.in_locale(by.locale.as_str());
        options.extend(those.iter().map(|option| {
            let words = format!("{label} = {}", option.label.in_locale(by.locale.as_str()));
            Choice::new(format!("{}={}", earlier.id, option.id), words)
        }));
    }
    let last = blank()
        .ask(by, "check", "required")
        .labelled(by.t("form-required"))
        .ticked(there.is_some_and(|question| question.required))
        .ask_choice(by, "show_if", Choice::chosen(options, &chosen))
        .labelled(by.t("form-show-if"))
        .optional()
        .fields;
    let blind = blank()
        .ask(by, "check", "identifying")
        .labelled(by.t("form-identifying"))
        .hint(by.t("form-identifying-hint"))
        .ticked(there.is_some_and(|question| question.identifying))
        .fields;
    let rows = vec![
        pair(by, "area", "label", "form-label", there.map(|question| &question.label)),
        optional(pair(by, "area", "hint", "form-hint", there.and_then(|question| question.hint.as_ref()))),
        last,
        blind,
    ];
    group(String::new(), String::new(), rows)
}

/// What a kind needs beside the words.
fn details(by: &As<Officer>, kind: &str, there: Option<&Kind>) -> Vec<Group> {
    let number =
        |name: &str, key: &str, value: String| blank().ask(by, "number", name).labelled(by.t(key)).value(value).fields;
    let limits = |rows| vec![group(by.t("form-limits"), String::new(), rows)];
    match kind {
        "text" | "long-text" => {
            let max = match there {
                Some(Kind::Text { max } | Kind::LongText { max }) => *max,
                _ if kind == "text" => USUAL_TEXT,
                _ => USUAL_LONG_TEXT,
            };
            limits(vec![number("max", "form-max-characters", max.to_string())])
        }
        "number" => {
            let (min, max) = match there {
                Some(Kind::Number { min, max }) => (*min, *max),
                _ => (None, None),
            };
            let text = |bound: Option<i64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
            let mut row = number("min", "form-min", text(min));
            row.extend(number("max", "form-max", text(max)));
            limits(vec![optional(row)])
        }
        "date" => {
            let on = matches!(there, Some(Kind::Date { from_today: true }));
            let row = blank().ask(by, "check", "from_today").labelled(by.t("form-from-today")).ticked(on).fields;
            limits(vec![row])
        }
        "choice" => vec![options(by, there)],
        "table" => vec![columns(by, there)],
        _ => Vec::new(),
    }
}

fn options(by: &As<Officer>, there: Option<&Kind>) -> Group {
    let (kept, many) = match there {
        Some(Kind::Choice { options, many }) => (options.as_slice(), *many),
        _ => (&[][..], false),
    };
    let mut rows = vec![blank().ask(by, "check", "many").labelled(by.t("form-many")).ticked(many).fields];
    for place in 0..(kept.len() + SPARE).min(MAX_OPTIONS) {
        let option = kept.get(place);
        let mut row = pair_in(by, "options", place, "form-option", option.map(|option| &option.label));
        row.extend(blank().hidden(&format!("options.{place}.id"), option.map_or("", |option| &option.id)).fields);
        rows.push(row);
    }
    group(by.t("form-options"), by.t("form-options-help"), rows)
}

fn pair_in(by: &Context, list: &str, place: usize, key: &str, words: Option<&Bilingual>) -> Vec<Asked> {
    let mut row = optional(pair(by, "text", &format!("{list}.{place}.words"), key, words));
    for field in &mut row {
        field.label = by.t_with("application-row", &[("what", &field.label), ("n", &(place + 1).to_string())]);
        field.name = field.name.replace("words_", "");
    }
    row
}

fn columns(by: &As<Officer>, there: Option<&Kind>) -> Group {
    let (kept, max_rows) = match there {
        Some(Kind::Table { columns, max_rows }) => (columns.as_slice(), *max_rows),
        _ => (&[][..], 10),
    };
    let rows_field = blank().ask(by, "number", "max_rows").labelled(by.t("form-max-rows")).value(max_rows.to_string());
    let mut rows = vec![rows_field.fields];
    for place in 0..(kept.len() + SPARE).min(MAX_COLUMNS) {
        let column = kept.get(place);
        let mut row = pair_in(by, "columns", place, "form-column", column.map(|column| &column.label));
        let own = column.map_or("text", |column| word(&column.kind));
        let mut kinds = COLUMN_KINDS.to_vec();
        if !kinds.contains(&own) {
            kinds.push(own);
        }
        let kinds = Choice::chosen(Choice::words(by, "form-kind", kinds), own);
        let name = |field: &str| format!("columns.{place}.{field}");
        let number = (place + 1).to_string();
        let label = |key: &str| by.t_with("application-row", &[("what", &by.t(key)), ("n", &number)]);
        row.extend(
            blank()
                .ask_choice(by, &name("type"), kinds)
                .labelled(label("form-column-kind"))
                .optional()
                .ask(by, "check", &name("required"))
                .labelled(label("form-required"))
                .ticked(column.is_some_and(|column| column.required))
                .hidden(&name("id"), column.map_or("", |column| &column.id))
                .fields,
        );
        rows.push(row);
    }
    group(by.t("form-columns"), by.t("form-columns-help"), rows)
}

/// Reads a question back, with the section it is added to.
///
/// # Errors
/// By the field, everything that cannot be read or breaks a limit.
pub fn question_of(posted: &Posted, definition: &FormDefinition, of: &str) -> Result<(String, Question)> {
    let all = || definition.sections.iter().flat_map(|section| &section.questions);
    let there = all().find(|question| question.id == of);
    let label = both(posted, "label", true).unwrap_or(Bilingual { en: String::new(), zh: String::new() });
    let hint = both(posted, "hint", false);
    let kind = kind_of(posted, there.map(|question| &question.kind));
    let chosen = posted.raw("show_if").split_once('=');
    let show_if =
        chosen.map(|(question, equals)| Condition { question: question.to_owned(), equals: equals.to_owned() });
    posted.well()?;
    let id = match of {
        "new" => fresh_id(&label.en, "question", &all().map(|own| own.id.as_str()).chain(["new"]).collect()),
        of => of.to_owned(),
    };
    let identifying = posted.ticked("identifying");
    let question = Question { id, label, hint, kind, required: posted.ticked("required"), show_if, identifying };
    Ok((posted.optional("section", answers::MAX_ID), question))
}

fn kind_of(posted: &Posted, there: Option<&Kind>) -> Kind {
    let count = |field: &str, most: u32| u32::try_from(posted.number(field, 1, i64::from(most))).unwrap_or(1);
    let bound = |field: &str| {
        let typed = !posted.raw(field).trim().is_empty();
        typed.then(|| posted.number(field, -MAX_NUMBER, MAX_NUMBER))
    };
    // What a question is stays: its answers would not fit another kind.
    let kind = match there {
        Some(kind) => word(kind),
        None => posted.raw("kind"),
    };
    match kind {
        "text" => Kind::Text { max: count("max", MAX_TEXT) },
        "long-text" => Kind::LongText { max: count("max", MAX_LONG_TEXT) },
        "number" => Kind::Number { min: bound("min"), max: bound("max") },
        "money" => Kind::Money {},
        "date" => Kind::Date { from_today: posted.ticked("from_today") },
        "choice" => Kind::Choice { options: options_of(posted), many: posted.ticked("many") },
        "table" => Kind::Table { columns: columns_of(posted, there), max_rows: count("max_rows", MAX_ROWS) },
        "file" => Kind::File {},
        _ => {
            posted.wrong(Violation::at("kind", "refused-choose"));
            Kind::File {}
        }
    }
}

/// Rows in which words stand, with the id they had; ids of new rows are made of the words.
fn named_rows(posted: &Posted, list: &str, otherwise: &str) -> Vec<(usize, String, Bilingual)> {
    let mut taken = BTreeSet::new();
    let mut rows = Vec::new();
    for place in posted.rows(list) {
        let read = |language: &str| posted.optional(&format!("{list}.{place}.{language}"), PROSE);
        let words = Bilingual { zh: read("zh"), en: read("en") };
        if words.zh.is_empty() && words.en.is_empty() {
            continue;
        }
        for (language, text) in [("zh", &words.zh), ("en", &words.en)] {
            if text.is_empty() {
                posted.wrong(Violation::at(format!("{list}.{place}.{language}"), "form-words-empty"));
            }
        }
        let kept = posted.raw(&format!("{list}.{place}.id"));
        let known = taken.iter().map(String::as_str).collect();
        let id = if kept.is_empty() { fresh_id(&words.en, otherwise, &known) } else { kept.to_owned() };
        taken.insert(id.clone());
        rows.push((place, id, words));
    }
    if rows.is_empty() {
        posted.wrong(Violation::at(format!("{list}.0.zh"), "form-rows-none"));
    }
    rows
}

fn options_of(posted: &Posted) -> Vec<ChoiceOption> {
    let rows = named_rows(posted, "options", "option");
    rows.into_iter().map(|(_, id, label)| ChoiceOption { id, label }).collect()
}

fn columns_of(posted: &Posted, there: Option<&Kind>) -> Vec<Column> {
    let before = match there {
        Some(Kind::Table { columns, .. }) => columns.as_slice(),
        _ => &[],
    };
    let column = |(place, id, label): (usize, String, Bilingual)| {
        let told = posted.raw(&format!("columns.{place}.type"));
        let kept = before.iter().find(|column| column.id == id && word(&column.kind) == told);
        let kind = match (kept, told) {
            // With its limits, which the page does not ask for.
            (Some(kept), _) => kept.kind.clone(),
            (None, "long-text") => Kind::LongText { max: USUAL_LONG_TEXT },
            (None, "number") => Kind::Number { min: None, max: None },
            (None, "money") => Kind::Money {},
            (None, "date") => Kind::Date { from_today: false },
            (None, _) => Kind::Text { max: USUAL_TEXT },
        };
        Column { id, label, kind, required: posted.ticked(&format!("columns.{place}.required")) }
    };
    named_rows(posted, "columns", "column").into_iter().map(column).collect()
}

impl AskingPage {
    /// Samples for the test that renders every view.
    pub fn samples(context: &Context) -> Vec<Self> {
        let rows = vec![
            pair(context, "text", "title", "form-title", None),
            blank().ask(context, "check", "required").labelled("r").hidden("h", "v").fields,
        ];
        vec![Self {
            crumbs: vec![Crumb { label: "c".into(), href: "/forms".into() }],
            title: "t".into(),
            text: "t".into(),
            action: "/forms/1/sections/new".into(),
            back: "/forms/1".into(),
            hidden: blank().hidden("version", "1").fields,
            groups: vec![
                group(String::new(), String::new(), rows),
                group("t".into(), "h".into(), vec![pair(context, "area", "hint", "form-hint", None)]),
            ],
        }]
    }
}
