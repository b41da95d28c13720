//! The sandbox's pages: the one on which a payer pays or does not, and the one on which the processor's side is played. Each says
//! that it is a sandbox.

use super::state::{DisputeEnd, Method, Outcome};
use super::{BASE, Sandbox};
use crate::error::{Error, Result};
use crate::people::permission::Context;
use crate::web::forms::Posted;
use crate::web::page::{Answer, Reply};
use crate::web::parts::Choice;
use crate::web::sheet::{Act, Block, Cell, Sheet};
use entities::kinds::Currency;
use std::sync::Arc;

/// What the processor's side can do with a payment.
const MOVES: [&str; 9] =
    ["later-paid", "later-failed", "inquire", "dispute", "escalate", "win", "lose", "refund-fails", "pay-out"];

pub fn shown(sandbox: &Arc<Sandbox>, context: &Context, path: &str) -> Answer {
    match path.split('/').collect::<Vec<_>>().as_slice() {
        [""] => desk(sandbox, context),
        ["pay", session] => pay(sandbox, context, session),
        ["play", session] => play(sandbox, context, session),
        _ => Err(Error::NotFound),
    }
}

pub fn posted(sandbox: &Arc<Sandbox>, context: &Context, path: &str, posted: &Posted) -> Answer {
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["pay", session] => paid(sandbox, context, session, posted),
        ["play", session] => played(sandbox, session, posted),
        _ => Err(Error::NotFound),
    }
}

fn money(context: &Context, amount: i64, currency: &str) -> String {
    let known: Option<Currency> = currency.to_ascii_uppercase().parse().ok();
    known.map_or_else(|| format!("{amount} {currency}"), |currency| context.money(amount, currency))
}

/// Everything that was asked for here.
fn desk(sandbox: &Arc<Sandbox>, context: &Context) -> Answer {
    let rows = {
        let state = sandbox.state();
        let one = |(id, row): (&String, &super::state::Session)| {
            vec![
                Cell::lead(id.clone(), format!("{BASE}/play/{id}")),
                Cell::text(row.reference.clone()),
                Cell::text(row.status),
                Cell::number(money(context, row.amount, &row.currency)),
            ]
        };
        state.sessions.iter().rev().take(50).map(one).collect()
    };
    Sheet::new(context.t("sandbox-title"))
        .chip(context.t("sandbox-chip"), "stop")
        .sentence(context.t("sandbox-sentence"))
        .with(Block::Table {
            title: context.t("sandbox-sessions"),
            heads: ["head-number", "order-reference", "head-stage", "head-amount"].map(|head| context.t(head)).into(),
            rows,
            empty: context.t("sandbox-none"),
        })
        .answer(context, "")
}

/// The page on which the payer pays.
fn pay(sandbox: &Arc<Sandbox>, context: &Context, session: &str) -> Answer {
    let row = sandbox.state().sessions.get(session).cloned().ok_or(Error::NotFound)?;
    if row.status != "open" {
        return Reply::see(back(context, &row.success_url), "");
    }
    let action = format!("{BASE}/pay/{session}");
    Act::new(context, "sandbox-pay", action, back(context, &row.success_url))
        .under(&[(context.t("sandbox-title"), BASE)])
        .fact(context.t("sandbox-chip"), context.t("sandbox-sentence"))
        .fact(context.t("sandbox-for"), row.name.clone())
        .fact(context.t("head-amount"), money(context, row.amount, &row.currency))
        .ask_choice(context, "pay_by", Choice::words(context, "sandbox-method", Method::ALL.iter().map(|m| m.as_str())))
        .ask_choice(
            context,
            "happens",
            Choice::words(context, "sandbox-outcome", Outcome::ALL.iter().map(|o| o.as_str())),
        )
        .answer(context, "")
}

/// Where the payer goes back to: only to the house itself.
fn back(context: &Context, url: &str) -> String {
    url.strip_prefix(&context.edges.config.base_url).filter(|path| path.starts_with('/')).unwrap_or("/").to_owned()
}

fn paid(sandbox: &Arc<Sandbox>, context: &Context, session: &str, posted: &Posted) -> Answer {
    let method = Method::ALL.into_iter().find(|m| m.as_str() == posted.raw("pay_by"));
    let outcome = Outcome::ALL.into_iter().find(|o| o.as_str() == posted.raw("happens"));
    let (Some(method), Some(outcome)) = (method, outcome) else {
        return Err(Error::field("happens", "refused-choose"));
    };
    sandbox.pay(session, method, outcome);
    let row = sandbox.state().sessions.get(session).cloned().ok_or(Error::NotFound)?;
    if row.status == "open" {
        return Reply::see(format!("{BASE}/pay/{session}"), "notice-sandbox-declined");
    }
    Reply::see(back(context, &row.success_url), "")
}

/// The page on which the processor's side is played.
fn play(sandbox: &Arc<Sandbox>, context: &Context, session: &str) -> Answer {
    let row = sandbox.state().sessions.get(session).cloned().ok_or(Error::NotFound)?;
    Act::new(context, "sandbox-play", format!("{BASE}/play/{session}"), BASE)
        .under(&[(context.t("sandbox-title"), BASE)])
        .fact(context.t("sandbox-chip"), context.t("sandbox-sentence"))
        .fact(context.t("order-reference"), row.reference.clone())
        .fact(context.t("head-amount"), money(context, row.amount, &row.currency))
        .ask_choice(context, "happens", Choice::words(context, "sandbox-move", MOVES))
        .answer(context, "")
}

fn played(sandbox: &Arc<Sandbox>, session: &str, posted: &Posted) -> Answer {
    moved(sandbox, session, posted.raw("happens"))?;
    Reply::see(BASE, "notice-saved")
}

fn moved(sandbox: &Sandbox, session: &str, what: &str) -> Result<()> {
    let row = sandbox.state().sessions.get(session).cloned().ok_or(Error::NotFound)?;
    let intent = row.intent.unwrap_or_default();
    let newest = |of: Vec<(String, String)>| of.into_iter().rfind(|(_, own)| *own == intent).map(|(id, _)| id);
    let dispute =
        || newest(sandbox.state().disputes.iter().map(|(id, row)| (id.clone(), row.intent.clone())).collect());
    let refund = || newest(sandbox.state().refunds.iter().map(|(id, row)| (id.clone(), row.intent.clone())).collect());
    let there = |id: Option<String>| id.ok_or_else(|| Error::field("happens", "refused-choose"));
    match what {
        "later-paid" => sandbox.later(session, true),
        "later-failed" => sandbox.later(session, false),
        "inquire" | "dispute" if !intent.is_empty() => {
            sandbox.dispute(&intent, row.amount, what == "inquire");
        }
        "escalate" => sandbox.escalate(&there(dispute())?),
        "win" => sandbox.dispute_ends(&there(dispute())?, DisputeEnd::Won),
        "lose" => sandbox.dispute_ends(&there(dispute())?, DisputeEnd::Lost),
        "refund-fails" => sandbox.refund_ends(&there(refund())?, false),
        "pay-out" => {
            there(sandbox.pay_out(&row.currency))?;
        }
        _ => return Err(Error::field("happens", "refused-choose")),
    }
    Ok(())
}
