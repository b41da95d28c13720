//! One's own page.

use super::doors::locale_cookie;
use crate::commons::texts::TITLE;
use crate::people::permission::{As, SignedIn};
use crate::people::view::account as pages;
use crate::people::{accounts, sessions};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{Locale, OrganisationId, SessionId};
use rocket::http::CookieJar;
use rocket::{Route, get, post, routes};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![show, change_page, change, end_page, end, end_others_page, end_others]
}

#[get("/account")]
async fn show(by: As<SignedIn>) -> Answer {
    pages::account(&by).await
}

#[get("/account/change")]
async fn change_page(by: As<SignedIn>) -> Answer {
    pages::change(&by).await
}

#[post("/account/change", data = "<posted>")]
async fn change(by: As<SignedIn>, cookies: &CookieJar<'_>, posted: Posted) -> Answer {
    let done = async {
        let name = posted.text("name", TITLE);
        let locale = posted.word("locale", Locale::parse, Locale::En);
        let employer = posted.optional_id::<OrganisationId>("employer");
        posted.well()?;
        accounts::change(&posted.by(&by), &name, locale, employer).await.map(|()| locale)
    };
    match done.await {
        Ok(locale) => {
            cookies.add(locale_cookie(&by.edges, locale));
            Reply::see("/account", "notice-saved")
        }
        Err(error) => again(&posted, error, pages::change(&by)).await,
    }
}

#[get("/account/sessions/<id>/end")]
async fn end_page(by: As<SignedIn>, id: Id<SessionId>) -> Answer {
    pages::end_session(&by, id.0)
}

#[post("/account/sessions/<id>/end", data = "<posted>")]
async fn end(by: As<SignedIn>, id: Id<SessionId>, posted: Posted) -> Answer {
    sessions::end(&posted.by(&by), id.0).await?;
    Reply::see("/account", "notice-saved")
}

#[get("/account/sessions/end-others")]
async fn end_others_page(by: As<SignedIn>) -> Answer {
    pages::end_others(&by)
}

#[post("/account/sessions/end-others", data = "<posted>")]
async fn end_others(by: As<SignedIn>, posted: Posted) -> Answer {
    sessions::end_others(&posted.by(&by)).await?;
    Reply::see("/account", "notice-saved")
}
