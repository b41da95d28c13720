//! The whole bid (申报书) as a document: what is asked, in whose name, every text, every table, the hash of what was signed.

use super::super::service::number;
use super::super::{attachments, budget, funding, sides};
use super::{answers, budget_heads, cells, facts, offered_under, outcome, texts, visible};
use crate::error::Result;
use crate::grants::calls;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::papers::{self, Head, Paper};
use crate::web::sheet::Cell;
use entities::application;
use entities::kinds::ApplicationId;
use serde::Serialize;

/// What the template `application.typ` reads.
#[derive(Debug, Clone, Serialize)]
pub struct Bid {
    head: Head,
    /// Label of the amount.
    asked: String,
    /// What is asked in figures.
    figures: String,
    /// The same in capitals, or `""`.
    capitals: String,
    /// Labels with values.
    facts: Vec<(String, String)>,
    /// Headings with texts.
    texts: Vec<(String, String)>,
    tables: Vec<Table>,
}

/// A table of the document.
#[derive(Debug, Clone, Serialize)]
struct Table {
    title: String,
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Paper for Bid {
    const FORM: crate::edges::press::Form = crate::edges::press::Form::Application;

    fn head(&self) -> &Head {
        &self.head
    }
}

/// The bid as PDF, for whoever may read its page.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for what is not the reader's to see.
pub async fn pdf(context: &Context, id: ApplicationId, locale: Option<&str>) -> Answer {
    let context = &papers::reading_in(context, locale);
    let row = visible(context, id).await?;
    papers::answer(context, &drawn_up(context, &row).await?, "application", format!("/applications/{id}")).await
}

async fn drawn_up(context: &Context, row: &application::Model) -> Result<Bid> {
    let db = context.edges.db.read();
    let call = calls::service::load(db, row.call_id).await?;
    let form = budget::questions(db, call.form_version_id).await?;
    let names = organisations::names(context, [Some(row.organisation_id), row.host_id].into_iter().flatten()).await?;
    let day = row.submitted_at.map(|at| context.day_of(at));
    let mut head = Head::new(context, context.t("application-paper"), number(row.id), day);
    if row.submitted_at.is_none() {
        head.draft = context.t("paper-draft");
    }
    let mut told = vec![
        (context.t("head-title"), row.title.clone()),
        (context.t("head-organisation"), names.get(&row.organisation_id).cloned().unwrap_or_default()),
    ];
    let host = row.host_id.and_then(|host| names.get(&host));
    let known = facts(context, row, &call, host, offered_under(context, row.id).await?);
    told.extend(known.into_iter().map(|fact| (fact.label, fact.value)));
    let said = texts(context, row).into_iter().chain(answers::told(context, &form, row, false).await?);
    Ok(Bid {
        head,
        asked: context.t("application-ask"),
        figures: context.money(row.ask_minor, row.currency),
        capitals: papers::capitals(context, row.ask_minor, row.currency),
        facts: told,
        texts: said.map(|fact| (fact.label, fact.value)).collect(),
        tables: tables(context, row).await?,
    })
}

async fn tables(context: &Context, row: &application::Model) -> Result<Vec<Table>> {
    let db = context.edges.db.read();
    let plain = |rows: Vec<Vec<Cell>>| -> Vec<Vec<String>> {
        rows.into_iter().map(|row| row.into_iter().map(|cell| cell.text).collect()).collect()
    };
    let table =
        |title: &str, heads: Vec<String>, rows: Vec<Vec<String>>| Table { title: context.t(title), heads, rows };
    let words = |keys: &[&str]| -> Vec<String> { keys.iter().map(|key| context.t(key)).collect() };
    let lines = budget::lines_of(db, row.id).await?;
    let lines = plain(lines.iter().map(|line| cells(context, line, row.currency)).collect());
    let measured = plain(budget::indicators_of(db, row.id).await?.iter().map(outcome).collect());
    let promised = funding::of(db, row.id).await?;
    let promised = promised.iter().map(|line| {
        vec![
            line.giver.clone(),
            context.t(&format!("application-source-{}", line.source)),
            context.money(line.promised_minor, line.currency),
            context.money(line.received_minor, line.currency),
        ]
    });
    let others = sides::of(db, row.id).await?;
    let names = organisations::names(context, others.iter().map(|side| side.organisation_id)).await?;
    let others = others.iter().map(|side| {
        vec![
            names.get(&side.organisation_id).cloned().unwrap_or_default(),
            context.t(&format!("side-role-{}", side.role)),
            side.title.clone(),
            context.money(side.amount_minor, row.currency),
        ]
    });
    let files = attachments::of(db, row.id).await?;
    let files =
        files.iter().map(|(file, document)| vec![file.label.clone(), document.name.clone(), document.sha256.clone()]);
    let all = vec![
        table("application-budget", budget_heads(context), lines),
        table(
            "application-indicators",
            words(&["head-application-indicator", "head-application-baseline", "head-application-target"]),
            measured,
        ),
        table(
            "application-funding",
            words(&[
                "head-application-giver",
                "head-application-source",
                "head-application-promised",
                "head-application-received",
            ]),
            promised.collect(),
        ),
        table(
            "application-sides",
            words(&["head-organisation", "head-application-as", "head-application-child", "head-amount"]),
            others.collect(),
        ),
        table(
            "application-files",
            words(&["head-application-file", "head-application-file-name", "application-hash"]),
            files.collect(),
        ),
    ];
    Ok(all.into_iter().filter(|table| !table.rows.is_empty()).collect())
}
