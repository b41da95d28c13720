//! Pages and forms of the terms that agreements carry.

use crate::commons::texts::{PROSE, TITLE};
use crate::error::Error;
use crate::grants::awards::terms::{self, Terms};
use crate::grants::awards::view::terms as pages;
use crate::people::permission::{Administrator, As};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::AgreementTermsId;
use rocket::{Route, get, post, routes};

pub(super) fn routes() -> Vec<Route> {
    routes![list, new, propose, page, decide]
}

#[get("/admin/agreement-terms")]
async fn list(by: As<Administrator>) -> Answer {
    pages::list(&by).await
}

#[get("/admin/agreement-terms/new")]
async fn new(by: As<Administrator>) -> Answer {
    pages::propose(&by).await
}

#[post("/admin/agreement-terms", data = "<posted>")]
async fn propose(by: As<Administrator>, posted: Posted) -> Answer {
    let done = async {
        let told = Terms {
            text_zh: posted.text("terms_zh", PROSE),
            text_en: posted.text("terms_en", PROSE),
            source: posted.text("terms_source", TITLE),
            effective_on: posted.date("effective_on"),
        };
        posted.well()?;
        terms::propose(&posted.by(&by), &told).await
    };
    match done.await {
        Ok(_) => Reply::see("/admin/agreement-terms", "notice-saved"),
        Err(error) => again(&posted, error, pages::propose(&by)).await,
    }
}

#[get("/admin/agreement-terms/<id>", rank = 2)]
async fn page(by: As<Administrator>, id: Id<AgreementTermsId>) -> Answer {
    pages::decide(&by, id.0).await
}

#[post("/admin/agreement-terms/<id>", data = "<posted>")]
async fn decide(by: As<Administrator>, id: Id<AgreementTermsId>, posted: Posted) -> Answer {
    let done = async {
        let confirm = match posted.raw("answer") {
            "confirm" => true,
            "decline" => false,
            _ => return Err(Error::field("answer", "refused-choose")),
        };
        terms::decide(&posted.by(&by), id.0, confirm).await
    };
    match done.await {
        Ok(()) => Reply::see("/admin/agreement-terms", "notice-saved"),
        Err(error) => again(&posted, error, pages::decide(&by, id.0)).await,
    }
}
