//! The pages of forms: the list here, the form under the hand in [`show`], a question or section in [`asking`], how an applicant
//! meets it in [`preview`]. [`fields`] and [`reading`] are for every room that has a form filled in.

pub mod asking;
pub mod fields;
pub mod preview;
pub mod reading;
pub mod show;

use crate::people::permission::{As, Officer};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice, Crumb};
use crate::web::sheet::{Act, Block, Cell, Sheet};
use entities::kinds::{FormId, FormPurpose};
use entities::{form, form_draft, form_version};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Forms on one page.
const PAGE: u64 = 30;

/// All forms, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(by: &As<Officer>, before: Option<i64>) -> Answer {
    let db = by.edges.db.read();
    let mut query = form::Entity::find().order_by_desc(form::Column::Id).limit(PAGE + 1);
    if let Some(before) = before {
        query = query.filter(form::Column::Id.lt(before));
    }
    let mut rows = query.all(db).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older_href = rows.last().filter(|_| more).map(|row| format!("/forms?before={}", row.id)).unwrap_or_default();
    let ids: Vec<FormId> = rows.iter().map(|row| row.id).collect();
    let versions: Vec<(FormId, Option<i32>)> = form_version::Entity::find()
        .select_only()
        .column(form_version::Column::FormId)
        .column_as(form_version::Column::Version.max(), "last")
        .filter(form_version::Column::FormId.is_in(ids.clone()))
        .group_by(form_version::Column::FormId)
        .into_tuple()
        .all(db)
        .await?;
    let versions: BTreeMap<FormId, i32> = versions.into_iter().filter_map(|(id, last)| Some((id, last?))).collect();
    let drafts: BTreeSet<FormId> = form_draft::Entity::find()
        .filter(form_draft::Column::FormId.is_in(ids))
        .select_only()
        .column(form_draft::Column::FormId)
        .into_tuple()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let cells = |row: &form::Model| {
        let version = versions.get(&row.id).map_or_else(|| by.t("form-unpublished"), ToString::to_string);
        let draft = if drafts.contains(&row.id) { by.t("form-has-draft") } else { String::new() };
        vec![
            Cell::lead(row.name.clone(), format!("/forms/{}", row.id)),
            Cell::text(by.t(&format!("form-purpose-{}", row.purpose))),
            Cell::number(version),
            Cell::text(draft),
        ]
    };
    let new = ActLink { href: "/forms/new".into(), text: by.t("act-form-new-button"), tone: "" };
    Sheet::new(by.t("forms-title"))
        .under(&[(by.t("calls-title"), "/calls")])
        .sentence(by.t("forms-sentence"))
        .now(by.t("now-title"), "", vec![new])
        .with(Block::Table {
            title: String::new(),
            heads: ["head-name", "form-purpose", "form-last-version", "form-draft"].map(|key| by.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: by.t("forms-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(by, "calls")
}

/// The page that begins a form.
///
/// # Errors
/// When the page cannot be written.
pub fn new(by: &As<Officer>) -> Answer {
    let purposes = Choice::words(by, "form-purpose", FormPurpose::ALL.iter().map(|purpose| purpose.as_str()));
    Act::new(by, "form-new", "/forms", "/forms")
        .under(&[(by.t("calls-title"), "/calls"), (by.t("forms-title"), "/forms")])
        .ask(by, "text", "name")
        .ask_choice(by, "purpose", Choice::chosen(purposes, FormPurpose::Application.as_str()))
        .labelled(by.t("form-purpose"))
        .answer(by, "calls")
}

/// The way back from a page of one form.
fn crumbs(by: &As<Officer>, row: &form::Model) -> Vec<Crumb> {
    let crumb = |label: String, href: String| Crumb { label, href };
    vec![
        crumb(by.t("calls-title"), "/calls".into()),
        crumb(by.t("forms-title"), "/forms".into()),
        crumb(row.name.clone(), format!("/forms/{}", row.id)),
    ]
}
