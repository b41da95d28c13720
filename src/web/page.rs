//! Pages: a template, the view it receives, and the frame around it. The only way a page is answered.

pub use crate::commons::foundation::{known_foundation, remember_foundation};
use crate::commons::texts::TITLE;
use crate::core::uploads;
use crate::edges::Edges;
use crate::edges::i18n::Value as Word;
use crate::error::{Error, Result, Violation};
use crate::people::permission::Context;
use entities::kinds::Locale;
use entities::{document, foundation};
use rocket::http::{ContentType, Header, Status};
use rocket::response::{self, Response};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a route answers.
pub type Answer = std::result::Result<Reply, Error>;

/// The kinds of answers.
#[derive(Debug)]
pub enum Reply {
    /// A page.
    Page(Box<Page>),
    /// Done: see there, with a notice (a locale key, `""` for none).
    See(String, &'static str),
    /// A file to save or show.
    File {
        /// Bytes.
        bytes: Vec<u8>,
        /// Media type.
        media_type: String,
        /// Name to save as; shown inline when empty.
        name: String,
        /// Whether everybody may read it; what is not for everybody is kept by no browser and no proxy.
        public: bool,
    },
}

impl Reply {
    /// Done: see there, with a notice.
    ///
    /// # Errors
    /// Never; it is an answer for the happy end of a route.
    pub fn see(path: impl Into<String>, notice: &'static str) -> Answer {
        Ok(Self::See(path.into(), notice))
    }

    /// A document: shown where its bytes are what they say and let nothing run, else saved.
    pub fn document(row: document::Model, bytes: Vec<u8>, public: bool) -> Self {
        match uploads::may_be_shown(&row.media_type, &bytes) {
            Some(kind) => Self::File { bytes, media_type: kind.media_type.into(), name: String::new(), public },
            None => {
                let text = row.media_type == uploads::TEXT.media_type;
                let media_type = if text { "text/plain; charset=utf-8" } else { "application/octet-stream" };
                Self::File { bytes, media_type: media_type.into(), name: row.name, public }
            }
        }
    }
}

/// A page about to be rendered.
#[derive(Debug)]
pub struct Page {
    pub(super) context: Context,
    template: &'static str,
    here: &'static str,
    view: tera::Value,
    errors: Vec<Violation>,
    typed: BTreeMap<String, String>,
    pub(super) status: Status,
}

/// What the frame of every page receives.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    /// `en` or `zh-CN`.
    pub locale: Locale,
    /// Path of this page.
    pub path: String,
    /// Which of the five places.
    pub here: String,
    /// Whether somebody is signed in.
    pub signed_in: bool,
    /// Who.
    pub person: String,
    /// The foundation's name.
    pub foundation: String,
    /// Its registration.
    pub registration: String,
    /// Its contact.
    pub contact: String,
    /// Whether this is the demonstration.
    pub demo: bool,
    /// Reference of the request.
    pub request_id: String,
    /// Shown once.
    pub notice: String,
    /// Key of every form on the page.
    pub form_key: String,
    /// The other language.
    pub other_locale: Locale,
}

/// An error beside a field, in words.
#[derive(Debug, Clone, Serialize)]
struct FieldError {
    field: String,
    text: String,
    /// The same with the field's label before it, for the summary on top.
    summary: String,
}

/// A label that asks, without its question mark: something follows it.
pub fn without_mark(label: &str) -> &str {
    label.trim_end_matches(['?', '？'])
}

/// The label of a field somewhere in a view: an object with this name and a label.
fn label_in(view: &serde_json::Value, field: &str) -> Option<String> {
    match view {
        serde_json::Value::Object(map) => {
            let own = map.get("name").and_then(serde_json::Value::as_str) == Some(field);
            let label = map.get("label").and_then(serde_json::Value::as_str).filter(|label| own && !label.is_empty());
            label.map(str::to_owned).or_else(|| map.values().find_map(|inner| label_in(inner, field)))
        }
        serde_json::Value::Array(items) => items.iter().find_map(|inner| label_in(inner, field)),
        _ => None,
    }
}

impl Page {
    /// A page at one of the five places: `home funds calls projects ledger desk`, or `""`.
    ///
    /// # Errors
    /// When the view cannot be written.
    pub fn new(context: &Context, template: &'static str, here: &'static str, view: &impl Serialize) -> Result<Self> {
        Ok(Self {
            context: context.clone(),
            template,
            here,
            view: tera::Value::try_from_serializable(view)
                .map_err(|error| Error::Internal(format!("view: {error}")))?,
            errors: Vec::new(),
            typed: BTreeMap::new(),
            status: Status::Ok,
        })
    }

    /// The page as an answer.
    ///
    /// # Errors
    /// Never.
    pub fn answer(self) -> Answer {
        Ok(Reply::Page(Box::new(self)))
    }

    /// The same page with what was typed into its form before.
    pub fn typed(self, typed: BTreeMap<String, String>) -> Self {
        Self { typed, ..self }
    }

