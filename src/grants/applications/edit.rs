//! The page on which an application is written: what is missing at the top, then one form in sections.

use super::budget::{self, Line, Measured, Saved};
use super::rules::is_writing;
use super::view::visible;
use super::writing;
use crate::commons::texts::{PROSE, TITLE};
use crate::core::answers::{Answers, FormDefinition, Kind, Question};
use crate::core::money::Money;
use crate::error::{Error, Result, Violation};
use crate::grants::calls::{self, rules::words as codes, view::left, words};
use crate::people::permission::Context;
use crate::web::forms::Posted;
use crate::web::page::{Answer, Page};
use crate::web::parts::{Choice, Crumb, Fact, Step};
use crate::web::sheet::{Act, Asked};
use entities::kinds::{ApplicationId, BudgetSource, Currency};
use entities::{application, call};
use serde::Serialize;
use serde_json::{Value, json};

/// Rows of the budget offered at least; one more than is written always stands empty.
const LINES: usize = 12;
/// Rows of the budget that stand open for an empty one; the others are folded.
const OPEN_LINES: usize = 1;
/// Rows of indicators offered at least.
const INDICATORS: usize = 6;
/// Rows of a table question offered at most.
const TABLE_ROWS: usize = 6;

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct EditPage {
    crumbs: Vec<Crumb>,
    title: String,
    sentence: String,
    action: String,
    version: i32,
    tasks: Vec<Step>,
    missing: Vec<Missing>,
    sections: Vec<Section>,
    asks: Vec<Fact>,
}

/// Something that is missing, with the field where it belongs.
#[derive(Debug, Clone, Serialize)]
struct Missing {
    href: String,
    text: String,
}

/// A part of the form.
#[derive(Debug, Clone, Serialize)]
struct Section {
    id: &'static str,
    title: String,
    help: String,
    fields: Vec<Asked>,
    /// Rows that stand open.
    rows: Vec<Vec<Asked>>,
    /// What opens the rest, `""` when nothing is folded.
    more: String,
    /// Fields and rows that few need, folded until asked for.
    folded: Vec<Vec<Asked>>,
}

/// The page on which a draft is written.
///
/// # Errors
/// [`Error::NotFound`] for strangers; a refusal when it is signed.
pub async fn page(context: &Context, id: ApplicationId) -> Answer {
    let row = visible(context, id).await?;
    if !context.actor.belongs_to(row.organisation_id) {
        return Err(Error::NotFound);
    }
    if !is_writing(row.stage) {
        return Err(Error::refused("refused-application-signed"));
    }
    let db = context.edges.db.read();
    let call = calls::service::load(db, row.call_id).await?;
    let form = budget::questions(db, call.form_version_id).await?;
    let lines = budget::lines_of(db, id).await?;
    let indicators = budget::indicators_of(db, id).await?;
    let wrong = writing::missing(db, &row, &call, context.edges.today()).await?;
    let questions: Vec<&Question> = form.sections.iter().flat_map(|section| &section.questions).collect();
    let sections = vec![
        project(context, &row),
        question_section(context, &questions, &row),
        budget_section(context, &call, &lines),
        indicator_section(context, &indicators),
        child(context, &row),
    ];
    let base = format!("/applications/{id}");
    let capitals = context.capitals(row.ask_minor, row.currency);
    let asked = context.money(row.ask_minor, row.currency);
    let capitals = if row.ask_minor == 0 { String::new() } else { capitals };
    let view = EditPage {
        crumbs: vec![
            Crumb { label: context.t("applications-title"), href: "/applications".into() },
            Crumb { label: row.title.clone(), href: base.clone() },
        ],
        title: context.t("application-edit-title"),
        sentence: format!("{} · {}", context.pick(&call.title_zh, &call.title_en), left(context, &call)),
        action: format!("{base}/edit"),
        version: row.version,
        tasks: tasks(&sections, &wrong),
        missing: wrong.iter().map(|violation| missing(context, &form, violation)).collect(),
        sections,
        asks: vec![
            Fact::new(context.t("application-saved-asks"), format!("{asked} {capitals}").trim().to_owned()),
            Fact::new(context.t("call-cap"), context.money(call.cap_minor, call.currency)),
            Fact::new(context.t("call-closes"), context.moment(call.closes_at)),
        ],
    };
    Page::new(context, "applications/edit.html", "", &view)?.answer()
}

