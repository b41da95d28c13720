//! The second factor: set up by its person, taken away by two administrators.

use crate::commons::texts::{PROSE, TITLE};
use crate::people::factors;
use crate::people::permission::{Administrator, As, SignedIn};
use crate::people::view::factors as pages;
use crate::web::forms::Posted;
use crate::web::guards::{Id, Peer};
use crate::web::page::{Answer, Reply, again};
use entities::kinds::PersonId;
use rocket::{Route, get, post, routes};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![
        show,
        begin_page,
        begin,
        replace_page,
        replace,
        waiting,
        confirm,
        new_codes_page,
        new_codes,
        codes,
        factor_reset_page,
        factor_reset,
        confirm_factor_reset_page,
        confirm_factor_reset
    ]
}

#[get("/account/second-factor")]
async fn show(by: As<SignedIn>) -> Answer {
    pages::show(&by).await
}

#[get("/account/second-factor/begin")]
async fn begin_page(by: As<SignedIn>) -> Answer {
    pages::begin(&by).await
}

#[post("/account/second-factor/begin", data = "<posted>")]
async fn begin(by: As<SignedIn>, posted: Posted) -> Answer {
    begun(by, posted).await
}

#[get("/account/second-factor/replace")]
async fn replace_page(by: As<SignedIn>) -> Answer {
    pages::begin(&by).await
}

#[post("/account/second-factor/replace", data = "<posted>")]
async fn replace(by: As<SignedIn>, posted: Posted) -> Answer {
    begun(by, posted).await
}

async fn begun(by: As<SignedIn>, posted: Posted) -> Answer {
    match factors::begin(&posted.by(&by)).await {
        Ok(()) => Reply::see("/account/second-factor/confirm", ""),
        Err(error) => again(&posted, error, pages::begin(&by)).await,
    }
}

#[get("/account/second-factor/confirm")]
async fn waiting(by: As<SignedIn>) -> Answer {
    pages::waiting(&by).await
}

#[post("/account/second-factor/confirm", data = "<posted>")]
async fn confirm(by: As<SignedIn>, from: Peer, posted: Posted) -> Answer {
    let done = async {
        let code = posted.text("code", TITLE);
        posted.well()?;
        factors::confirm(&posted.by(&by), &code, from.0).await
    };
    match done.await {
        Ok(()) => Reply::see("/account/second-factor/codes", "notice-second-factor-set"),
        Err(error) => again(&posted, error, pages::waiting(&by)).await,
    }
}

#[get("/account/second-factor/new-codes")]
async fn new_codes_page(by: As<SignedIn>) -> Answer {
    pages::new_codes(&by)
}

#[post("/account/second-factor/new-codes", data = "<posted>")]
async fn new_codes(by: As<SignedIn>, posted: Posted) -> Answer {
    match factors::new_codes(&posted.by(&by)).await {
        Ok(()) => Reply::see("/account/second-factor/codes", ""),
        Err(error) => again(&posted, error, async { pages::new_codes(&by) }).await,
    }
}

#[get("/account/second-factor/codes")]
async fn codes(by: As<SignedIn>) -> Answer {
    pages::codes(&by).await
}

#[get("/admin/people/<id>/factor-reset")]
async fn factor_reset_page(by: As<Administrator>, id: Id<PersonId>) -> Answer {
    pages::factor_reset(&by, id.0).await
}

#[post("/admin/people/<id>/factor-reset", data = "<posted>")]
async fn factor_reset(by: As<Administrator>, id: Id<PersonId>, posted: Posted) -> Answer {
    let done = async {
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        factors::propose_reset(&posted.by(&by), id.0, &reason).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/admin/people/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, pages::factor_reset(&by, id.0)).await,
    }
}

#[get("/admin/people/<id>/confirm-factor-reset")]
async fn confirm_factor_reset_page(by: As<Administrator>, id: Id<PersonId>) -> Answer {
    pages::confirm_factor_reset(&by, id.0).await
}

#[post("/admin/people/<id>/confirm-factor-reset", data = "<posted>")]
async fn confirm_factor_reset(by: As<Administrator>, id: Id<PersonId>, posted: Posted) -> Answer {
    let done = async {
        match posted.verdict()? {
            None => factors::confirm_reset(&posted.by(&by), id.0).await,
            Some(reason) => factors::decline_reset(&posted.by(&by), id.0, &reason).await,
        }
    };
    match done.await {
        Ok(()) => Reply::see(format!("/admin/people/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, pages::confirm_factor_reset(&by, id.0)).await,
    }
}
