//! A form as an applicant meets it. What is tried on it is judged as an application would be, and kept nowhere.

use super::crumbs;
use super::fields::{Filling, controls};
use crate::core::answers::{Answers, FormDefinition, check_answers, is_shown};
use crate::error::{Error, Result};
use crate::grants::forms::service;
use crate::people::permission::{As, Context, Officer};
use crate::web::page::{Answer, Page};
use crate::web::parts::Crumb;
use crate::web::sheet::Asked;
use entities::kinds::{Currency, FormId};
use serde::Serialize;

/// The form to be tried.
#[derive(Debug, Clone, Serialize)]
pub struct PreviewPage {
    crumbs: Vec<Crumb>,
    title: String,
    sentence: String,
    /// Said once everything is answered well.
    complete: String,
    action: String,
    sections: Vec<Section>,
}

/// A section with its controls.
#[derive(Debug, Clone, Serialize)]
struct Section {
    title: String,
    help: String,
    fields: Vec<Asked>,
}

/// The definition to show: a published version, or what is being written.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn definition(by: &As<Officer>, id: FormId, version: Option<i32>) -> Result<FormDefinition> {
    let db = by.edges.db.read();
    match version {
        Some(version) => service::version(db, id, version).await,
        None => Ok(service::load(db, id).await?.1),
    }
}

/// The form with what was tried on it, `None` before anything was.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn page(by: &As<Officer>, id: FormId, version: Option<i32>, tried: Option<&Answers>) -> Answer {
    let (row, _, _) = service::load(by.edges.db.read(), id).await?;
    let definition = definition(by, id, version).await?;
    let nothing = Answers::default();
    let of =
        Filling { definition: &definition, answers: tried.unwrap_or(&nothing), currency: Currency::CNY, files: None };
    // Once something was tried, what its answers leave out is left out as the applicant would see it.
    let seen = |id: &str| tried.is_none_or(|answers| is_shown(&definition, answers, id));
    let locale = by.locale.as_str();
    let section = |section: &crate::core::answers::Section| Section {
        title: section.title.in_locale(locale).to_owned(),
        help: section.help.as_ref().map(|help| help.in_locale(locale).to_owned()).unwrap_or_default(),
        fields: section
            .questions
            .iter()
            .filter(|question| seen(&question.id))
            .flat_map(|question| controls(by, of, question))
            .collect(),
    };
    let asked = version.map(|version| format!("?version={version}")).unwrap_or_default();
    let view = PreviewPage {
        crumbs: crumbs(by, &row),
        title: by.t("form-preview"),
        sentence: by.t("form-preview-text"),
        complete: if tried.is_some() { by.t("form-complete") } else { String::new() },
        action: format!("/forms/{id}/preview{asked}"),
        sections: definition.sections.iter().map(section).collect(),
    };
    Page::new(by, "forms/preview.html", "calls", &view)?.answer()
}

/// What an applicant would be told about these answers.
///
/// # Errors
/// By the field, everything that stands between them and submission.
pub fn judged(by: &Context, definition: &FormDefinition, answers: &Answers) -> Result<()> {
    let wrong = check_answers(definition, answers, by.edges.today());
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::Refused(service::violations(wrong)))
}

impl PreviewPage {
    /// Samples for the test that renders every view.
    pub fn samples(context: &Context) -> Vec<Self> {
        let kinds = ["text", "area", "number", "date", "radios", "checks", "file"];
        let act = crate::web::sheet::Act::worded(String::new(), String::new(), String::new(), "", "");
        let act = kinds.iter().fold(act, |act, kind| act.ask(context, kind, kind).labelled(*kind));
        let empty = Self {
            crumbs: vec![Crumb { label: "c".into(), href: "/forms".into() }],
            title: "t".into(),
            sentence: "s".into(),
            complete: String::new(),
            action: "/forms/1/preview".into(),
            sections: Vec::new(),
        };
        let section = Section { title: "t".into(), help: "h".into(), fields: act.fields };
        vec![Self { complete: "c".into(), sections: vec![section], ..empty.clone() }, empty]
    }
}