fn section_of(field: &str) -> &'static str {
    match field.split('.').next().unwrap_or_default() {
        "lines" => "budget",
        "indicators" => "outcomes",
        "answers" => "questions",
        "child_name" | "child_summary" => "child",
        _ => "project",
    }
}

/// The sections as a task list: done, or something missing.
fn tasks(sections: &[Section], wrong: &[Violation]) -> Vec<Step> {
    let step = |section: &Section| Step {
        state: if wrong.iter().any(|violation| section_of(&violation.field) == section.id) { "now" } else { "done" },
        title: section.title.clone(),
        detail: String::new(),
        href: format!("#section-{}", section.id),
        date: String::new(),
    };
    // What nobody has to fill in is no step.
    sections.iter().filter(|section| !matches!(section.id, "outcomes" | "child")).map(step).collect()
}

fn missing(context: &Context, form: &FormDefinition, violation: &Violation) -> Missing {
    Missing { href: format!("#{}", violation.field), text: lacking(context, form, violation) }
}

/// What is missing in words: the label as it stands on the form, then what is wrong with it.
pub(super) fn lacking(context: &Context, form: &FormDefinition, violation: &Violation) -> String {
    let words = crate::web::page::words_of(&context.edges, context.locale, violation);
    let label = match section_of(&violation.field) {
        "budget" => context.t("application-budget"),
        "questions" => {
            let id = violation.field.split('.').nth(1).unwrap_or_default();
            let asked = form.sections.iter().flat_map(|section| &section.questions).find(|one| one.id == id);
            asked.map_or_else(
                || context.t("application-answers"),
                |one| one.label.in_locale(context.locale.as_str()).to_owned(),
            )
        }
        _ => context.t(&format!("application-field-{}", violation.field.replace('_', "-"))),
    };
    context.t_with("form-error-of", &[("label", crate::web::page::without_mark(&label)), ("text", &words)])
}

/// A form to collect fields with the builder of acts.
fn collecting() -> Act {
    Act::worded(String::new(), String::new(), String::new(), "", "")
}

fn project(context: &Context, row: &application::Model) -> Section {
    let hint = |name: &str| context.t(&format!("application-hint-{name}"));
    let label = |name: &str| context.t(&format!("application-field-{name}"));
    let act = collecting()
        .ask(context, "text", "title")
        .labelled(label("title"))
        .value(row.title.clone())
        .ask(context, "area", "summary")
        .labelled(label("summary"))
        .hint(hint("summary"))
        .value(row.summary.clone())
        .ask(context, "text", "site")
        .labelled(label("site"))
        .hint(hint("site"))
        .value(row.site.clone())
        .ask(context, "area", "team")
        .labelled(label("team"))
        .hint(hint("team"))
        .value(row.team.clone());
    Section {
        id: "project",
        title: context.t("application-project"),
        help: String::new(),
        fields: act.fields,
        rows: Vec::new(),
        more: String::new(),
        folded: Vec::new(),
    }
}

fn child(context: &Context, row: &application::Model) -> Section {
    let act = collecting()
        .ask(context, "text", "child_name")
        .value(row.child_name.clone())
        .optional()
        .ask(context, "area", "child_summary")
        .value(row.child_summary.clone())
        .optional();
    Section {
        id: "child",
        title: context.t("application-child"),
        help: String::new(),
        fields: Vec::new(),
        rows: if row.child_name.is_empty() { Vec::new() } else { vec![act.fields.clone()] },
        more: if row.child_name.is_empty() { context.t("application-child-more") } else { String::new() },
        folded: if row.child_name.is_empty() { vec![act.fields] } else { Vec::new() },
    }
}

