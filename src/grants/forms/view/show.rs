//! A form under an officer's hand: its sections and questions in both languages, what can be done with each, its versions, and the
//! calls that keep them.

use super::{crumbs, fields::condition_words};
use crate::core::answers::{FormDefinition, Kind, Question, draft_faults};
use crate::error::Result;
use crate::grants::forms::service;
use crate::people::permission::{As, Context, Officer};
use crate::web::page::{Answer, Page};
use crate::web::parts::{ActLink, Crumb, Fact};
use crate::web::sheet::Act;
use entities::kinds::{FormId, FormVersionId};
use entities::{call, form_version};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

/// Versions and calls shown.
const SHOWN: u64 = 30;
/// Kinds of questions in the order in which they are offered.
pub const KINDS: [&str; 8] = ["text", "long-text", "number", "money", "date", "choice", "table", "file"];

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct FormPage {
    crumbs: Vec<Crumb>,
    title: String,
    sentence: String,
    now_text: String,
    now_acts: Vec<ActLink>,
    /// Where moves are posted to.
    action: String,
    version: i32,
    sections: Vec<Part>,
    new_section: ActLink,
    versions: Vec<Fact>,
    files: Vec<ActLink>,
}

/// A section or question as it stands there.
#[derive(Debug, Clone, Serialize)]
struct Part {
    id: String,
    zh: String,
    en: String,
    detail: String,
    edit: String,
    remove: String,
    first: bool,
    last: bool,
    /// Questions of a section.
    questions: Vec<Part>,
    /// Kinds that may be added to a section.
    adding: Vec<ActLink>,
}

/// One form.
///
/// # Errors
/// [`crate::error::Error::NotFound`].
pub async fn page(by: &As<Officer>, id: FormId) -> Answer {
    let (row, definition, version) = service::load(by.edges.db.read(), id).await?;
    let base = format!("/forms/{id}");
    let link = |href: String, key: &str, tone: &'static str| ActLink { href, text: by.t(key), tone };
    let asked: usize = definition.sections.iter().map(|section| section.questions.len()).sum();
    let mut now_acts = Vec::new();
    if asked > 0 {
        now_acts.push(link(format!("{base}/publish"), "act-form-publish-button", ""));
        now_acts.push(link(format!("{base}/preview"), "form-preview", "quiet"));
    }
    let faults = draft_faults(&definition).len();
    let now_text =
        if faults > 0 { by.t_count("form-faults", i64::try_from(faults).unwrap_or(i64::MAX)) } else { String::new() };
    let view = FormPage {
        crumbs: crumbs(by, &row).into_iter().take(2).collect(),
        title: row.name.clone(),
        sentence: by.t(&format!("form-purpose-{}", row.purpose)),
        now_text,
        now_acts,
        action: format!("{base}/move"),
        version,
        sections: sections(by, &definition, &base),
        new_section: link(format!("{base}/sections/new"), "act-form-section-new-title", "quiet"),
        versions: versions(by, id).await?,
        files: vec![
            link(format!("{base}/export"), "form-export", "quiet"),
            link(format!("{base}/import"), "act-form-import-title", "quiet"),
        ],
    };
    Page::new(by, "forms/show.html", "calls", &view)?.answer()
}

fn sections(by: &As<Officer>, definition: &FormDefinition, base: &str) -> Vec<Part> {
    let last = definition.sections.len().saturating_sub(1);
    let part = |(place, section): (usize, &crate::core::answers::Section)| {
        let add = |kind: &&str| ActLink {
            href: format!("{base}/questions/new?section={}&kind={kind}", section.id),
            text: by.t(&format!("form-kind-{kind}")),
            tone: "quiet",
        };
        let at_edge = |of: usize| (place == 0 && of == 0, place == last && of + 1 == section.questions.len());
        Part {
            id: section.id.clone(),
            zh: section.title.zh.clone(),
            en: section.title.en.clone(),
            detail: section.help.as_ref().map(|help| by.pick(&help.zh, &help.en)).unwrap_or_default(),
            edit: format!("{base}/sections/{}", section.id),
            remove: format!("{base}/remove?what=section&item={}", section.id),
            first: place == 0,
            last: place == last,
            questions: section
                .questions
                .iter()
                .enumerate()
                .map(|(of, question)| {
                    let (first, last) = at_edge(of);
                    Part { first, last, ..self::question(by, definition, question, base) }
                })
                .collect(),
            adding: KINDS.iter().map(add).collect(),
        }
    };
    definition.sections.iter().enumerate().map(part).collect()
}

fn question(by: &As<Officer>, definition: &FormDefinition, question: &Question, base: &str) -> Part {
    let mut words = vec![by.t(&format!("form-kind-{}", word(&question.kind)))];
    words.push(by.t(if question.required { "form-is-required" } else { "form-is-optional" }));
    if let Some(condition) = &question.show_if
        && let Some((asked, option)) = condition_words(by, definition, &condition.question, &condition.equals)
    {
        words.push(by.t_with("form-only-if", &[("question", &asked), ("option", &option)]));
    }
    if question.identifying {
        words.push(by.t("form-is-identifying"));
    }
    Part {
        id: question.id.clone(),
        zh: question.label.zh.clone(),
        en: question.label.en.clone(),
        detail: words.join(" · "),
        edit: format!("{base}/questions/{}", question.id),
        remove: format!("{base}/remove?what=question&item={}", question.id),
        first: false,
        last: false,
        questions: Vec::new(),
        adding: Vec::new(),
    }
}