    /// The same page with another status.
    pub fn status(self, status: Status) -> Self {
        Self { status, ..self }
    }

    /// The label of a field on this page.
    fn label_of(&self, field: &str) -> Option<String> {
        label_in(&serde_json::to_value(&self.view).ok()?, field)
    }

    fn field_error(&self, violation: &Violation) -> FieldError {
        let text = words_of(&self.context.edges, self.context.locale, violation);
        let label = if violation.field.is_empty() { None } else { self.label_of(&violation.field) };
        let summary = label.map_or_else(
            || text.clone(),
            |label| self.context.t_with("form-error-of", &[("label", without_mark(&label)), ("text", &text)]),
        );
        FieldError { field: violation.field.clone(), text, summary }
    }

    /// A form that is to prove its person asks for it, also where the page did not foresee it.
    fn ask_for_proof(&mut self, violations: &[Violation]) {
        let Ok(mut view) = serde_json::to_value(&self.view) else { return };
        let Some(fields) = view.get_mut("fields").and_then(serde_json::Value::as_array_mut) else { return };
        for asked in super::asked::proof_fields(&self.context, |field| violations.iter().any(|v| v.field == field)) {
            // A code and the passkey that may answer for it have one name.
            let there = fields.iter().any(|field| field["name"] == asked.name.as_str() && field["kind"] == asked.kind);
            if let Some(asked) = serde_json::to_value(asked).ok().filter(|_| !there) {
                fields.push(asked);
            }
        }
        self.view = tera::Value::from_serializable(&view);
    }

    /// Renders it.
    ///
    /// # Errors
    /// When the template wants something that is not there.
    pub fn render(&self, path: &str, notice: String) -> Result<String> {
        let edges = &self.context.edges;
        let locale = self.context.locale;
        let frame = frame(&self.context, path, self.here, notice);
        let errors: Vec<FieldError> = self.errors.iter().map(|v| self.field_error(v)).collect();
        let mut context = tera::Context::new();
        context.insert("locale", locale.as_str());
        context.insert("zone", edges.config.zone.name());
        context.insert("page", &frame);
        context.insert_value("v", self.view.clone());
        context.insert("form", &serde_json::json!({ "errors": errors, "values": self.typed }));
        edges.templates.render(self.template, &context)
    }
}

/// Shows a form again with what was typed and what was wrong: 422 for a refusal, 409 for a stale save. Other errors pass through.
///
/// # Errors
/// Whatever is not the form's to say.
pub async fn again<F>(posted: &super::forms::Posted, error: Error, show: F) -> Answer
where
    F: Future<Output = Answer>,
{
    let (status, violations) = match error {
        Error::Refused(violations) => (Status::UnprocessableEntity, violations),
        Error::Stale => (Status::Conflict, vec![Violation::whole("refused-stale")]),
        Error::Prove(violations) => (Status::UnprocessableEntity, violations),
        other => return Err(other),
    };
    match show.await? {
        Reply::Page(mut page) => {
            page.ask_for_proof(&violations);
            Ok(Reply::Page(Box::new(Page { errors: violations, typed: posted.typed(), status, ..*page })))
        }
        other => Ok(other),
    }
}

/// A violation in words.
pub fn words_of(edges: &Edges, locale: Locale, violation: &Violation) -> String {
    let args: Vec<(&str, Word)> = violation
        .args
        .iter()
        .map(|(name, value)| match name.strip_suffix(".word") {
            // A word that stands in a sentence: why a row of a file was not taken.
            Some(short) => {
                (short, Word::Text(edges.words.text(locale, value, &[("limit", Word::Count(TITLE as i64))])))
            }
            None => (*name, value.parse::<i64>().map_or_else(|_| Word::Text(value.clone()), Word::Count)),
        })
        .collect();
    edges.words.text(locale, violation.code, &args)
}

fn frame(context: &Context, path: &str, here: &str, notice: String) -> Frame {
    let foundation = known_foundation(&context.edges);
    let of = |pick: fn(&foundation::Model) -> String| foundation.as_deref().map(pick).unwrap_or_default();
    let locale = context.locale;
    Frame {
        locale,
        path: path.to_owned(),
        here: here.to_owned(),
        signed_in: context.actor.person.is_some(),
        person: context.actor.name.clone(),
        foundation: foundation
            .as_deref()
            .map(|f| crate::commons::texts::pick(locale, &f.name_zh, &f.name_en))
            .unwrap_or_default(),
        registration: of(|f| f.uscc.clone()),
        contact: of(|f| f.contact.clone()),
        demo: context.edges.config.demo,
        request_id: context.request.clone(),
        notice,
        form_key: context.edges.dice.token(),
        other_locale: if locale == Locale::En { Locale::ZhCn } else { Locale::En },
    }
}

/// An HTML answer.
pub(super) fn html_response(status: Status, html: String) -> response::Result<'static> {
    Response::build()
        .status(status)
        .header(ContentType::HTML)
        .header(Header::new("cache-control", "no-store"))
        .sized_body(html.len(), std::io::Cursor::new(html))
        .ok()
}
