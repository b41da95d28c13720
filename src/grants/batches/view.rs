//! The pages of batches, for finance and its checkers alone.

pub mod acts;
mod tasks;

pub use tasks::waiting;

use super::rules::PAYMENT_BATCH;
use super::service::{self, Line, open_to};
use crate::commons::events;
use crate::core::instructions::Profile;
use crate::error::Result;
use crate::people::accounts;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Block, Cell, Sheet, act_links, history, stage_text};
use entities::kinds::{PaymentBatchId, PaymentBatchStage, Role, Subject};
use entities::payment_batch;

/// Batches on one page.
const PAGE: u64 = 30;
/// Events shown.
const HISTORY: u64 = 40;

fn tone(stage: PaymentBatchStage) -> &'static str {
    match stage {
        PaymentBatchStage::Sent => "ok",
        PaymentBatchStage::Dissolved => "quiet",
        _ => "wait",
    }
}

/// Every batch, newest first, and how the foundation's accounts pay.
///
/// # Errors
/// [`crate::error::Error::Forbidden`] for other roles.
pub async fn list(context: &Context, before: Option<i64>) -> Answer {
    open_to(context)?;
    let db = context.edges.db.read();
    let rows = service::list(db, before, PAGE).await?;
    let older_href = match rows.last().filter(|_| rows.len() as u64 == PAGE) {
        Some(row) => format!("/payments/batches?before={}", row.id),
        None => String::new(),
    };
    let newer_href = if before.is_some() { "/payments/batches".to_owned() } else { String::new() };
    let finance = context.actor.has(Role::FinanceOfficer);
    let link =
        ActLink { href: "/payments/batches/new".into(), text: context.t("act-payment-batch-make-button"), tone: "" };
    let cells = |row: &payment_batch::Model| {
        let minor = row.total_minor.map(|minor| context.money(minor, row.currency)).unwrap_or_default();
        vec![
            Cell::lead(name(row), format!("/payments/batches/{}", row.id)),
            Cell::text(context.day(row.execute_on)),
            Cell::text(stage_text(context, "payment-batch", row.stage.as_str())),
            Cell::number(minor),
        ]
    };
    let links = if finance { vec![link] } else { Vec::new() };
    Sheet::new(context.t("payment-batches-title"))
        .sentence(context.t("payment-batches-sentence"))
        .now(context.t("now-title"), "", links)
        .with(Block::Table {
            title: context.t("payment-batches-title"),
            heads: ["head-number", "field-execute-on", "head-stage", "head-amount"].map(|key| context.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("payment-batches-empty"),
        })
        .with(Block::Pager { older_href, newer_href })
        .with(paying(context, finance).await?)
        .answer(context, "desk")
}

fn name(row: &payment_batch::Model) -> String {
    format!("B{:06}", row.id.0)
}

async fn paying(context: &Context, finance: bool) -> Result<Block> {
    let rows = service::all_accounts(context.edges.db.read()).await?;
    let cells = rows.iter().map(|(account, how)| {
        let href = if finance { format!("/payments/accounts/{}", account.id) } else { String::new() };
        let file = how.as_ref().map_or_else(
            || context.t("payment-batch-account-none"),
            |how| context.t(&format!("pay-profile-{}", how.profile)),
        );
        let number = format!("•••• {}", account.number_tail);
        vec![Cell::lead(account.name.clone(), href), Cell::text(number), Cell::text(file)]
    });
    Ok(Block::Table {
        title: context.t("payment-batch-accounts"),
        heads: ["head-name", "field-account-number", "field-profile"].map(|key| context.t(key)).into(),
        rows: cells.collect(),
        empty: context.t("payment-batch-accounts-empty"),
    })
}

/// What the reader may do with a batch now.
fn offered(context: &Context, row: &payment_batch::Model) -> Vec<&'static str> {
    let mut acts = PAYMENT_BATCH.offers(row.stage, &context.actor.parts(None));
    let me = context.actor.person;
    let mine = me == Some(row.made_by) || (row.frozen_by.is_some() && me == row.frozen_by);
    acts.retain(|act| *act != "send" || !mine);
    acts
}

/// One batch: its payments as the bank will read them, its file, and what can be done.
///
/// # Errors
/// [`crate::error::Error::NotFound`]; forbidden for other roles.
pub async fn show(context: &Context, id: PaymentBatchId) -> Answer {
    open_to(context)?;
    let db = context.edges.db.read();
    let row = service::load(db, id).await?;
    let lines = service::lines(context, &row).await?;
    let base = format!("/payments/batches/{id}");
    let mut links = act_links(context, "payment-batch", &base, &offered(context, &row), &["thaw", "dissolve"]);
    if row.stage == PaymentBatchStage::Sent && context.actor.has(Role::FinanceOfficer) {
        let text = context.t("payment-batch-take-file");
        links.push(ActLink { href: format!("{base}/file"), text, tone: "" });
    }
    let stopped = row.stage == PaymentBatchStage::Frozen && lines.iter().any(|line| line.stopped);
    let text = if stopped { "payment-batch-now-stopped".into() } else { format!("payment-batch-now-{}", row.stage) };
    Sheet::new(context.t_with("payment-batch-name", &[("number", &name(&row))]))
        .under(&[(context.t("payment-batches-title"), "/payments/batches")])
        .chip(stage_text(context, "payment-batch", row.stage.as_str()), tone(row.stage))
        .now(context.t("now-title"), context.t(&text), links)
        .with(table(context, &row, &lines))
        .with(changes(context, &lines))
        .beside(Block::Facts { title: context.t("facts-title"), items: facts(context, &row, &lines).await? })
        .beside(history(context, "payment-batch", &events::history(db, Subject::PaymentBatch, id.0, HISTORY).await?))
        .answer(context, "desk")
}