/// A label of a row: what, and in which row.
fn in_row(context: &Context, key: &str, place: usize) -> String {
    context.t_with("application-row", &[("what", &context.t(key)), ("n", &(place + 1).to_string())])
}

fn budget_section(context: &Context, call: &call::Model, lines: &[Line]) -> Section {
    let heads: Vec<Choice> =
        codes(&call.budget_heads).iter().map(|code| Choice::new(code, words::head(context, code))).collect();
    let sources = Choice::words(context, "application-source", BudgetSource::ALL.iter().map(|source| source.as_str()));
    let row = |place: usize| {
        let line = lines.get(place);
        let name = |column: &str| format!("lines.{place}.{column}");
        let text = |pick: fn(&Line) -> String| line.map(pick).unwrap_or_default();
        let unit = line.map(|line| typed(line.unit_minor, call.currency)).unwrap_or_default();
        collecting()
            .ask(context, "text", &name("label"))
            .labelled(in_row(context, "head-application-what", place))
            .value(text(|line| line.label.clone()))
            .optional()
            .ask_choice(context, &name("head"), Choice::chosen(heads.clone(), &text(|line| line.head.clone())))
            .labelled(context.t("head-application-head"))
            .optional()
            .ask(context, "number", &name("quantity"))
            .labelled(context.t("head-application-quantity"))
            .value(text(|line| line.quantity.to_string()))
            .optional()
            .ask_money(context, &name("unit"), call.currency)
            .labelled(context.t("head-application-unit"))
            .value(unit)
            .optional()
            .ask_choice(
                context,
                &name("source"),
                Choice::chosen(sources.clone(), &text(|line| line.source.as_str().into())),
            )
            .labelled(context.t("head-application-source"))
            .optional()
            .fields
    };
    let all = LINES.max(lines.len() + 1).min(budget::MAX_LINES);
    let open = lines.len().max(OPEN_LINES).min(all);
    Section {
        id: "budget",
        title: context.t("application-budget"),
        help: context.t("application-budget-help"),
        fields: Vec::new(),
        rows: (0..open).map(row).collect(),
        more: context.t("application-budget-more"),
        folded: (open..all).map(row).collect(),
    }
}

/// An amount as it is typed.
fn typed(minor: i64, currency: Currency) -> String {
    let text = Money::new(minor, currency.0).format("en");
    text.chars().filter(|sign| sign.is_ascii_digit() || *sign == '.').collect()
}

fn indicator_section(context: &Context, indicators: &[Measured]) -> Section {
    let row = |place: usize| {
        let told = indicators.get(place);
        let text = |pick: fn(&Measured) -> String| told.map(pick).unwrap_or_default();
        let columns = [
            ("name", "head-application-indicator", text(|told| told.name.clone())),
            ("unit", "application-unit", text(|told| told.unit.clone())),
            ("baseline", "head-application-baseline", text(|told| told.baseline.to_string())),
            ("target", "head-application-target", text(|told| told.target.to_string())),
        ];
        columns
            .into_iter()
            .fold(collecting(), |act, (column, key, value)| {
                let kind = if matches!(column, "baseline" | "target") { "number" } else { "text" };
                let label = match column {
                    "name" => in_row(context, key, place),
                    _ => context.t(key),
                };
                act.ask(context, kind, &format!("indicators.{place}.{column}")).labelled(label).value(value).optional()
            })
            .fields
    };
    let all = INDICATORS.max(indicators.len() + 1).min(budget::MAX_INDICATORS);
    let open = indicators.len().min(all);
    Section {
        id: "outcomes",
        title: context.t("application-indicators"),
        help: context.t("application-outcomes-help"),
        fields: Vec::new(),
        rows: (0..open).map(row).collect(),
        more: context.t("application-outcomes-more"),
        folded: (open..all).map(row).collect(),
    }
}

