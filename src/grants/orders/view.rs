//! Pages of online orders: the donor's, finance's, and what is odd.

pub mod acts;

use super::service::{self, LIVE, disputes, ending, refunds};
use crate::commons::{events, proposals};
use crate::error::{Error, Result};
use crate::grants::funds;
use crate::grants::gifts::service as gifts;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact, Task};
use crate::web::sheet::{Block, Cell, Sheet, act_links, history, stage_text};
use entities::kinds::{
    Currency, FundId, GiftId, OrderId, OrderStage, ProcessorEventStage, ProposalKind, ProposalStage, Role, Subject,
};
use entities::{card_refund, dispute, gift, online_order, processor_event, proposal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Events shown.
const HISTORY: u64 = 20;
/// Rows of finance's list, and tasks on a desk.
const MANY: u64 = 50;

/// An order the reader may see: its donor's, and staff's.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn visible(context: &Context, id: OrderId) -> Result<online_order::Model> {
    let row = service::load(context.edges.db.read(), id).await?;
    gift_of(context, row.gift_id).await?;
    Ok(row)
}

/// The gift of an order, for its donor and staff.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub async fn gift_of(context: &Context, id: GiftId) -> Result<gift::Model> {
    let row = gifts::load(context.edges.db.read(), id).await?;
    let works = context.actor.has(Role::FinanceOfficer)
        || context.actor.has(Role::Approver)
        || context.actor.has(Role::Administrator)
        || context.actor.has(Role::Supervisor);
    if works || gifts::is_donor(context, &row) { Ok(row) } else { Err(Error::NotFound) }
}

/// The currency of a fund that the reader may see.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn currency_of(context: &Context, fund: FundId) -> Result<Currency> {
    Ok(funds::view::visible(context, fund).await?.currency)
}

fn tone(row: &online_order::Model) -> &'static str {
    match row.stage {
        _ if !row.odd.is_empty() => "stop",
        OrderStage::Paid => "ok",
        OrderStage::Opening | OrderStage::Open | OrderStage::Processing => "wait",
        OrderStage::Failed => "stop",
        OrderStage::Expired => "quiet",
    }
}

/// One order: paid, being confirmed or failed, as our own books say.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn show(context: &Context, id: OrderId) -> Answer {
    let row = visible(context, id).await?;
    let given = gifts::load(context.edges.db.read(), row.gift_id).await?;
    let fund = funds::service::load(context.edges.db.read(), given.fund_id).await?;
    let name = context.pick(&fund.name_zh, &fund.name_en);
    let amount = context.money(row.amount_minor, row.currency);
    let number = format!("G{:06}", given.id.0);
    let mut acts = Vec::new();
    if row.stage == OrderStage::Open
        && gifts::is_donor(context, &given)
        && let Some(href) = &row.checkout_url
    {
        // A link and not a form: what a browser may post to is only ourselves.
        acts.push(ActLink { href: href.clone(), text: context.t_with("order-pay", &[("amount", &amount)]), tone: "" });
    }
    let base = format!("/orders/{id}");
    let offered = offered(context, &row).await?;
    acts.extend(act_links(
        context,
        "order",
        &base,
        &offered,
        &["refund", "free-refund", "withdraw-refund", "end", "withdraw-end"],
    ));
    let now =
        if row.odd.is_empty() { context.t(&format!("order-now-{}", row.stage)) } else { context.t("order-now-odd") };
    let db = context.edges.db.read();
    let mut sheet = Sheet::new(context.t_with("order-heading", &[("amount", &amount)]))
        .under(&[(context.t("gifts-title"), "/gifts"), (number, &format!("/gifts/{}", given.id))])
        .chip(stage_text(context, "order", row.stage.as_str()), tone(&row))
        .sentence(context.t_with("gift-to", &[("fund", &name)]))
        .now(context.t("now-title"), now, acts);
    let refunds = refunds::of_order(db, id).await?;
    if !refunds.is_empty() {
        sheet = sheet.with(refunded(context, &refunds));
    }
    let disputes = disputes::of_order(db, id).await?;
    if !disputes.is_empty() && context.actor.is_staff() {
        sheet = sheet.with(disputed(context, &disputes));
    }
    sheet = sheet.beside(facts(context, &row));
    if context.actor.is_staff() {
        sheet = sheet.beside(history(context, "order", &events::history(db, Subject::Order, id.0, HISTORY).await?));
    }
    sheet.answer(context, "funds")
}

