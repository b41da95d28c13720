//! The pages of acts on pledges for a time: promise, declare, cancel.

use super::{donor, terms, visible};
use crate::core::money::format_bps;
use crate::error::{Error, Result};
use crate::grants::funds;
use crate::grants::gifts::view::acts::{needs, signed_for};
use crate::grants::pledges::service::profits;
use crate::people::organisations;
use crate::people::permission::{Context, Level};
use crate::web::page::Answer;
use crate::web::parts::Choice;
use crate::web::sheet::Act;
use entities::kinds::{Anonymity, FundId, PlanKind, PledgePlanId};

/// The page that begins a pledge for a time: `sum` in instalments, or a `share` of profit.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of; forbidden for who signs for nobody.
pub async fn start(context: &Context, id: FundId, act: &str) -> Answer {
    context.person()?;
    let fund = funds::view::visible(context, id).await?;
    let base = format!("/funds/{id}");
    let name = context.pick(&fund.name_zh, &fund.name_en);
    let donors = signed_for(context).await?;
    if donors.is_empty() {
        return Err(Error::Forbidden("forbidden-signatory"));
    }
    let page = match act {
        "sum" => Act::new(context, "plan-sum", format!("{base}/promises/sum"), base.clone()),
        "share" => Act::new(context, "plan-share", format!("{base}/promises/share"), base.clone()),
        _ => return Err(Error::NotFound),
    };
    let page = page
        .under(&[(context.t("funds-title"), "/funds"), (name.clone(), &base)])
        .fact(context.t("head-fund"), name)
        .hidden("currency", fund.currency.code())
        .ask_choice(context, "organisation", donors);
    let page = if act == "sum" {
        page.ask_money(context, "amount", fund.currency)
            .ask(context, "number", "times")
            .optional()
            .hint(context.t("promise-times-hint"))
            .value("4")
            .ask(context, "date", "first_due")
            .optional()
            .ask_choice(context, "every", every(context))
            .ask(context, "area", "schedule")
            .optional()
            .hint(context.t("promise-schedule-hint"))
    } else {
        page.ask(context, "text", "share")
            .hint(context.t("promise-share-hint"))
            .ask(context, "number", "first_year")
            .ask(context, "number", "last_year")
            .ask(context, "number", "due_month")
            .hint(context.t("promise-due-hint"))
            .ask(context, "number", "due_day")
            .ask(context, "check", "figures_public")
    };
    let names = Choice::words(context, "anonymity", Anonymity::ALL.iter().map(|word| word.as_str()));
    page.ask_choice(context, "anonymity", names)
        .ask(context, "check", "receipt_wanted")
        .ask_choice(context, "restriction", needs(context).await?)
        .optional()
        .ask(context, "text", "agreement_number")
        .optional()
        .answer(context, "funds")
}

fn every(context: &Context) -> Vec<Choice> {
    [1, 3, 6, 12].into_iter().map(|months| Choice::new(months, context.t_count("promise-every", months))).collect()
}

/// The page of an act on a plan.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of, or a plan that is not the reader's.
pub async fn act(context: &Context, id: PledgePlanId, act: &str) -> Answer {
    let row = visible(context, id).await?;
    if !context.actor.belongs_to(row.donor_organisation_id) {
        return Err(Error::NotFound);
    }
    let base = format!("/promises/{id}");
    let names = organisations::names(context, std::iter::once(row.donor_organisation_id)).await?;
    let page = match act {
        "cancel" => Act::new(context, "plan-cancel", format!("{base}/cancel"), base.clone())
            .ask(context, "area", "reason")
            .stop(),
        "declare" if row.kind == PlanKind::Profit => declare(context, &row, &base).await?,
        _ => return Err(Error::NotFound),
    };
    let fund = funds::service::load(context.edges.db.read(), row.fund_id).await?;
    page.under(&[(context.t("promises-title"), "/promises"), (terms(context, &row), &base)])
        .fact(context.t("head-gift-donor"), donor(context, &row, &names))
        .fact(context.t("head-fund"), context.pick(&fund.name_zh, &fund.name_en))
        .answer(context, "funds")
}

async fn declare(context: &Context, row: &entities::pledge_plan::Model, base: &str) -> Result<Act> {
    let today = context.edges.today();
    let open = profits::waits(context.edges.db.read(), row.id, today).await?;
    let over = profits::years(row).into_iter().filter(|(year, _)| *year < chrono::Datelike::year(&today));
    let choices: Vec<Choice> = over
        .rev()
        .map(|(year, day)| {
            let said = context.t_with("promise-year-due", &[("year", &year.to_string()), ("day", &context.day(day))]);
            Choice::new(year, said)
        })
        .collect();
    let first = open.first().map(|(year, _)| year.to_string()).unwrap_or_default();
    let share = row.share_bps.map(|share| format_bps(i64::from(share))).unwrap_or_default();
    Ok(Act::new(context, "plan-declare", format!("{base}/declare"), base.to_owned())
        .fact(context.t("head-share"), context.t_with("promise-share", &[("share", &share)]))
        .fact(context.t("promise-rounding"), context.t("promise-rounding-text"))
        .hidden("currency", row.currency.code())
        .ask_choice(context, "year", Choice::chosen(choices, &first))
        .ask_money(context, "profit", row.currency)
        .hint(context.t("promise-profit-hint"))
        .ask(context, "check", "loss")
        .ask(context, "area", "note")
        .optional()
        .hint(context.t("promise-note-hint"))
        .proving(context, Level::Decision))
}
