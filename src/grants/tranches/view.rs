//! The pages of tranches: where a payment stands, who took which step, and the pages that move money.

use super::bank;
use super::rules::TRANCHE;
use super::service::{self, Part};
use crate::commons::{events, holds};
use crate::core::lifecycle;
use crate::error::{Error, Result};
use crate::grants::awards::acts::worded;
use crate::grants::awards::view as awards;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact, Task};
use crate::web::sheet::{Block, Cell, Sheet, act_links, history, stage_text};
use entities::kinds::{AwardKind, Role, Subject, TrancheId, TrancheStage};
use entities::{award, payment, tranche};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Events shown.
const HISTORY: u64 = 40;
/// Tasks shown.
const TASKS: u64 = 20;

async fn visible(context: &Context, id: TrancheId) -> Result<Part> {
    let part = service::load(context.edges.db.read(), id).await?;
    awards::visible(context, part.award.id).await?;
    Ok(part)
}

/// The acts offered now: a step somebody took already is not offered to them, nor the third approval before the second.
///
/// # Errors
/// When the database cannot be read.
pub async fn acts(context: &Context, part: &Part) -> Result<Vec<&'static str>> {
    let parts = context.actor.parts(Some(part.award.organisation_id));
    let open = service::open_payment(context.edges.db.read(), part.tranche.id).await?;
    let seed = part.award.kind == AwardKind::SeedFund;
    let me = context.actor.person;
    let mut acts = TRANCHE.offers(part.tranche.stage, &parts);
    acts.retain(|act| match (*act, &open) {
        ("approve", Some(open)) => open.approved_by.is_none(),
        ("approve-third", Some(open)) => open.third_required && open.approved_by.is_some(),
        ("confirm", Some(open)) => open.prepared_by != me,
        ("send" | "return", _) => !seed,
        ("open-fund", _) => seed,
        _ => true,
    });
    let took = open.as_ref().is_some_and(|open| {
        let steps = [open.programme_by, open.prepared_by, open.approved_by, open.third_by, Some(open.requested_by)];
        me.is_some() && steps.contains(&me)
    });
    if acts.contains(&"return") {
        acts.push("return-part");
    }
    if took {
        acts.retain(|act| !matches!(*act, "approve-programme" | "prepare" | "approve" | "approve-third"));
    }
    Ok(acts)
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
    let mut links = act_links(context, "tranche", &base, &acts, &["reject", "fail", "return", "return-part"]);
    // What was paid is done; that it came back is rare and never the main act.
    links.iter_mut().filter(|_| part.tranche.stage == TrancheStage::Paid).for_each(|link| link.tone = "quiet");
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
    let text = context.t(&format!("tranche-now-{}", part.tranche.stage));
    Ok(if nothing || part.tranche.stage == TrancheStage::Paid { text } else { String::new() })
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
        for fact in super::checks::facts(context, &part, &open).await? {
            page.facts.push(fact);
        }
    }
    if act == "request" {
        page = page.fact(context.t("tranche-account"), super::checks::account_of(context, &part).await?);
    }
    let fee = bank::fee_now(db, &part.award, part.tranche.amount_minor).await?;
    page = match act {
        "request" => page.ask(context, "file", "payment_request").optional(),
        "reject" | "fail" => page.ask(context, "area", "reason").stop(),
        "return" => page.ask(context, "text", "bank_line").stop(),
        "return-part" => {
            page.ask_money(context, "amount", part.tranche.currency).ask(context, "text", "bank_line").stop()
        }
        "confirm" => page
            .fact(context.t("flow-fee"), context.money(fee, part.tranche.currency))
            .ask(context, "text", "bank_line")
            .ask(context, "date", "paid_on")
            .value(context.edges.today().to_string())
            .ask(context, "file", "voucher")
            .ask(context, "file", "redacted"),
        _ => page,
    };
    page.answer(context, "desk")
}