fn facts(context: &Context, row: &online_order::Model) -> Block {
    let mut items = vec![
        Fact::new(context.t("head-amount"), context.money(row.amount_minor, row.currency)),
        Fact::new(context.t("order-begun"), context.moment(row.created_at)),
        Fact::linked(context.t("order-gift"), format!("G{:06}", row.gift_id.0), format!("/gifts/{}", row.gift_id)),
    ];
    if let Some(at) = row.paid_at {
        items.push(Fact::new(context.t("order-paid-at"), context.moment(at)));
    }
    if context.actor.is_staff() {
        let fee = row.fee_minor.map(|fee| context.money(fee, row.currency));
        items.push(Fact::new(context.t("order-fee"), fee.unwrap_or_else(|| context.t("order-fee-unknown"))));
        items.push(Fact::new(context.t("order-reference"), row.reference.clone()));
        if let Some(payment) = &row.payment_intent {
            items.push(Fact::new(context.t("order-payment"), payment.clone()));
        }
        if !row.odd.is_empty() {
            items.push(Fact::new(context.t("order-odd-why"), context.t(&row.odd)));
        }
    }
    Block::Facts { title: context.t("facts-title"), items }
}

fn refunded(context: &Context, rows: &[card_refund::Model]) -> Block {
    let heads = ["head-date", "head-stage", "head-amount"].map(|head| context.t(head)).into();
    let cells = |row: &card_refund::Model| {
        vec![
            Cell::lead(context.moment(row.created_at), ""),
            Cell::text(stage_text(context, "card-refund", row.stage.as_str())),
            Cell::number(context.money(row.amount_minor, row.currency)),
        ]
    };
    Block::Table {
        title: context.t("order-refunds"),
        heads,
        rows: rows.iter().map(cells).collect(),
        empty: String::new(),
    }
}

fn disputed(context: &Context, rows: &[dispute::Model]) -> Block {
    let heads =
        ["head-date", "head-stage", "head-reason", "head-amount", "order-of-fund", "order-of-loss", "order-fee"];
    let cells = |row: &dispute::Model| {
        vec![
            Cell::lead(context.moment(row.created_at), ""),
            Cell::text(stage_text(context, "dispute", row.stage.as_str())),
            Cell::text(row.reason.clone()),
            Cell::number(context.money(row.amount_minor, row.currency)),
            Cell::number(context.money(row.taken_minor, row.currency)),
            Cell::number(context.money(row.lost_minor, row.currency)),
            Cell::number(context.money(row.fee_minor, row.currency)),
        ]
    };
    Block::Table {
        title: context.t("order-disputes"),
        heads: heads.map(|head| context.t(head)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: String::new(),
    }
}

/// What the reader can do with the order now.
async fn offered(context: &Context, row: &online_order::Model) -> Result<Vec<&'static str>> {
    let db = context.edges.db.read();
    let (finance, approver) = (context.actor.has(Role::FinanceOfficer), context.actor.has(Role::Approver));
    let mut acts = Vec::new();
    let open = proposals::open(db, ProposalKind::Refund, Subject::Order, row.id.0).await?;
    match &open {
        Some(open) if approver && Some(open.proposed_by) != context.actor.person => acts.push("confirm-refund"),
        Some(_) if finance => acts.push("withdraw-refund"),
        None if finance && row.stage == OrderStage::Paid => acts.push("refund"),
        _ => {}
    }
    let ends = proposals::open(db, ProposalKind::Closing, Subject::Order, row.id.0).await?;
    match &ends {
        Some(open) if approver && Some(open.proposed_by) != context.actor.person => acts.push("confirm-end"),
        Some(_) if finance => acts.push("withdraw-end"),
        None if finance && ending::can_end(row) => acts.push("end"),
        _ => {}
    }
    if finance {
        acts.push("look-again");
        let now = context.edges.clock.now();
        if refunds::of_order(db, row.id).await?.iter().any(|row| refunds::is_lost(row, now)) {
            acts.push("free-refund");
        }
    }
    Ok(acts)
}

