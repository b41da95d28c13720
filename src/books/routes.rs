//! Addresses of the books: guard, form, service, redirect.

use super::view;
use crate::commons::texts::PROSE;
use crate::error::{Error, Result};
use crate::ledger::books::from_number;
use crate::ledger::{corrections, periods};
use crate::people::permission::{Approver, As, Context, Finance};
use crate::web::forms::Posted;
use crate::web::page::{Answer, Reply, again};
use chrono::NaiveDate;
use entities::kinds::PostingId;
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![trial, period_list, close_page, close, decide_page, decide, correct_page, correct, judge_page, judge]
}

/// Days left empty arrive as empty texts, so both are read as texts.
#[get("/ledger/trial-balance?<from>&<until>")]
async fn trial(context: Context, from: Option<&str>, until: Option<&str>) -> Answer {
    let day = |text: Option<&str>| text.and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    view::trial(&context, day(from), day(until)).await
}

#[get("/ledger/periods")]
async fn period_list(context: Context) -> Answer {
    view::periods(&context).await
}

#[get("/ledger/periods/close")]
async fn close_page(by: As<Finance>) -> Answer {
    view::close(&by)
}

#[post("/ledger/periods/close", data = "<posted>")]
async fn close(by: As<Finance>, posted: Posted) -> Answer {
    let done = async {
        let until = posted.date("until");
        posted.well()?;
        periods::propose(&posted.by(&by), until).await
    };
    match done.await {
        Ok(()) => Reply::see("/ledger/periods", "notice-saved"),
        Err(error) => again(&posted, error, async { view::close(&by) }).await,
    }
}

#[get("/ledger/periods/decide")]
async fn decide_page(by: As<Approver>) -> Answer {
    view::decide(&by).await
}

#[post("/ledger/periods/decide", data = "<posted>")]
async fn decide(by: As<Approver>, posted: Posted) -> Answer {
    let done = async {
        match posted.verdict()? {
            None => periods::confirm(&posted.by(&by)).await,
            Some(reason) => periods::decline(&posted.by(&by), &reason).await,
        }
    };
    match done.await {
        Ok(()) => Reply::see("/ledger/periods", "notice-saved"),
        Err(error) => again(&posted, error, view::decide(&by)).await,
    }
}

#[get("/ledger/<number>/correct", rank = 6)]
async fn correct_page(by: As<Finance>, number: &str) -> Answer {
    view::correct(&by, entry(number)?).await
}

#[post("/ledger/<number>/correct", data = "<posted>")]
async fn correct(by: As<Finance>, number: &str, posted: Posted) -> Answer {
    let id = entry(number)?;
    let done = async {
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        let proposed = corrections::Proposed { reason, reverse: posted.ticked("reverse") };
        corrections::propose(&posted.by(&by), id, &proposed).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/ledger/{number}"), "notice-saved"),
        Err(error) => again(&posted, error, view::correct(&by, id)).await,
    }
}

#[get("/ledger/<number>/confirm-correction", rank = 6)]
async fn judge_page(by: As<Approver>, number: &str) -> Answer {
    view::judge(&by, entry(number)?).await
}

#[post("/ledger/<number>/confirm-correction", data = "<posted>")]
async fn judge(by: As<Approver>, number: &str, posted: Posted) -> Answer {
    let id = entry(number)?;
    let done = async {
        match posted.verdict()? {
            None => corrections::confirm(&posted.by(&by), id).await,
            Some(reason) => corrections::decline(&posted.by(&by), id, &reason).await,
        }
    };
    match done.await {
        Ok(()) => Reply::see(format!("/ledger/{number}"), "notice-saved"),
        Err(error) => again(&posted, error, view::judge(&by, id)).await,
    }
}

fn entry(number: &str) -> Result<PostingId> {
    from_number(number).filter(|id| crate::ledger::books::number(*id) == number).ok_or(Error::NotFound)
}
