//! Passkeys: made, named, removed, and what a browser is asked.

use super::doors::session_token;
use crate::commons::texts::TITLE;
use crate::people::passkeys;
use crate::people::permission::{As, Context, SignedIn};
use crate::people::view::passkeys as pages;
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::PasskeyId;
use rocket::http::CookieJar;
use rocket::{Route, get, post, routes};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![begin_page, begin, making, make, rename_page, rename, remove_page, remove, challenge]
}

#[get("/account/passkeys/begin")]
async fn begin_page(by: As<SignedIn>) -> Answer {
    pages::begin(&by)
}

#[post("/account/passkeys/begin", data = "<posted>")]
async fn begin(by: As<SignedIn>, posted: Posted) -> Answer {
    match passkeys::begin(&posted.by(&by)).await {
        Ok(()) => Reply::see("/account/passkeys/make", ""),
        Err(error) => again(&posted, error, async { pages::begin(&by) }).await,
    }
}

#[get("/account/passkeys/make")]
async fn making(by: As<SignedIn>) -> Answer {
    pages::making(&by).await
}

#[post("/account/passkeys/make", data = "<posted>")]
async fn make(by: As<SignedIn>, posted: Posted) -> Answer {
    let done = async {
        let (name, answer) = (posted.text("name", TITLE), posted.text("credential", passkeys::ANSWER));
        posted.well()?;
        passkeys::add(&posted.by(&by), &name, &answer).await
    };
    match done.await {
        Ok(_) => Reply::see("/account/second-factor", "notice-saved"),
        Err(error) => again(&posted, error, pages::making(&by)).await,
    }
}

#[get("/account/passkeys/<id>/rename")]
async fn rename_page(by: As<SignedIn>, id: Id<PasskeyId>) -> Answer {
    pages::rename(&by, id.0).await
}

#[post("/account/passkeys/<id>/rename", data = "<posted>")]
async fn rename(by: As<SignedIn>, id: Id<PasskeyId>, posted: Posted) -> Answer {
    let done = async {
        let name = posted.text("name", TITLE);
        posted.well()?;
        passkeys::rename(&posted.by(&by), id.0, &name).await
    };
    match done.await {
        Ok(()) => Reply::see("/account/second-factor", "notice-saved"),
        Err(error) => again(&posted, error, pages::rename(&by, id.0)).await,
    }
}

#[get("/account/passkeys/<id>/remove")]
async fn remove_page(by: As<SignedIn>, id: Id<PasskeyId>) -> Answer {
    pages::remove(&by, id.0).await
}

#[post("/account/passkeys/<id>/remove", data = "<posted>")]
async fn remove(by: As<SignedIn>, id: Id<PasskeyId>, posted: Posted) -> Answer {
    match passkeys::remove(&posted.by(&by), id.0).await {
        Ok(()) => Reply::see("/account/second-factor", "notice-saved"),
        Err(error) => again(&posted, error, pages::remove(&by, id.0)).await,
    }
}

/// What a browser is asked to sign: read by its script, in a window that is signed in or stands between password and code.
#[post("/account/passkeys/challenge", data = "<posted>")]
async fn challenge(context: Context, cookies: &CookieJar<'_>, posted: Posted) -> Answer {
    posted.well()?;
    let told = passkeys::challenge(&context.anyone(), &session_token(&context, cookies)).await?;
    let media_type = "application/json".to_owned();
    Ok(Reply::File { bytes: told.into_bytes(), media_type, name: String::new(), public: false })
}