/// The payments of a batch, each with where it stands.
fn table(context: &Context, row: &payment_batch::Model, lines: &[Line]) -> Block {
    let cells = lines.iter().map(|line| {
        let outcome = match line.payment.outcome {
            Some(outcome) => format!("payment-{outcome}"),
            None if row.stage == PaymentBatchStage::Sent => "payment-batch-unknown".into(),
            None => "payment-open".into(),
        };
        vec![
            Cell::lead(line.reference.clone(), format!("/tranches/{}", line.payment.tranche_id)),
            Cell::text(format!("{} {}", line.holder_sent.text, line.tail)),
            Cell::text(line.bank_sent.text.clone()),
            Cell::text(context.t(&outcome)),
            Cell::number(context.money(line.payment.amount_minor, row.currency)),
        ]
    });
    let heads = ["head-number", "payment-batch-head-payee", "payment-batch-head-bank", "head-stage", "head-amount"];
    Block::Table {
        title: context.t("payment-batch-lines"),
        heads: heads.map(|key| context.t(key)).into(),
        rows: cells.collect(),
        empty: context.t("payment-batch-lines-empty"),
    }
}

/// What the bank's letters made of what people wrote: shown before anything leaves.
fn changes(context: &Context, lines: &[Line]) -> Block {
    let rows = lines.iter().filter(|line| line.changed()).flat_map(|line| {
        let pairs = [(&line.holder, &line.holder_sent), (&line.bank, &line.bank_sent), (&line.text, &line.text_sent)];
        let reference = line.reference.clone();
        pairs.into_iter().filter(|(_, sent)| sent.changed).map(move |(written, sent)| {
            vec![Cell::lead(reference.clone(), ""), Cell::text(written.clone()), Cell::text(sent.text.clone())]
        })
    });
    let heads = ["head-number", "payment-batch-head-written", "payment-batch-head-sent"];
    Block::Table {
        title: context.t("payment-batch-changes"),
        heads: heads.map(|key| context.t(key)).into(),
        rows: rows.collect(),
        empty: context.t("payment-batch-changes-empty"),
    }
}

/// What stands beside: account, day, sum, file, hands.
async fn facts(context: &Context, row: &payment_batch::Model, lines: &[Line]) -> Result<Vec<Fact>> {
    let db = context.edges.db.read();
    let accounts_of = service::all_accounts(db).await?;
    let account = accounts_of.iter().find(|(account, _)| account.id == row.account_id);
    let own = account.and_then(|(_, how)| how.as_ref()).map(|how| {
        let profile = Profile::of(row.profile.unwrap_or(how.profile));
        Fact::new(context.t("payment-batch-own-name"), profile.name(&how.holder).text)
    });
    let account = account.map(|(account, _)| format!("{} •••• {}", account.name, account.number_tail));
    let open: i64 = lines.iter().filter(|line| !line.stopped).map(|line| line.payment.amount_minor).sum();
    let hands = [("made", Some(row.made_by)), ("frozen", row.frozen_by), ("sent", row.sent_by)];
    let names = accounts::names(db, hands.iter().filter_map(|(_, id)| *id)).await?;
    let mut facts = vec![
        Fact::new(context.t("field-bank-account"), account.unwrap_or_default()),
        Fact::new(context.t("field-execute-on"), context.day(row.execute_on)),
        Fact::new(context.t("payment-batch-count"), lines.len().to_string()),
        Fact::new(context.t("head-amount"), context.money(row.total_minor.unwrap_or(open), row.currency)),
    ];
    facts.extend(own);
    if let Some(profile) = row.profile {
        facts.push(Fact::new(context.t("field-profile"), context.t(&format!("pay-profile-{profile}"))));
    }
    if let Some(hash) = &row.sha256 {
        facts.push(Fact::new(context.t("payment-batch-hash"), hash.clone()));
    }
    let by = |(step, id): (&str, Option<entities::kinds::PersonId>)| {
        let name = names.get(&id?)?.clone();
        Some(Fact::new(context.t(&format!("payment-batch-by-{step}")), name))
    };
    facts.extend(hands.into_iter().filter_map(by));
    Ok(facts)
}
