//! The pages of tranches: where a payment stands, who took which step, and the pages that move money.

mod acts;
mod tasks;

pub use acts::{act, acts};
pub use tasks::waiting;

use super::service::{self, Part};
use super::{bank, statements};
use crate::commons::{events, holds, policies};
use crate::error::Result;
use crate::grants::awards::view as awards;
use crate::people::permission::Context;
use crate::people::{organisations, payees};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Block, Cell, Sheet, act_links, history, stage_text};
use entities::kinds::{PaymentBatchId, Subject, TrancheId, TrancheStage};
use entities::tranche;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Events shown.
const HISTORY: u64 = 40;

async fn visible(context: &Context, id: TrancheId) -> Result<Part> {
    let part = service::load(context.edges.db.read(), id).await?;
    awards::visible(context, part.award.id).await?;
    Ok(part)
}

/// One tranche with its payment.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn show(context: &Context, id: TrancheId) -> Answer {
    let db = context.edges.db.read();
    let part = visible(context, id).await?;
    let base = part.link();
    let up = format!("/awards/{}", part.award.id);
    let acts = acts(context, &part).await?;
    let mut links =
        act_links(context, "tranche", &base, &acts, &["reject", "fail", "return", "return-part", "decline-said"]);
    let batch = batch_of(context, &part).await?;
    if let Some(id) = batch.filter(|_| context.actor.is_staff()) {
        let text = context.t("tranche-see-batch");
        links.push(ActLink { href: format!("/payments/batches/{id}"), text, tone: "quiet" });
    }
    // What was paid is done; that it came back is rare and never the main act, unless somebody said so.
    let quiet = part.tranche.stage == TrancheStage::Paid && !acts.contains(&"confirm-said");
    links.iter_mut().filter(|_| quiet).for_each(|link| link.tone = "quiet");
    let amount = context.money(part.tranche.amount_minor, part.tranche.currency);
    let ordinal = part.tranche.ordinal.to_string();
    let mut sheet = Sheet::new(context.t_with("tranche-step", &[("ordinal", &ordinal), ("amount", &amount)]))
        .under(&[(context.t("awards-title"), "/awards"), (part.award.title.clone(), &up)])
        .chip(stage_text(context, "tranche", part.tranche.stage.as_str()), tone(part.tranche.stage))
        .now(context.t("now-title"), now_text(context, &part, links.is_empty()).await?, links)
        .with(gates(context, &part).await?)
        .with(payments(context, &part).await?)
        .beside(facts(context, &part).await?);
    if context.actor.is_staff() {
        sheet = sheet.beside(people(context, &part).await?);
    }
    sheet
        .beside(history(context, "tranche", &events::history(db, Subject::Tranche, id.0, HISTORY).await?))
        .answer(context, "desk")
}

async fn now_text(context: &Context, part: &Part, nothing: bool) -> Result<String> {
    let held = holds::standing(context.edges.db.read(), Subject::Award, part.award.id.0).await?;
    if let Some(hold) = held.first() {
        return Ok(context.t_with("refused-held", &[("reason", &hold.reason)]));
    }
    if let Some(text) = payee_text(context, part).await? {
        return Ok(text);
    }
    if statements::waiting(context.edges.db.read(), part.tranche.id).await?.is_some() {
        return Ok(context.t("tranche-now-said"));
    }
    let text = context.t(&format!("tranche-now-{}", part.tranche.stage));
    Ok(if nothing || part.tranche.stage == TrancheStage::Paid { text } else { String::new() })
}

/// The batch that the payment under way is in.
async fn batch_of(context: &Context, part: &Part) -> Result<Option<PaymentBatchId>> {
    let db = context.edges.db.read();
    match service::open_payment(db, part.tranche.id).await? {
        Some(open) => bank::in_batch(db, open.id).await,
        None => Ok(None),
    }
}

/// When a payment may go on that waits for a changed payee account.
async fn payee_text(context: &Context, part: &Part) -> Result<Option<String>> {
    if part.tranche.stage != TrancheStage::Due {
        return Ok(None);
    }
    let db = context.edges.db.read();
    let Some(account) = payees::on_its_way(db, part.award.organisation_id).await? else { return Ok(None) };
    if let Some(from) = account.usable_from {
        return Ok(Some(context.t_with("tranche-now-payee-cooling", &[("moment", &context.moment(from))])));
    }
    let days = policies::on(db, context.edges.today()).await?.cooling_days;
    Ok(Some(context.t_with("tranche-now-payee-checked", &[("days", &days.to_string())])))
}

