//! The administrator's pages: links, policy, calendar, jobs.

use crate::commons::texts::{PROSE, TITLE};
use crate::commons::{calendar, policies};
use crate::error::Error;
use crate::people::admin;
use crate::people::permission::{Administrator, As};
use crate::people::view::admin as pages;
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{JobId, PolicyVersionId};
use rocket::{Route, get, post, routes};

/// Largest figure of the policy: amounts in minor units are the largest.
const FIGURE: i64 = 1_000_000_000_000;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![
        home,
        policy,
        new_policy,
        propose_policy,
        policy_page,
        decide_policy,
        years,
        import_page,
        import,
        jobs,
        retry_page,
        retry
    ]
}

#[get("/admin")]
async fn home(by: As<Administrator>) -> Answer {
    pages::home(&by).await
}

#[get("/admin/policy?<before>")]
async fn policy(by: As<Administrator>, before: Option<i64>) -> Answer {
    pages::policy(&by, before).await
}

#[get("/admin/policy/new")]
async fn new_policy(by: As<Administrator>) -> Answer {
    pages::propose_policy(&by)
}

#[post("/admin/policy", data = "<posted>")]
async fn propose_policy(by: As<Administrator>, posted: Posted) -> Answer {
    let done = async {
        let (key, source) = (posted.text("key", TITLE), posted.text("source", PROSE));
        let value = posted.number("value", 0, FIGURE);
        let from = posted.date("effective_on");
        posted.well()?;
        policies::propose(&posted.by(&by), &key, value, &source, from).await
    };
    match done.await {
        Ok(_) => Reply::see("/admin/policy", "notice-saved"),
        Err(error) => again(&posted, error, async { pages::propose_policy(&by) }).await,
    }
}

#[get("/admin/policy/<id>")]
async fn policy_page(by: As<Administrator>, id: Id<PolicyVersionId>) -> Answer {
    pages::decide_policy(&by, id.0).await
}

#[post("/admin/policy/<id>", data = "<posted>")]
async fn decide_policy(by: As<Administrator>, id: Id<PolicyVersionId>, posted: Posted) -> Answer {
    let done = async {
        let confirm = match posted.raw("answer") {
            "confirm" => true,
            "decline" => false,
            _ => return Err(Error::field("answer", "refused-choose")),
        };
        policies::decide(&posted.by(&by), id.0, confirm).await
    };
    match done.await {
        Ok(()) => Reply::see("/admin/policy", "notice-saved"),
        Err(error) => again(&posted, error, pages::decide_policy(&by, id.0)).await,
    }
}

#[get("/admin/calendar")]
async fn years(by: As<Administrator>) -> Answer {
    pages::calendar_years(&by).await
}

#[get("/admin/calendar/import")]
async fn import_page(by: As<Administrator>) -> Answer {
    pages::import_calendar(&by)
}

#[post("/admin/calendar/import", data = "<posted>")]
async fn import(by: As<Administrator>, posted: Posted) -> Answer {
    let done = async {
        let (text, source) = (posted.text("calendar", PROSE), posted.text("source", TITLE));
        posted.well()?;
        calendar::import(&posted.by(&by), &text, &source).await
    };
    match done.await {
        Ok(_) => Reply::see("/admin/calendar", "notice-saved"),
        Err(error) => again(&posted, error, async { pages::import_calendar(&by) }).await,
    }
}

#[get("/admin/jobs?<before>")]
async fn jobs(by: As<Administrator>, before: Option<i64>) -> Answer {
    pages::jobs(&by, before).await
}

#[get("/admin/jobs/<id>/retry")]
async fn retry_page(by: As<Administrator>, id: Id<JobId>) -> Answer {
    pages::retry(&by, id.0).await
}

#[post("/admin/jobs/<id>/retry", data = "<posted>")]
async fn retry(by: As<Administrator>, id: Id<JobId>, posted: Posted) -> Answer {
    let done = admin::retry(&posted.by(&by), id.0).await;
    match done {
        Ok(()) => Reply::see("/admin/jobs", "notice-saved"),
        Err(error) => again(&posted, error, pages::retry(&by, id.0)).await,
    }
}
