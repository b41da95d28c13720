//! Pages and forms of pledges for a time: guard, form, service, redirect.

use super::rules::{self, Due};
use super::service::profits::{self, Declared};
use super::service::{self, Share, Terms};
use super::view;
use crate::commons::texts::{PROSE, TITLE};
use crate::core::money::percent_bps;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Context, Signatory, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use chrono::NaiveDate;
use entities::kinds::{Anonymity, Currency, FundId, NeedId, OrganisationId, PledgePlanId};
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![mine, of_fund, start, begin, show, act, perform]
}

#[get("/promises?<before>")]
async fn mine(by: As<SignedIn>, before: Option<i64>) -> Answer {
    view::mine(&by, before).await
}

#[get("/funds/<id>/promises?<before>")]
async fn of_fund(context: Context, id: Id<FundId>, before: Option<i64>) -> Answer {
    view::of_fund(&context, id.0, before).await
}

#[get("/promises/<id>")]
async fn show(context: Context, id: Id<PledgePlanId>) -> Answer {
    view::show(&context, id.0).await
}

#[get("/funds/<id>/promises/<act>")]
async fn start(by: As<SignedIn>, id: Id<FundId>, act: &str) -> Answer {
    view::acts::start(&by, id.0, act).await
}

#[post("/funds/<id>/promises/<act>", data = "<posted>")]
async fn begin(by: As<SignedIn>, id: Id<FundId>, act: &str, posted: Posted) -> Answer {
    let begun = async {
        match act {
            "sum" => sum(&by, id.0, &posted).await,
            "share" => share(&by, id.0, &posted).await,
            _ => Err(Error::NotFound),
        }
    };
    match begun.await {
        Ok(plan) => Reply::see(format!("/promises/{plan}"), "notice-saved"),
        Err(error) => again(&posted, error, view::acts::start(&by, id.0, act)).await,
    }
}

fn currency_of(posted: &Posted) -> Currency {
    posted.raw("currency").parse().unwrap_or_else(|_| {
        posted.wrong(Violation::at("currency", "refused-unknown"));
        Currency::CNY
    })
}

fn terms_of(fund: FundId, posted: &Posted) -> Terms {
    Terms {
        fund,
        currency: currency_of(posted),
        anonymity: posted.word("anonymity", Anonymity::parse, Anonymity::Withheld),
        receipt_wanted: posted.ticked("receipt_wanted"),
        restriction: posted.optional_id::<NeedId>("restriction"),
        agreement: posted.optional("agreement_number", TITLE),
    }
}

async fn sum(by: &As<SignedIn>, fund: FundId, posted: &Posted) -> Result<PledgePlanId> {
    let by = giver(by, posted)?;
    let terms = terms_of(fund, posted);
    let amount_minor = posted.money("amount", terms.currency);
    let schedule = schedule(posted, amount_minor, terms.currency);
    posted.well()?;
    service::promise_sum(&by, terms, amount_minor, schedule).await
}

/// As it was written line by line, or equal parts.
fn schedule(posted: &Posted, amount_minor: i64, currency: Currency) -> Vec<Due> {
    let text = posted.optional("schedule", PROSE);
    if !text.is_empty() {
        return rules::written(&text, currency).unwrap_or_else(|line| {
            posted.wrong(Violation::at("schedule", "refused-schedule-line").with("line", line));
            Vec::new()
        });
    }
    let most = i64::try_from(rules::MOST_PARTS).unwrap_or(i64::MAX);
    let times = usize::try_from(posted.number("times", 1, most)).unwrap_or(1);
    let months = u32::try_from(posted.number("every", 1, 12)).unwrap_or(1);
    let first: NaiveDate = posted.date("first_due");
    rules::evenly(amount_minor, times, first, months).unwrap_or_default()
}

async fn share(by: &As<SignedIn>, fund: FundId, posted: &Posted) -> Result<PledgePlanId> {
    let by = giver(by, posted)?;
    let terms = terms_of(fund, posted);
    let share_bps = percent_bps(posted.raw("share").trim().trim_end_matches('%')).unwrap_or_else(|_| {
        posted.wrong(Violation::at("share", "refused-share"));
        0
    });
    let whole = |field: &str, least: i64, most: i64| i32::try_from(posted.number(field, least, most)).unwrap_or(0);
    let share = Share {
        share_bps: i32::try_from(share_bps).unwrap_or(0),
        due_month: whole("due_month", 1, 12),
        due_day: whole("due_day", 1, 31),
        first_year: whole("first_year", 2000, 2200),
        last_year: whole("last_year", 2000, 2200),
        figures_public: posted.ticked("figures_public"),
    };
    posted.well()?;
    service::promise_share(&by, terms, share).await
}

/// Who promises is asked before what: a stranger learns nothing from the fields of the form.
fn giver(by: &As<SignedIn>, posted: &Posted) -> Result<As<Signatory>> {
    let organisation = posted.optional_id::<OrganisationId>("organisation");
    signatory(by, posted, organisation.ok_or_else(|| Error::field("organisation", "refused-choose"))?)
}

fn signatory(by: &As<SignedIn>, posted: &Posted, organisation: OrganisationId) -> Result<As<Signatory>> {
    Ok(posted.by(&by.signatory_of(organisation)?))
}

#[get("/promises/<id>/<act>")]
async fn act(by: As<SignedIn>, id: Id<PledgePlanId>, act: &str) -> Answer {
    view::acts::act(&by, id.0, act).await
}

#[post("/promises/<id>/<act>", data = "<posted>")]
async fn perform(by: As<SignedIn>, id: Id<PledgePlanId>, act: &str, posted: Posted) -> Answer {
    match done(&by, id.0, act, &posted).await {
        Ok(()) => Reply::see(format!("/promises/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::acts::act(&by, id.0, act)).await,
    }
}

async fn done(by: &As<SignedIn>, id: PledgePlanId, act: &str, posted: &Posted) -> Result<()> {
    let row = view::visible(by, id).await?;
    match act {
        "cancel" => {
            let by = signatory(by, posted, row.donor_organisation_id)?;
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            service::cancel(&by, id, &reason).await
        }
        "declare" => {
            let by = signatory(by, posted, row.donor_organisation_id)?;
            let year = i32::try_from(posted.number("year", 2000, 2200)).unwrap_or(0);
            let minor = posted.money_or_zero("profit", row.currency);
            let profit_minor = if posted.ticked("loss") { -minor } else { minor };
            let note = posted.optional("note", PROSE);
            posted.well()?;
            profits::declare(&by, id, Declared { year, profit_minor, note }).await
        }
        _ => Err(Error::NotFound),
    }
}
