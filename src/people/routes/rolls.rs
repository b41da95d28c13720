//! Rolls of organisations and experts, and the expert pool.

use crate::error::{Error, Result};
use crate::people::imports;
use crate::people::permission::{Administrator, As, SignedIn};
use crate::people::view::rolls as pages;
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{RollImportId, RollKind};
use rocket::{Route, get, post, routes};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![list, new, propose, show, act, do_act, experts]
}

#[get("/rolls")]
async fn list(by: As<Administrator>) -> Answer {
    pages::list(&by).await
}

#[get("/rolls/new")]
async fn new(by: As<Administrator>) -> Answer {
    pages::new(&by)
}

#[post("/rolls", data = "<posted>")]
async fn propose(by: As<Administrator>, posted: Posted) -> Answer {
    let done = async {
        let kind = posted.word("kind", RollKind::parse, RollKind::Organisations);
        posted.well()?;
        let file = posted.file("file").ok_or_else(|| Error::field("file", "refused-file-missing"))?;
        imports::propose(&posted.by(&by), kind, &file.name, &file.bytes).await
    };
    match done.await {
        Ok(id) => Reply::see(format!("/rolls/{id}"), "notice-roll-read"),
        Err(error) => again(&posted, error, async { pages::new(&by) }).await,
    }
}

#[get("/rolls/<id>")]
async fn show(by: As<Administrator>, id: Id<RollImportId>) -> Answer {
    pages::show(&by, id.0).await
}

#[get("/rolls/<id>/<act>")]
async fn act(by: As<Administrator>, id: Id<RollImportId>, act: &str) -> Answer {
    pages::act(&by, id.0, act).await
}

#[post("/rolls/<id>/<act>", data = "<posted>")]
async fn do_act(by: As<Administrator>, id: Id<RollImportId>, act: &str, posted: Posted) -> Answer {
    let done: Result<()> = match act {
        "apply" => imports::apply(&posted.by(&by), id.0).await,
        "decline" => imports::decline(&posted.by(&by), id.0).await,
        _ => return Err(Error::NotFound),
    };
    match done {
        Ok(()) => Reply::see(format!("/rolls/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, pages::act(&by, id.0, act)).await,
    }
}

#[get("/experts?<before>")]
async fn experts(by: As<SignedIn>, before: Option<i64>) -> Answer {
    pages::experts(&by, before).await
}