async fn gates(context: &Context, part: &Part) -> Result<Block> {
    let facts = service::facts(context.edges.db.read(), &part.award).await?;
    let items = service::gates(&part.tranche)?.into_iter().map(|gate| {
        let ok = facts.met(gate);
        crate::web::parts::Checked {
            text: context.t(&format!("gate-{}", gate.as_str())),
            ok,
            word: context.t(if ok { "award-check-yes" } else { "award-check-no" }),
        }
    });
    Ok(Block::Checklist { title: context.t("tranche-gates"), items: items.collect() })
}

async fn payments(context: &Context, part: &Part) -> Result<Block> {
    let rows = service::payments_of(context.edges.db.read(), part.tranche.id).await?;
    let staff = context.actor.is_staff();
    let cells = rows.iter().map(|row| {
        let outcome = row.outcome.map_or_else(|| "open".to_owned(), |outcome| outcome.to_string());
        let voucher = row.voucher_id.filter(|_| staff).map(|id| format!("/documents/{id}")).unwrap_or_default();
        vec![
            Cell::lead(row.instruction.clone().unwrap_or_else(|| context.t("tranche-no-reference")), voucher),
            Cell::text(context.day(context.day_of(row.requested_at))),
            Cell::text(context.t(&format!("payment-{outcome}"))),
            Cell::number(context.money(row.amount_minor, row.currency)),
        ]
    });
    Ok(Block::Table {
        title: context.t("tranche-payments"),
        heads: ["head-number", "head-date", "head-stage", "head-amount"].map(|key| context.t(key)).into(),
        rows: cells.collect(),
        empty: context.t("tranche-payments-empty"),
    })
}

/// Who took which step: staff only, by number of the person's part, so that a missing second person is seen.
async fn people(context: &Context, part: &Part) -> Result<Block> {
    let rows = service::payments_of(context.edges.db.read(), part.tranche.id).await?;
    let Some(row) = rows.first() else {
        return Ok(Block::Facts { title: context.t("tranche-people"), items: Vec::new() });
    };
    let steps = [
        ("requested", Some(row.requested_by)),
        ("programme", row.programme_by),
        ("prepared", row.prepared_by),
        ("approved", row.approved_by),
        ("third", row.third_by),
        ("confirmed", row.confirmed_by),
    ];
    let ids = steps.iter().filter_map(|(_, id)| *id);
    let names = entities::person::Entity::find()
        .filter(entities::person::Column::Id.is_in(ids))
        .all(context.edges.db.read())
        .await?;
    let items = steps
        .into_iter()
        .filter(|(step, id)| *step != "third" || row.third_required || id.is_some())
        .map(|(step, id)| {
            let name = id.and_then(|id| names.iter().find(|row| row.id == id)).map(|row| row.name.clone());
            Fact::new(context.t(&format!("tranche-step-{step}")), name.unwrap_or_else(|| context.t("tranche-nobody")))
        })
        .collect();
    Ok(Block::Facts { title: context.t("tranche-people"), items })
}

async fn facts(context: &Context, part: &Part) -> Result<Block> {
    let row = &part.tranche;
    let names = organisations::names(context, [part.award.organisation_id].into_iter()).await?;
    let payee = names.get(&part.award.organisation_id).cloned().unwrap_or_default();
    let mut items = vec![
        Fact::new(context.t("head-organisation"), payee),
        Fact::new(context.t("tranche-planned"), context.money(row.planned_minor, row.currency)),
        Fact::new(context.t("head-amount"), context.money(row.amount_minor, row.currency)),
        Fact::new(context.t("award-capitals"), context.capitals(row.amount_minor, row.currency)),
    ];
    if let Some(day) = row.due_on {
        items.push(Fact::new(context.t("tranche-due-on"), context.day(day)));
    }
    items.retain(|fact| !fact.value.is_empty());
    Ok(Block::Facts { title: context.t("facts-title"), items })
}

const fn tone(stage: TrancheStage) -> &'static str {
    match stage {
        TrancheStage::Paid => "ok",
        TrancheStage::Planned | TrancheStage::Cancelled => "quiet",
        TrancheStage::Failed | TrancheStage::Returned => "stop",
        _ => "wait",
    }
}

/// Links to the tranches of an award, for other rooms' pages.
pub fn link(context: &Context, row: &tranche::Model) -> ActLink {
    let amount = context.money(row.amount_minor, row.currency);
    let ordinal = row.ordinal.to_string();
    ActLink {
        href: format!("/tranches/{}", row.id),
        text: context.t_with("tranche-step", &[("ordinal", &ordinal), ("amount", &amount)]),
        tone: "quiet",
    }
}
