//! The pages of acts on orders: each says how much, to which fund, and what happens then.

use super::{gift_of, visible};
use crate::commons::proposals;
use crate::error::{Error, Result};
use crate::grants::funds;
use crate::grants::gifts::view::acts::{needs, signed_for};
use crate::grants::orders::service::refunds::Proposed;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::Choice;
use crate::web::sheet::Act;
use entities::kinds::{
    Anonymity, FundId, FundraisingMode, GiftId, OrderId, ProcessorEventId, ProposalKind, Role, Subject,
};
use entities::{online_order, processor_event};
use sea_orm::EntityTrait;

/// The page on which a donor begins to give online: to a fund, or what a pledge promised.
///
/// # Errors
/// [`Error::NotFound`] where nobody can give online, and for what is not the reader's to see.
pub async fn start(context: &Context, fund: Option<FundId>, gift: Option<GiftId>) -> Answer {
    context.person()?;
    if context.edges.stripe.is_none() {
        return Err(Error::NotFound);
    }
    if let Some(gift) = gift {
        return of_pledge(context, gift).await;
    }
    let fund = funds::view::visible(context, fund.ok_or(Error::NotFound)?).await?;
    let (base, name) = (format!("/funds/{}", fund.id), context.pick(&fund.name_zh, &fund.name_en));
    let mut from = vec![Choice::new("", context.t("order-in-own-name"))];
    from.extend(signed_for(context).await?);
    let names = Choice::words(context, "anonymity", Anonymity::ALL.iter().map(|word| word.as_str()));
    let mut page = Act::new(context, "order-begin", "/orders", base.clone())
        .under(&[(context.t("funds-title"), "/funds"), (name.clone(), &base)])
        .fact(context.t("head-fund"), name)
        .hidden("fund", fund.id.to_string());
    if fund.mode == FundraisingMode::Public {
        page = page.fact(context.t("fund-mode"), context.t("fund-give-public"));
    }
    page.ask_choice(context, "organisation", from)
        .optional()
        .ask_money(context, "amount", fund.currency)
        .ask_choice(context, "anonymity", names)
        .ask(context, "check", "receipt_wanted")
        .ask_choice(context, "restriction", needs(context).await?)
        .optional()
        .answer(context, "funds")
}

async fn of_pledge(context: &Context, gift: GiftId) -> Answer {
    let row = gift_of(context, gift).await?;
    let amount = context.money(row.amount_minor, row.currency);
    let base = format!("/gifts/{gift}");
    let fund = funds::service::load(context.edges.db.read(), row.fund_id).await?;
    Act::new(context, "order-begin", "/orders", base.clone())
        .under(&[(context.t("gifts-title"), "/gifts"), (format!("G{:06}", gift.0), &base)])
        .fact(context.t("head-fund"), context.pick(&fund.name_zh, &fund.name_en))
        .fact(context.t("head-amount"), amount)
        .hidden("gift", gift.to_string())
        .answer(context, "funds")
}

/// The page of an act on an order.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of, or an order that is not the reader's to see.
pub async fn act(context: &Context, id: OrderId, act: &str) -> Answer {
    let row = visible(context, id).await?;
    let amount = context.money(row.amount_minor, row.currency);
    let base = format!("/orders/{id}");
    let role = if matches!(act, "confirm-refund" | "confirm-end") { Role::Approver } else { Role::FinanceOfficer };
    if !context.actor.has(role) {
        let code = if role == Role::Approver { "forbidden-approver" } else { "forbidden-finance" };
        return Err(Error::Forbidden(code));
    }
    let page = Act::new(context, &format!("order-{act}"), format!("{base}/{act}"), base.clone())
        .under(&[(context.t("gifts-title"), "/gifts"), (row.reference.clone(), &base)])
        .fact(context.t("head-amount"), amount);
    let page = match act {
        "look-again" => page,
        "refund" => page.ask_money(context, "amount", row.currency).ask(context, "area", "reason").stop(),
        "withdraw-refund" | "free-refund" | "end" | "withdraw-end" => page.ask(context, "area", "reason").stop(),
        "confirm-refund" => answers(context, refund_asked(context, &row, page).await?),
        "confirm-end" => answers(context, end_asked(context, &row, page).await?),
        _ => return Err(Error::NotFound),
    };
    page.answer(context, "funds")
}

/// What the other person proposed and why.
async fn refund_asked(context: &Context, row: &online_order::Model, mut page: Act) -> Result<Act> {
    let open = proposals::open(context.edges.db.read(), ProposalKind::Refund, Subject::Order, row.id.0).await?;
    if let Some(open) = open {
        let asked: Proposed = serde_json::from_value(open.payload.clone())?;
        let amount = context.money(asked.amount_minor, row.currency);
        page = page
            .shows(open.id)
            .fact(
                context.t("order-refund-amount"),
                format!("{amount} {}", context.capitals(asked.amount_minor, row.currency)),
            )
            .fact(context.t("head-reason"), asked.reason);
    }
    Ok(page)
}

async fn end_asked(context: &Context, row: &online_order::Model, page: Act) -> Result<Act> {
    let open = proposals::open(context.edges.db.read(), ProposalKind::Closing, Subject::Order, row.id.0).await?;
    let page = page.fact(context.t("order-odd-why"), context.t(&row.odd));
    let Some(open) = open else { return Ok(page) };
    let reason: String = serde_json::from_value(open.payload.clone())?;
    Ok(page.shows(open.id).fact(context.t("head-reason"), reason))
}

fn answers(context: &Context, page: Act) -> Act {
    page.ask_choice(context, "act", Choice::words(context, "fund-answer", ["confirm", "decline"]))
        .ask(context, "area", "reason")
        .optional()
}

/// The page on which finance says what was done about a parked event.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn settle(context: &Context, id: ProcessorEventId) -> Answer {
    let row = processor_event::Entity::find_by_id(id).one(context.edges.db.read()).await?.ok_or(Error::NotFound)?;
    Act::new(context, "processor-event-settle", format!("/processor-events/{id}/settle"), "/orders/odd")
        .fact(context.t("order-event"), row.kind)
        .fact(context.t("order-about"), row.object_id)
        .fact(context.t("head-date"), context.moment(row.made_at))
        .ask(context, "area", "note")
        .answer(context, "desk")
}