/// What a person of finance must look at: odd orders, parked events.
///
/// # Errors
/// Forbidden for everybody else.
pub async fn odd(context: &Context) -> Answer {
    if !context.actor.has(Role::FinanceOfficer) && !context.actor.has(Role::Supervisor) {
        return Err(Error::Forbidden("forbidden-finance"));
    }
    let cells = |row: &online_order::Model| {
        vec![
            Cell::lead(row.reference.clone(), format!("/orders/{}", row.id)),
            Cell::text(stage_text(context, "order", row.stage.as_str())),
            Cell::text(context.t(&row.odd)),
            Cell::number(context.money(row.amount_minor, row.currency)),
        ]
    };
    let parked = |row: &processor_event::Model| {
        vec![
            Cell::lead(row.kind.clone(), format!("/processor-events/{}/settle", row.id)),
            Cell::text(context.moment(row.made_at)),
            Cell::text(row.object_id.clone()),
            Cell::text(context.t(&row.note)),
        ]
    };
    Sheet::new(context.t("orders-odd"))
        .sentence(context.t("orders-odd-sentence"))
        .with(Block::Table {
            title: context.t("orders-odd-orders"),
            heads: ["order-reference", "head-stage", "head-reason", "head-amount"].map(|head| context.t(head)).into(),
            rows: odd_rows(context).await?.iter().map(cells).collect(),
            empty: context.t("orders-odd-none"),
        })
        .with(Block::Table {
            title: context.t("orders-odd-events"),
            heads: ["order-event", "head-date", "order-about", "head-reason"].map(|head| context.t(head)).into(),
            rows: parked_rows(context).await?.iter().map(parked).collect(),
            empty: context.t("orders-odd-none"),
        })
        .answer(context, "desk")
}

async fn odd_rows(context: &Context) -> Result<Vec<online_order::Model>> {
    let odd = online_order::Entity::find().filter(online_order::Column::Odd.ne(""));
    Ok(odd.order_by_asc(online_order::Column::Id).limit(MANY).all(context.edges.db.read()).await?)
}

async fn parked_rows(context: &Context) -> Result<Vec<processor_event::Model>> {
    let parked = processor_event::Entity::find().filter(processor_event::Column::Stage.eq(ProcessorEventStage::Parked));
    Ok(parked.order_by_asc(processor_event::Column::Id).limit(MANY).all(context.edges.db.read()).await?)
}

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let Some(person) = context.actor.person else { return Ok(Vec::new()) };
    let mut tasks = Vec::new();
    let db = context.edges.db.read();
    if context.actor.has(Role::FinanceOfficer) {
        let orders = odd_rows(context).await?.into_iter().map(|row| {
            let amount = context.money(row.amount_minor, row.currency);
            let title = context.t_with("task-order-odd", &[("amount", &amount)]);
            task(format!("/orders/{}", row.id), title, context.t(&row.odd), "stop")
        });
        tasks.extend(orders);
        let parked = parked_rows(context).await?.into_iter().map(|row| {
            let href = format!("/processor-events/{}/settle", row.id);
            task(href, context.t("task-event-parked"), row.kind, "stop")
        });
        tasks.extend(parked);
    }
    if context.actor.has(Role::Approver) {
        let proposed = proposal::Entity::find()
            .filter(proposal::Column::Stage.eq(ProposalStage::Open))
            .filter(proposal::Column::Kind.is_in([ProposalKind::Refund, ProposalKind::Closing]))
            .filter(proposal::Column::Subject.eq(Subject::Order))
            .filter(proposal::Column::ProposedBy.ne(person))
            .limit(MANY)
            .all(db)
            .await?;
        let one = |row: proposal::Model| {
            let button = match row.kind {
                ProposalKind::Closing => "act-order-confirm-end-button",
                _ => "act-order-confirm-refund-button",
            };
            task(format!("/orders/{}", row.subject_id), context.t(button), String::new(), "wait")
        };
        tasks.extend(proposed.into_iter().map(one));
    }
    let own = online_order::Entity::find()
        .filter(online_order::Column::CreatedBy.eq(person))
        .filter(online_order::Column::Stage.is_in(LIVE))
        .order_by_asc(online_order::Column::Id)
        .limit(MANY)
        .all(db)
        .await?;
    tasks.extend(own.into_iter().map(|row| {
        let amount = context.money(row.amount_minor, row.currency);
        let stage = stage_text(context, "order", row.stage.as_str());
        task(format!("/orders/{}", row.id), context.t_with("task-order-pay", &[("amount", &amount)]), stage, "wait")
    }));
    Ok(tasks)
}

fn task(href: String, title: String, detail: String, tone: &'static str) -> Task {
    Task { href, title, detail, chip: String::new(), tone }
}
