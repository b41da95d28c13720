//! Which acts on a tranche its reader is offered, and the page of each.

use super::super::bank;
use super::super::rules::TRANCHE;
use super::super::service::{self, Part};
use super::super::statements::{self, Fate, Said};
use super::visible;
use crate::error::{Error, Result};
use crate::grants::awards::acts::worded;
use crate::people::organisations;
use crate::people::permission::{Context, Level};
use crate::web::page::Answer;
use crate::web::parts::Fact;
use crate::web::sheet::Act;
use entities::kinds::{AwardKind, Role, TrancheId};

/// The acts offered now: a step somebody took already is not offered to them, nor the third approval before the second.
///
/// # Errors
/// When the database cannot be read.
pub async fn acts(context: &Context, part: &Part) -> Result<Vec<&'static str>> {
    let parts = context.actor.parts(Some(part.award.organisation_id));
    let open = service::open_payment(context.edges.db.read(), part.tranche.id).await?;
    let seed = part.award.kind == AwardKind::SeedFund;
    let batched = match &open {
        Some(open) => bank::in_batch(context.edges.db.read(), open.id).await?.is_some(),
        None => false,
    };
    let me = context.actor.person;
    let mut acts = TRANCHE.offers(part.tranche.stage, &parts);
    acts.retain(|act| match (*act, &open) {
        ("approve", Some(open)) => open.approved_by.is_none(),
        ("approve-third", Some(open)) => open.third_required && open.approved_by.is_some(),
        ("confirm", Some(open)) => open.prepared_by != me,
        ("send", _) => !seed && !batched,
        ("open-fund", _) => seed,
        _ => true,
    });
    let took = open.as_ref().is_some_and(|open| {
        let steps = [open.programme_by, open.prepared_by, open.approved_by, open.third_by, Some(open.requested_by)];
        me.is_some() && steps.contains(&me)
    });
    if took {
        acts.retain(|act| !matches!(*act, "approve-programme" | "prepare" | "approve" | "approve-third"));
    }
    of_two(context, part, acts).await
}

/// The halves of what the bank says against a payment: one of finance says it, an approver confirms or declines it.
async fn of_two(context: &Context, part: &Part, mut acts: Vec<&'static str>) -> Result<Vec<&'static str>> {
    let (finance, approver) = (context.actor.has(Role::FinanceOfficer), context.actor.has(Role::Approver));
    match statements::waiting(context.edges.db.read(), part.tranche.id).await? {
        None => {
            let says = finance && part.award.kind != AwardKind::SeedFund;
            acts.retain(|act| says || !matches!(*act, "fail" | "return"));
            if acts.contains(&"return") {
                acts.push("return-part");
            }
        }
        Some(said) => {
            acts.retain(|act| !matches!(*act, "fail" | "return" | "confirm"));
            if Some(said.proposed_by) == context.actor.person {
                acts.push("decline-said");
            } else if approver {
                acts.extend(["confirm-said", "decline-said"]);
            }
        }
    }
    Ok(acts)
}

/// The page of an act: exactly what will happen, to whom and to which account, in figures and capitals.
///
/// # Errors
/// [`Error::NotFound`] for an act that is not the reader's now.
pub async fn act(context: &Context, id: TrancheId, act: &str) -> Answer {
    let db = context.edges.db.read();
    let part = visible(context, id).await?;
    if !acts(context, &part).await?.contains(&act) {
        return Err(Error::NotFound);
    }
    let names = organisations::names(context, [part.award.organisation_id].into_iter()).await?;
    let payee = names.get(&part.award.organisation_id).cloned().unwrap_or_default();
    let amount = context.money(part.tranche.amount_minor, part.tranche.currency);
    let base = part.link();
    let args = [("amount", amount.as_str()), ("payee", payee.as_str()), ("title", part.award.title.as_str())];
    let mut page = worded(context, &format!("tranche-{act}"), &args, format!("{base}/{act}"), &base)
        .fact(context.t("head-title"), part.award.title.clone())
        .fact(context.t("head-organisation"), payee.clone())
        .fact(context.t("head-amount"), amount.clone());
    let capitals = context.capitals(part.tranche.amount_minor, part.tranche.currency);
    if !capitals.is_empty() {
        page = page.fact(context.t("award-capitals"), capitals);
    }
    if let Some(open) = service::open_payment(db, id).await?.filter(|_| act != "request") {
        for fact in super::super::checks::facts(context, &part, &open).await? {
            page.facts.push(fact);
        }
    }
    if act == "request" {
        page = page.fact(context.t("tranche-account"), super::super::checks::account_of(context, &part).await?);
    }
    let fee = bank::fee_now(db, &part.award, part.tranche.amount_minor).await?;
    page = match act {
        "confirm-said" => said(context, &part, page).await?,
        "decline-said" => said(context, &part, page).await?.ask(context, "area", "reason").stop(),
        _ => page.shows(part.tranche.version),
    };
    page = match act {
        "request" => page.ask(context, "file", "payment_request").optional(),
        "reject" => page.ask(context, "area", "reason").stop(),
        "fail" => line(context, page.ask(context, "area", "reason")),
        "return" => line(context, page),
        "return-part" => line(context, page.ask_money(context, "amount", part.tranche.currency)),
        "confirm" => page
            .fact(context.t("flow-fee"), context.money(fee, part.tranche.currency))
            .ask(context, "text", "bank_line")
            .ask(context, "date", "paid_on")
            .value(context.edges.today().to_string())
            .ask(context, "file", "voucher")
            .ask(context, "file", "redacted"),
        _ => page,
    };
    page = match act {
        "prepare" | "approve" | "approve-third" | "send" | "open-fund" => page.proving(context, Level::Payment),
        "reject" | "decline-said" => page,
        _ => page.proving(context, Level::Decision),
    };
    page.answer(context, "desk")
}

/// The bank's line, and its slip where there is one.
fn line(context: &Context, page: Act) -> Act {
    page.ask(context, "text", "bank_line").ask(context, "file", "slip").optional().stop()
}

/// What the other person said, for who looks for it on the statement.
async fn said(context: &Context, part: &Part, page: Act) -> Result<Act> {
    let open = statements::waiting(context.edges.db.read(), part.tranche.id).await?.ok_or(Error::NotFound)?;
    let told: Said = serde_json::from_value(open.payload)?;
    let (what, minor, reason) = match told.fate {
        Fate::Failed(reason) => ("fail", part.tranche.amount_minor, reason),
        Fate::Returned => ("return", part.tranche.amount_minor, String::new()),
        Fate::ReturnedInPart(minor) => ("return-part", minor, String::new()),
    };
    let amount = context.money(minor, part.tranche.currency);
    let mut page = page
        .shows(open.id)
        .fact(context.t("tranche-said"), context.t_with(&format!("tranche-said-{what}"), &[("amount", &amount)]))
        .fact(context.t("field-bank-line"), told.bank_line);
    if !reason.is_empty() {
        page = page.fact(context.t("head-reason"), reason);
    }
    if let Some(slip) = told.slip {
        let link = format!("/documents/{slip}");
        page.facts.push(Fact::linked(context.t("field-slip"), context.t("award-see"), link));
    }
    Ok(page)
}