/// The word of a kind, as in a file.
pub const fn word(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text { .. } => "text",
        Kind::LongText { .. } => "long-text",
        Kind::Number { .. } => "number",
        Kind::Money {} => "money",
        Kind::Date { .. } => "date",
        Kind::Choice { .. } => "choice",
        Kind::Table { .. } => "table",
        Kind::File {} => "file",
    }
}

/// Published versions, each with the calls that keep it.
async fn versions(by: &As<Officer>, id: FormId) -> Result<Vec<Fact>> {
    let db = by.edges.db.read();
    let rows = form_version::Entity::find()
        .filter(form_version::Column::FormId.eq(id))
        .order_by_desc(form_version::Column::Version)
        .limit(SHOWN)
        .all(db)
        .await?;
    let kept: Vec<(FormVersionId, i64)> = call::Entity::find()
        .select_only()
        .column(call::Column::FormVersionId)
        .column_as(call::Column::Id.count(), "calls")
        .filter(call::Column::FormVersionId.is_in(rows.iter().map(|row| row.id)))
        .group_by(call::Column::FormVersionId)
        .into_tuple()
        .all(db)
        .await?;
    let fact = |row: &form_version::Model| {
        let calls = kept.iter().find(|(id, _)| *id == row.id).map_or(0, |(_, calls)| *calls);
        let label = by.t_with("form-version-n", &[("n", &row.version.to_string())]);
        let value = format!("{} · {}", by.moment(row.created_at), by.t_count("form-kept-by", calls));
        Fact::linked(label, value, format!("/forms/{id}/preview?version={}", row.version))
    };
    Ok(rows.iter().map(fact).collect())
}

/// The page that removes a section or a question.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for what is not there.
pub async fn remove(by: &As<Officer>, id: FormId, what: &str, item: &str) -> Answer {
    let (row, definition, version) = service::load(by.edges.db.read(), id).await?;
    let section = definition.sections.iter().find(|section| what == "section" && section.id == item);
    let mut questions = definition.sections.iter().flat_map(|section| &section.questions);
    let question = questions.find(|question| what == "question" && question.id == item);
    let label = match (section, question) {
        (Some(section), _) => by.pick(&section.title.zh, &section.title.en),
        (None, Some(question)) => by.pick(&question.label.zh, &question.label.en),
        (None, None) => return Err(crate::error::Error::NotFound),
    };
    let back = format!("/forms/{id}");
    let mut act = Act::new(by, "form-remove", format!("{back}/remove"), back)
        .fact(by.t(&format!("form-what-{what}")), label)
        .hidden("what", what)
        .hidden("item", item)
        .hidden("version", version.to_string())
        .stop();
    if let Some(section) = section {
        act = act.fact(by.t("form-questions"), section.questions.len().to_string());
    }
    act.crumbs = crumbs(by, &row);
    act.answer(by, "calls")
}

/// The page that fixes the draft as the next version.
///
/// # Errors
/// [`crate::error::Error::NotFound`].
pub async fn publish(by: &As<Officer>, id: FormId) -> Answer {
    let db = by.edges.db.read();
    let (row, definition, version) = service::load(db, id).await?;
    let next = service::last_version(db, id).await?.map_or(1, |last| last.version + 1);
    let back = format!("/forms/{id}");
    let asked: usize = definition.sections.iter().map(|section| section.questions.len()).sum();
    let mut act = Act::new(by, "form-publish", format!("{back}/publish"), back)
        .fact(by.t("form-next-version"), next.to_string())
        .fact(by.t("form-questions"), asked.to_string())
        .hidden("version", version.to_string());
    act.crumbs = crumbs(by, &row);
    act.answer(by, "calls")
}

/// The page that takes a file as the draft.
///
/// # Errors
/// [`crate::error::Error::NotFound`].
pub async fn import(by: &As<Officer>, id: FormId) -> Answer {
    let (row, _, version) = service::load(by.edges.db.read(), id).await?;
    let back = format!("/forms/{id}");
    let mut act = Act::new(by, "form-import", format!("{back}/import"), back)
        .ask(by, "file", "definition_file")
        .optional()
        .ask(by, "area", "definition")
        .hint(by.t("form-definition-hint"))
        .optional()
        .hidden("version", version.to_string());
    act.crumbs = crumbs(by, &row);
    act.answer(by, "calls")
}

impl FormPage {
    /// Samples for the test that renders every view.
    pub fn samples(context: &Context) -> Vec<Self> {
        let link = || ActLink { href: "/x".into(), text: context.t("form-export"), tone: "quiet" };
        let part = |questions| Part {
            id: "p".into(),
            zh: "甲".into(),
            en: "A".into(),
            detail: "d".into(),
            edit: "/e".into(),
            remove: "/r".into(),
            first: false,
            last: false,
            questions,
            adding: vec![link()],
        };
        let empty = Self {
            crumbs: vec![Crumb { label: "c".into(), href: "/forms".into() }],
            title: "t".into(),
            sentence: "s".into(),
            now_text: String::new(),
            now_acts: Vec::new(),
            action: "/forms/1/move".into(),
            version: 1,
            sections: Vec::new(),
            new_section: link(),
            versions: Vec::new(),
            files: vec![link()],
        };
        let full = Self {
            now_text: "n".into(),
            now_acts: vec![link()],
            sections: vec![part(vec![part(Vec::new()), Part { first: true, last: true, ..part(Vec::new()) }])],
            versions: vec![Fact::linked("v", "w", "/v")],
            ..empty.clone()
        };
        vec![empty, full]
    }
}
