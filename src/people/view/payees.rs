//! The pages of payee accounts. The number shows its last four digits, and all of them only where it is compared.

use crate::commons::events;
use crate::error::{Error, Result};
use crate::people::permission::Context;
use crate::people::rules::PAYEE;
use crate::people::{numbers, organisations, payees};
use crate::web::page::Answer;
use crate::web::parts::Fact;
use crate::web::sheet::{Act, Block, Sheet, act_links, history};
use entities::kinds::{Currency, OrganisationId, PayeeAccountId, PayeeStage, Role, Subject};
use entities::payee_account;

/// Events shown.
const HISTORY: u64 = 20;

/// Whether the reader may see the accounts of an organisation: its own people and staff.
pub fn seen_by(context: &Context, organisation: OrganisationId) -> bool {
    context.actor.belongs_to(organisation) || context.actor.is_staff()
}

async fn visible(context: &Context, organisation: OrganisationId, id: PayeeAccountId) -> Result<payee_account::Model> {
    if !seen_by(context, organisation) {
        return Err(Error::NotFound);
    }
    payees::of(context.edges.db.read(), organisation, id).await
}

/// One account.
///
/// # Errors
/// [`Error::NotFound`] for strangers.
pub async fn show(context: &Context, organisation: OrganisationId, id: PayeeAccountId) -> Answer {
    let row = visible(context, organisation, id).await?;
    let db = context.edges.db.read();
    let name = name_of(context, organisation).await?;
    let home = format!("/organisations/{organisation}");
    let base = format!("{home}/payees/{id}");
    let mut offers = PAYEE.offers(row.stage, &context.actor.parts(Some(organisation)));
    let me = context.actor.person;
    let did = Some(row.entered_by) == me || (row.verified_by.is_some() && row.verified_by == me);
    let apart = !did && !context.actor.belongs_to(organisation);
    offers.retain(|act| *act == "revoke" || apart);
    let acts = act_links(context, "payee", &base, &offers, &["revoke"]);
    Sheet::new(numbers::masked(&row))
        .under(&[(context.t("organisations-title"), "/organisations"), (name, &home)])
        .chip(context.t(&format!("stage-payee-{}", row.stage)), tone(row.stage))
        .now(context.t("now-title"), "", acts)
        .with(Block::Facts { title: context.t("facts-title"), items: facts(context, &row, numbers::masked(&row)) })
        .beside(history(context, "payee", &events::history(db, Subject::PayeeAccount, id.0, HISTORY).await?))
        .answer(context, "")
}

async fn name_of(context: &Context, organisation: OrganisationId) -> Result<String> {
    let row = organisations::load(context.edges.db.read(), organisation).await?;
    Ok(context.pick(&row.name_zh, &row.name_en))
}

fn facts(context: &Context, row: &payee_account::Model, number: String) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(context.t("people-field-holder"), row.holder.clone()),
        Fact::new(context.t("people-field-bank-name"), row.bank_name.clone()),
        Fact::new(context.t("people-field-account-number"), number),
        Fact::new(context.t("field-currency"), row.currency.code()),
        Fact::new(context.t("payee-entered-at"), context.moment(row.entered_at)),
    ];
    if !row.evidence.is_empty() {
        facts.push(Fact::new(context.t("head-evidence"), row.evidence.clone()));
    }
    for (key, at) in [
        ("payee-verified-at", row.verified_at),
        ("payee-approved-at", row.approved_at),
        ("payee-usable-from", row.usable_from),
    ] {
        facts.extend(at.map(|at| Fact::new(context.t(key), context.moment(at))));
    }
    facts
}

/// The page that enters an account.
///
/// # Errors
/// [`Error::NotFound`] for strangers.
pub async fn enter(context: &Context, organisation: OrganisationId) -> Answer {
    context.signatory_of(organisation)?;
    let change = payees::usable(context.edges.db.read(), organisation).await?.is_some();
    let name = if change { "payee-change" } else { "payee-enter" };
    let home = format!("/organisations/{organisation}");
    Act::new(context, name, format!("{home}/payees"), home)
        .fact(context.t("field-organisation"), name_of(context, organisation).await?)
        .ask(context, "text", "holder")
        .labelled(context.t("people-field-holder"))
        .ask(context, "text", "bank_name")
        .labelled(context.t("people-field-bank-name"))
        .ask(context, "text", "account_number")
        .labelled(context.t("people-field-account-number"))
        .ask(context, "text", "currency")
        .value(Currency::CNY.code())
        .answer(context, "")
}

/// The page of an act on an account.
///
/// # Errors
/// [`Error::NotFound`] for strangers and for an act there is none of.
pub async fn act(context: &Context, organisation: OrganisationId, id: PayeeAccountId, act: &str) -> Answer {
    let row = visible(context, organisation, id).await?;
    if !matches!(act, "verify" | "approve" | "revoke") {
        return Err(Error::NotFound);
    }
    let home = format!("/organisations/{organisation}");
    let base = format!("{home}/payees/{id}");
    // Who compares the number needs all of it.
    let compares = context.actor.has(Role::FinanceOfficer) || context.actor.has(Role::Approver);
    let mut page = Act::new(context, &format!("payee-{act}"), format!("{base}/{act}"), base)
        .fact(context.t("field-organisation"), name_of(context, organisation).await?);
    let number = if compares { numbers::whole(&context.edges, &row)? } else { numbers::masked(&row) };
    for fact in facts(context, &row, number) {
        page = page.fact(fact.label, fact.value);
    }
    if compares {
        for name in shared(context, &row).await? {
            page = page.fact(context.t("payee-shared"), name);
        }
    }
    page = match act {
        "verify" => page.ask(context, "text", "evidence").hint(context.t("payee-evidence-hint")),
        "revoke" => page.ask(context, "area", "reason").stop(),
        _ => page,
    };
    page.hidden("version", row.version.to_string()).answer(context, "")
}

/// Names of other organisations that gave the same account: whoever checks it must know.
async fn shared(context: &Context, row: &payee_account::Model) -> Result<Vec<String>> {
    let others = numbers::shared(context.edges.db.read(), row).await?;
    Ok(organisations::names(context, others.into_iter()).await?.into_values().collect())
}

/// The tone of a stage's chip.
pub fn tone(stage: PayeeStage) -> &'static str {
    match stage {
        PayeeStage::Entered | PayeeStage::Verified | PayeeStage::Cooling => "wait",
        PayeeStage::Usable => "ok",
        PayeeStage::Replaced => "quiet",
        PayeeStage::Revoked => "stop",
    }
}
