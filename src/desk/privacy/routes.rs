//! Addresses of privacy.

use super::service::{DESK, OWN};
use super::{copy, service, view};
use crate::commons::texts::PROSE;
use crate::people::permission::{Administrator, As, Context, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{PrivacyKind, PrivacyRequestId};
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![notice, own, copy_of, ask_page, ask, one, withdraw_page, withdraw, list, answer_page, answer]
}

#[get("/privacy")]
async fn notice(context: Context) -> Answer {
    view::notice(&context).await
}

#[get("/account/privacy")]
async fn own(by: As<SignedIn>) -> Answer {
    view::own(&by).await
}

#[get("/account/privacy/copy", rank = 1)]
async fn copy_of(by: As<SignedIn>) -> Answer {
    let (bytes, media_type) = (copy::of(&by).await?, "application/json".to_owned());
    Ok(Reply::File { bytes, media_type, name: "tributary-copy.json".into(), public: false })
}

#[get("/account/privacy/ask", rank = 1)]
async fn ask_page(by: As<SignedIn>) -> Answer {
    view::ask(&by)
}

#[post("/account/privacy", data = "<posted>")]
async fn ask(by: As<SignedIn>, posted: Posted) -> Answer {
    let done = async {
        let kind = posted.word("kind", PrivacyKind::parse, PrivacyKind::Correction);
        let told = posted.text("told", PROSE);
        posted.well()?;
        service::ask(&posted.by(&by), kind, &told).await
    };
    match done.await {
        Ok(id) => Reply::see(format!("{OWN}/{id}"), "notice-saved"),
        Err(error) => again(&posted, error, async { view::ask(&by) }).await,
    }
}

#[get("/account/privacy/<id>", rank = 2)]
async fn one(by: As<SignedIn>, id: Id<PrivacyRequestId>) -> Answer {
    view::one(&by, id.0).await
}

#[get("/account/privacy/<id>/withdraw")]
async fn withdraw_page(by: As<SignedIn>, id: Id<PrivacyRequestId>) -> Answer {
    view::withdraw(&by, id.0).await
}

#[post("/account/privacy/<id>/withdraw", data = "<posted>")]
async fn withdraw(by: As<SignedIn>, id: Id<PrivacyRequestId>, posted: Posted) -> Answer {
    match service::withdraw(&posted.by(&by), id.0).await {
        Ok(()) => Reply::see(OWN, "notice-saved"),
        Err(error) => again(&posted, error, view::withdraw(&by, id.0)).await,
    }
}

#[get("/admin/privacy")]
async fn list(by: As<Administrator>) -> Answer {
    view::list(&by).await
}

#[get("/admin/privacy/<id>")]
async fn answer_page(by: As<Administrator>, id: Id<PrivacyRequestId>) -> Answer {
    view::answer(&by, id.0).await
}

#[post("/admin/privacy/<id>", data = "<posted>")]
async fn answer(by: As<Administrator>, id: Id<PrivacyRequestId>, posted: Posted) -> Answer {
    let done = async {
        let granted = posted.word("act", verdict, false);
        let reasons = posted.text("reason", PROSE);
        posted.well()?;
        service::answer(&posted.by(&by), id.0, granted, &reasons).await
    };
    match done.await {
        Ok(()) => Reply::see(DESK, "notice-saved"),
        Err(error) => again(&posted, error, view::answer(&by, id.0)).await,
    }
}

fn verdict(word: &str) -> Option<bool> {
    match word {
        "grant" => Some(true),
        "refuse" => Some(false),
        _ => None,
    }
}
