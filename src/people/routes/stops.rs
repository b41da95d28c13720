//! The link that stops a payee account.

use crate::error::Error;
use crate::people::gate::Gate;
use crate::people::permission::Context;
use crate::people::view::stops as pages;
use crate::people::{payees, stops};
use crate::web::forms::Posted;
use crate::web::guards::Peer;
use crate::web::page::{Answer, Reply, again};
use rocket::{Route, get, post, routes};

pub(super) fn routes() -> Vec<Route> {
    routes![show, stop]
}

#[get("/payee-stops/<token>")]
async fn show(context: Context, token: &str, from: Peer) -> Answer {
    // Whoever tries links counts like whoever tries passwords; one that leads somewhere is forgiven.
    let gate = from.0.map(|from| Gate::knock(&context.edges, from)).transpose()?;
    let page = pages::show(&context, token).await;
    if !matches!(page, Err(Error::NotFound)) {
        gate.into_iter().for_each(Gate::opened);
    }
    page
}

#[post("/payee-stops/<token>", data = "<posted>")]
async fn stop(context: Context, token: &str, posted: Posted) -> Answer {
    match payees::stop(&context.edges, token).await {
        Ok(()) => Reply::see(stops::path(token), "notice-payee-stopped"),
        Err(error) => again(&posted, error, pages::show(&context, token)).await,
    }
}