fn question_section(context: &Context, questions: &[&Question], row: &application::Model) -> Section {
    let answers = budget::answers_of(row);
    let locale = context.locale.as_str();
    let mut act = collecting();
    for question in questions {
        let (name, label) = (format!("answers.{}", question.id), question.label.in_locale(locale));
        if let Kind::Table { columns, max_rows } = &question.kind {
            let rows = TABLE_ROWS.min(usize::try_from(*max_rows).unwrap_or(TABLE_ROWS));
            for (place, column) in (0..rows).flat_map(|place| columns.iter().map(move |column| (place, column))) {
                let cell =
                    answers.0.get(&question.id).and_then(|rows| rows.get(place)).and_then(|row| row.get(&column.id));
                let what = format!("{label} · {}", column.label.in_locale(locale));
                let label = context.t_with("application-row", &[("what", &what), ("n", &(place + 1).to_string())]);
                act = asked(context, act, &format!("{name}.{place}.{}", column.id), &column.kind, cell, row.currency)
                    .labelled(label)
                    .optional();
            }
            continue;
        }
        act = asked(context, act, &name, &question.kind, answers.0.get(&question.id), row.currency).labelled(label);
        if let Some(hint) = &question.hint {
            act = act.hint(hint.in_locale(locale));
        }
        if !question.required {
            act = act.optional();
        }
    }
    Section {
        id: "questions",
        title: context.t("application-answers"),
        help: String::new(),
        fields: act.fields,
        rows: Vec::new(),
        more: String::new(),
        folded: Vec::new(),
    }
}

/// One question's field, by its kind.
fn asked(context: &Context, act: Act, name: &str, kind: &Kind, value: Option<&Value>, currency: Currency) -> Act {
    let text = match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Object(_)) => value
            .and_then(|value| serde_json::from_value::<Money>(value.clone()).ok())
            .map(|money| typed(money.minor, currency))
            .unwrap_or_default(),
        _ => String::new(),
    };
    match kind {
        Kind::Choice { options, many } => {
            let chosen: Vec<&str> = match value {
                Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
                _ => vec![text.as_str()],
            };
            let options = options
                .iter()
                .map(|option| Choice {
                    value: option.id.clone(),
                    label: option.label.in_locale(context.locale.as_str()).to_owned(),
                    selected: chosen.contains(&option.id.as_str()),
                })
                .collect();
            let mut act = act.ask(context, if *many { "checks" } else { "radios" }, name);
            if let Some(field) = act.fields.last_mut() {
                field.options = options;
            }
            act
        }
        Kind::Money {} => act.ask_money(context, name, currency).value(text),
        Kind::LongText { .. } => act.ask(context, "area", name).value(text),
        Kind::Number { .. } => act.ask(context, "number", name).value(text),
        Kind::Date { .. } => act.ask(context, "date", name).value(text),
        _ => act.ask(context, "text", name).value(text),
    }
}

/// Reads what was written.
///
/// # Errors
/// By the field, everything that cannot be read.
pub async fn read(context: &Context, id: ApplicationId, posted: &Posted) -> Result<(i32, Saved)> {
    let row = visible(context, id).await?;
    let db = context.edges.db.read();
    let call = calls::service::load(db, row.call_id).await?;
    let form = budget::questions(db, call.form_version_id).await?;
    let version = i32::try_from(posted.number("version", 1, i64::from(i32::MAX))).unwrap_or(0);
    let mut answers = Answers::default();
    for question in form.sections.iter().flat_map(|section| &section.questions) {
        let name = format!("answers.{}", question.id);
        if let Some(answer) = answer(posted, &name, &question.kind, row.currency) {
            answers.0.insert(question.id.clone(), answer);
        }
    }
    let saved = Saved {
        title: posted.text("title", TITLE),
        summary: posted.optional("summary", PROSE),
        site: posted.optional("site", PROSE),
        team: posted.optional("team", PROSE),
        child_name: posted.optional("child_name", TITLE),
        child_summary: posted.optional("child_summary", PROSE),
        answers,
        lines: read_lines(posted, row.currency),
        indicators: read_indicators(posted),
    };
    posted.well()?;
    Ok((version, saved))
}

/// Rows of a table in which one of these columns is filled: a select always has some value.
fn filled(posted: &Posted, name: &str, columns: &[&str]) -> Vec<usize> {
    let mut rows = posted.rows(name);
    rows.retain(|n| columns.iter().any(|column| !posted.raw(&format!("{name}.{n}.{column}")).trim().is_empty()));
    rows
}

