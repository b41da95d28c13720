//! The link that stops a payee account.

use crate::people::permission::Context;
use crate::people::view::stops as pages;
use crate::people::{payees, stops};
use crate::web::forms::Posted;
use crate::web::page::{Answer, Reply, again};
use rocket::{Route, get, post, routes};

pub(super) fn routes() -> Vec<Route> {
    routes![show, stop]
}

#[get("/payee-stops/<token>")]
async fn show(context: Context, token: &str) -> Answer {
    pages::show(&context, token).await
}

#[post("/payee-stops/<token>", data = "<posted>")]
async fn stop(context: Context, token: &str, posted: Posted) -> Answer {
    match payees::stop(&context.edges, token).await {
        Ok(()) => Reply::see(stops::path(token), "notice-payee-stopped"),
        Err(error) => again(&posted, error, pages::show(&context, token)).await,
    }
}