const fn tone(stage: TrancheStage) -> &'static str {
    match stage {
        TrancheStage::Paid => "ok",
        TrancheStage::Planned | TrancheStage::Cancelled => "quiet",
        TrancheStage::Failed | TrancheStage::Returned => "stop",
        _ => "wait",
    }
}

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let db = context.edges.db.read();
    let mut stages = Vec::new();
    for (role, of) in [
        (Role::ProgrammeOfficer, &[TrancheStage::Requested][..]),
        (
            Role::FinanceOfficer,
            &[
                TrancheStage::ProgrammeApproved,
                TrancheStage::FinanceApproved,
                TrancheStage::Batched,
                TrancheStage::Sent,
            ][..],
        ),
        (Role::Approver, &[TrancheStage::FinancePrepared][..]),
    ] {
        if context.actor.has(role) {
            stages.extend_from_slice(of);
        }
    }
    let signs = context.actor.memberships.iter().filter(|row| row.role == entities::kinds::MemberRole::Signatory);
    let mine: Vec<_> = signs.map(|row| row.organisation_id).collect();
    let own = award::Entity::find()
        .select_only()
        .column(award::Column::Id)
        .filter(award::Column::OrganisationId.is_in(mine))
        .order_by_desc(award::Column::Id)
        .limit(200)
        .into_tuple::<entities::kinds::AwardId>()
        .all(db)
        .await?;
    let due =
        Condition::all().add(tranche::Column::Stage.eq(TrancheStage::Due)).add(tranche::Column::AwardId.is_in(own));
    let rows = tranche::Entity::find()
        .filter(Condition::any().add(tranche::Column::Stage.is_in(stages)).add(due))
        .order_by_asc(tranche::Column::DueOn)
        .order_by_asc(tranche::Column::Id)
        .limit(TASKS)
        .all(db)
        .await?;
    tasks(context, rows).await
}

async fn tasks(context: &Context, rows: Vec<tranche::Model>) -> Result<Vec<Task>> {
    let db = context.edges.db.read();
    let awards =
        award::Entity::find().filter(award::Column::Id.is_in(rows.iter().map(|row| row.award_id))).all(db).await?;
    let payments = payment::Entity::find()
        .filter(payment::Column::TrancheId.is_in(rows.iter().map(|row| row.id)))
        .filter(payment::Column::Outcome.is_null())
        .all(db)
        .await?;
    let payees = organisations::names(context, awards.iter().map(|award| award.organisation_id)).await?;
    let mut tasks = Vec::new();
    for row in rows {
        let Some(award) = awards.iter().find(|award| award.id == row.award_id) else { continue };
        let open = payments.iter().find(|payment| payment.tranche_id == row.id);
        let Some(act) = next(context, award, &row, open) else { continue };
        let amount = context.money(row.amount_minor, row.currency);
        let payee = payees.get(&award.organisation_id).map(String::as_str).unwrap_or_default();
        let args = [("amount", amount.as_str()), ("payee", payee), ("title", award.title.as_str())];
        tasks.push(Task {
            href: format!("/tranches/{}/{act}", row.id),
            title: context.t_with(&format!("act-tranche-{act}-title"), &args),
            detail: format!("{} · {payee}", award.title),
            chip: row
                .due_on
                .map(|day| context.t_with("tranche-since", &[("day", &context.day(day))]))
                .unwrap_or_default(),
            tone: "wait",
        });
    }
    Ok(tasks)
}

/// The step that waits for the reader, if it is theirs to take.
fn next(
    context: &Context,
    award: &award::Model,
    row: &tranche::Model,
    open: Option<&payment::Model>,
) -> Option<&'static str> {
    let me = context.actor.person;
    let parts = context.actor.parts(Some(award.organisation_id));
    let has = |part: lifecycle::Part| parts.contains(&part);
    let took = |open: &payment::Model| {
        [open.programme_by, open.prepared_by, open.approved_by, open.third_by, Some(open.requested_by)].contains(&me)
    };
    match (row.stage, open) {
        (TrancheStage::Due, None) if has(lifecycle::Part::Signatory) => Some("request"),
        (TrancheStage::Requested, Some(open)) if has(lifecycle::Part::Officer) && !took(open) => {
            Some("approve-programme")
        }
        (TrancheStage::ProgrammeApproved, Some(open)) if has(lifecycle::Part::Finance) && !took(open) => {
            Some("prepare")
        }
        (TrancheStage::FinancePrepared, Some(open)) if has(lifecycle::Part::Approver) && !took(open) => {
            Some(if open.approved_by.is_none() { "approve" } else { "approve-third" })
        }
        (TrancheStage::FinanceApproved, _) if has(lifecycle::Part::Finance) => Some("batch"),
        (TrancheStage::Batched, _) if has(lifecycle::Part::Finance) => {
            Some(if award.kind == AwardKind::SeedFund { "open-fund" } else { "send" })
        }
        (TrancheStage::Sent, Some(open)) if has(lifecycle::Part::Finance) && open.prepared_by != me => Some("confirm"),
        _ => None,
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