fn read_lines(posted: &Posted, currency: Currency) -> Vec<Line> {
    let line = |n: usize| Line {
        head: posted.text(&format!("lines.{n}.head"), TITLE),
        label: posted.text(&format!("lines.{n}.label"), TITLE),
        quantity: whole(posted, &format!("lines.{n}.quantity"), 1),
        unit_minor: posted.money(&format!("lines.{n}.unit"), currency),
        source: posted.word(&format!("lines.{n}.source"), BudgetSource::parse, BudgetSource::Grant),
    };
    filled(posted, "lines", &["label", "quantity", "unit"]).into_iter().map(line).collect()
}

fn read_indicators(posted: &Posted) -> Vec<Measured> {
    let told = |n: usize| Measured {
        name: posted.text(&format!("indicators.{n}.name"), TITLE),
        unit: posted.optional(&format!("indicators.{n}.unit"), TITLE),
        baseline: whole(posted, &format!("indicators.{n}.baseline"), i64::from(i32::MIN)),
        target: whole(posted, &format!("indicators.{n}.target"), i64::from(i32::MIN)),
    };
    posted.rows("indicators").into_iter().map(told).collect()
}

fn whole(posted: &Posted, field: &str, least: i64) -> i32 {
    i32::try_from(posted.number(field, least, i64::from(i32::MAX))).unwrap_or(0)
}

/// One answer, `None` when nothing was written.
fn answer(posted: &Posted, name: &str, kind: &Kind, currency: Currency) -> Option<Value> {
    match kind {
        Kind::Table { columns, .. } => {
            let names: Vec<&str> = columns.iter().map(|column| column.id.as_str()).collect();
            let row = |n: usize| -> Value {
                let cell = |column: &crate::core::answers::Column| {
                    let value = answer(posted, &format!("{name}.{n}.{}", column.id), &column.kind, currency)?;
                    Some((column.id.clone(), value))
                };
                Value::Object(columns.iter().filter_map(cell).collect())
            };
            let rows: Vec<Value> = filled(posted, name, &names).into_iter().map(row).collect();
            (!rows.is_empty()).then_some(Value::Array(rows))
        }
        Kind::Choice { many: true, .. } => {
            let chosen = posted.all(name);
            (!chosen.is_empty()).then(|| json!(chosen))
        }
        _ if posted.raw(name).trim().is_empty() => None,
        Kind::Number { min, max } => Some(json!(posted.number(name, min.unwrap_or(i64::MIN), max.unwrap_or(i64::MAX)))),
        Kind::Money {} => serde_json::to_value(Money::new(posted.money_or_zero(name, currency), currency.0)).ok(),
        _ => Some(json!(posted.raw(name).trim())),
    }
}

impl EditPage {
    /// Samples for the test that renders every view.
    pub fn samples(context: &Context) -> Vec<Self> {
        let step = |state| Step {
            state,
            title: "t".into(),
            detail: String::new(),
            href: "#section-project".into(),
            date: String::new(),
        };
        let kinds = ["text", "area", "number", "date", "radios", "checks", "select", "money"];
        let act = kinds.iter().fold(collecting(), |act, kind| act.ask(context, kind, kind).labelled(*kind).value("1"));
        let row = |name| collecting().ask(context, "text", name).labelled("l").fields;
        let section = Section {
            id: "project",
            title: "t".into(),
            help: "h".into(),
            fields: act.fields,
            rows: vec![row("budget.0.label"), row("budget.1.label")],
            more: "m".into(),
            folded: vec![row("budget.2.label")],
        };
        vec![Self {
            crumbs: Vec::new(),
            title: "t".into(),
            sentence: "s".into(),
            action: "/x".into(),
            version: 1,
            tasks: vec![step("done"), step("now")],
            missing: vec![Missing { href: "#text".into(), text: "m".into() }],
            sections: vec![section],
            asks: vec![Fact::new("a", "b")],
        }]
    }
}
