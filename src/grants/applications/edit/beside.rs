//! Two versions of a draft side by side: what is saved, and what somebody typed on a form that showed an older one.

use super::Section;
use crate::commons::events;
use crate::error::Result;
use crate::people::accounts;
use crate::people::permission::Context;
use crate::web::sheet::Asked;
use entities::kinds::{ApplicationId, Subject};
use serde::Serialize;
use std::collections::BTreeMap;

/// Events looked at for the last save.
const RECENT: u64 = 20;

/// A field of which two versions exist.
#[derive(Debug, Clone, Serialize)]
pub struct Differing {
    label: String,
    href: String,
    saved: String,
    typed: String,
}

impl Differing {
    /// A sample for the test that renders every view.
    pub fn sample() -> Self {
        Self { label: "l".into(), href: "#x".into(), saved: "s".into(), typed: "t".into() }
    }
}

/// Every field in which what was typed is not what is saved.
pub(super) fn differing(context: &Context, sections: &[Section], typed: &BTreeMap<String, String>) -> Vec<Differing> {
    let mut found = Vec::new();
    for section in sections {
        let single = section.fields.iter().map(std::slice::from_ref);
        let rows = section.rows.iter().chain(&section.folded).map(Vec::as_slice);
        for group in single.chain(rows) {
            // A select always has some value: a row in which nothing else stands on either side is empty on both.
            let chosen = |field: &Asked| field.kind == "select";
            let blank = group.iter().filter(|field| !chosen(field)).all(|field| {
                field.value.is_empty() && typed.get(&field.name).is_none_or(|text| text.trim().is_empty())
            });
            if blank && group.iter().any(chosen) {
                continue;
            }
            found.extend(group.iter().filter_map(|field| compared(context, field, typed)));
        }
    }
    found
}

fn compared(context: &Context, field: &Asked, typed: &BTreeMap<String, String>) -> Option<Differing> {
    // A file is kept as soon as it is there: nothing about it is typed.
    if field.kind == "upload" {
        return None;
    }
    let even = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    let options = |wanted: &dyn Fn(&str, bool) -> bool| {
        let labels = field.options.iter().filter(|one| wanted(&one.value, one.selected)).map(|one| one.label.clone());
        labels.collect::<Vec<_>>().join(" · ")
    };
    let mine = typed.get(&field.name).map(|text| even(text)).unwrap_or_default();
    let (saved, mine) = if field.options.is_empty() {
        (even(&field.value), mine)
    } else {
        let chosen: Vec<&str> = mine.split(',').collect();
        let first = field.kind == "select" && !field.options.iter().any(|one| one.selected);
        let saved = options(&|value, selected| {
            selected || (first && field.options.first().is_some_and(|one| one.value == value))
        });
        (saved, options(&|value, _| chosen.contains(&value)))
    };
    let none = |text: String| if text.is_empty() { context.t("application-not-answered") } else { text };
    (saved != mine).then(|| Differing {
        label: field.label.clone(),
        href: format!("#{}", field.name),
        saved: none(saved),
        typed: none(mine),
    })
}

/// Who of the organisation saved last, and when.
pub(super) async fn last_saved(context: &Context, id: ApplicationId) -> Result<String> {
    let db = context.edges.db.read();
    let events = events::history(db, Subject::Application, id.0, RECENT).await?;
    let Some(saved) = events.into_iter().find(|event| matches!(event.act.as_str(), "save" | "start")) else {
        return Ok(context.t("application-differing-somebody"));
    };
    let names = accounts::names(db, saved.actor_id.into_iter()).await?;
    let who = saved.actor_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default();
    Ok(context.t_with("application-differing-text", &[("who", &who), ("when", &context.moment(saved.at))]))
}
