//! The page on which an application is written: what is missing at the top, then one form in sections ([`sections`]), read
//! back in [`reading`].

mod beside;
mod reading;
mod sections;

use super::rules::is_writing;
use super::view::visible;
use super::writing;
use super::{attachments, budget, scratch};
use crate::core::answers::FormDefinition;
use crate::error::{Error, Violation};
use crate::grants::calls::{self, view::left};
use crate::people::permission::Context;
use crate::web::page::{Answer, Page};
use crate::web::parts::{Choice, Crumb, Fact, Step};
use crate::web::sheet::Asked;
use beside::{Differing, differing, last_saved};
use entities::kinds::ApplicationId;
use serde::Serialize;
use std::collections::BTreeMap;

pub use reading::read;

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
    /// Where what is typed is kept.
    keep: String,
    /// What the page says of that, `""` when nothing was typed before.
    restored: String,
    /// What somebody else saved meanwhile, beside what was typed here.
    differing: Vec<Differing>,
    /// Who saved, and when.
    differing_text: String,
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
    drawn(context, id, None).await
}

/// The page after somebody else saved: what is saved stands beside what was typed, field by field.
///
/// # Errors
/// As [`page`].
pub async fn both(context: &Context, id: ApplicationId, typed: &BTreeMap<String, String>) -> Answer {
    drawn(context, id, Some(typed)).await
}

async fn drawn(context: &Context, id: ApplicationId, typed: Option<&BTreeMap<String, String>>) -> Answer {
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
    let files = attachments::of(db, id).await?;
    let files = files.into_iter().map(|(file, document)| (file.question, document.name)).collect();
    let wrong = writing::missing(db, &row, &call, context.edges.today()).await?;
    let sections = vec![
        sections::project(context, &row),
        sections::questions(context, &form, &row, &files),
        sections::budget(context, &call, &lines),
        sections::outcomes(context, &indicators),
        sections::child(context, &row),
    ];
    let base = format!("/applications/{id}");
    let kept = match typed {
        None => scratch::of(db, id, context.person()?).await?,
        Some(_) => None,
    };
    let before: Option<BTreeMap<String, String>> =
        kept.as_ref().and_then(|kept| serde_json::from_value(kept.fields.clone()).ok());
    let other = typed.or(before.as_ref()).map(|typed| differing(context, &sections, typed)).unwrap_or_default();
    // What was kept and says nothing else than what is saved is no news.
    let restored = kept.filter(|_| !other.is_empty());
    let meanwhile = typed.is_some() || restored.as_ref().is_some_and(|kept| kept.version != row.version);
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
        keep: format!("{base}/scratch"),
        restored: restored
            .as_ref()
            .map(|kept| context.t_with("application-restored", &[("when", &context.moment(kept.at))]))
            .unwrap_or_default(),
        differing_text: if meanwhile { last_saved(context, id).await? } else { String::new() },
        differing: if meanwhile { other } else { Vec::new() },
        tasks: tasks(&sections, &wrong),
        missing: wrong.iter().map(|violation| missing(context, &form, violation)).collect(),
        sections,
        asks: vec![
            Fact::new(context.t("application-saved-asks"), format!("{asked} {capitals}").trim().to_owned()),
            Fact::new(context.t("call-cap"), context.money(call.cap_minor, call.currency)),
            Fact::new(context.t("call-closes"), context.moment(call.closes_at)),
        ],
    };
    let page = Page::new(context, "applications/edit.html", "", &view)?;
    match before.filter(|_| restored.is_some()) {
        Some(before) => page.typed(before).answer(),
        None => page.answer(),
    }
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
        let act = kinds
            .iter()
            .fold(sections::collecting(), |act, kind| act.ask(context, kind, kind).labelled(*kind).value("1"));
        let act = act.ask_for("upload", "plan", "l".into()).offering(vec![Choice::new("file.plan", "b")]);
        let row = |name| sections::collecting().ask(context, "text", name).labelled("l").fields;
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
            keep: "/x/scratch".into(),
            restored: "r".into(),
            differing: vec![Differing::sample()],
            differing_text: "d".into(),
        }]
    }
}
