//! The pages of the terms that agreements carry.

use super::super::terms;
use crate::people::permission::{Administrator, As, Level};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice};
use crate::web::sheet::{Act, Block, Cell, Sheet};
use entities::agreement_terms;
use entities::kinds::{AgreementTermsId, PolicyStage};

const LIST: &str = "/admin/agreement-terms";

/// What is in force today, and every version.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(by: &As<Administrator>) -> Answer {
    let db = by.edges.db.read();
    let rows = terms::versions(db).await?;
    let cells = |row: &agreement_terms::Model| {
        let open = row.stage == PolicyStage::Proposed;
        vec![
            Cell::lead(by.day(row.effective_on), if open { format!("{LIST}/{}", row.id) } else { String::new() }),
            Cell::text(by.t(&format!("stage-policy-{}", row.stage))),
            Cell::text(row.source.clone()),
        ]
    };
    let links = vec![ActLink { href: format!("{LIST}/new"), text: by.t("act-terms-propose-button"), tone: "" }];
    let mut sheet = Sheet::new(by.t("terms-title"))
        .under(&[(by.t("admin-title"), "/admin")])
        .sentence(by.t("terms-sentence"))
        .now(by.t("now-title"), "", links);
    if let Some(now) = terms::on(db, by.edges.today()).await? {
        sheet = sheet
            .with(Block::Prose { title: by.t("field-terms-zh"), text: now.text_zh })
            .with(Block::Prose { title: by.t("field-terms-en"), text: now.text_en });
    }
    sheet
        .with(Block::Table {
            title: String::new(),
            heads: ["field-effective-on", "head-stage", "terms-head-source"].map(|key| by.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: by.t("terms-empty"),
        })
        .answer(by, "desk")
}

/// The page that proposes terms, beginning with those in force.
///
/// # Errors
/// When the database cannot be read.
pub async fn propose(by: &As<Administrator>) -> Answer {
    let now = terms::on(by.edges.db.read(), by.edges.today()).await?;
    let (zh, en) = now.map(|row| (row.text_zh, row.text_en)).unwrap_or_default();
    Act::new(by, "terms-propose", LIST, LIST)
        .ask(by, "area", "terms_zh")
        .value(zh)
        .hint(by.t("terms-places"))
        .ask(by, "area", "terms_en")
        .value(en)
        .hint(by.t("terms-places"))
        .ask(by, "text", "terms_source")
        .ask(by, "date", "effective_on")
        .answer(by, "desk")
}

/// The page that decides on proposed terms.
///
/// # Errors
/// [`crate::error::Error::NotFound`] when they are not open.
pub async fn decide(by: &As<Administrator>, id: AgreementTermsId) -> Answer {
    let row = terms::open(by.edges.db.read(), id).await?;
    Act::new(by, "terms-decide", format!("{LIST}/{id}"), LIST)
        .fact(by.t("field-terms-zh"), row.text_zh)
        .fact(by.t("field-terms-en"), row.text_en)
        .fact(by.t("terms-head-source"), row.source)
        .fact(by.t("field-effective-on"), by.day(row.effective_on))
        .ask_choice(by, "answer", Choice::words(by, "policy-answer", ["confirm", "decline"]))
        .proving(by, Level::Decision)
        .answer(by, "desk")
}
