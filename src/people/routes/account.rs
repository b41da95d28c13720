//! One's own page.

use super::doors::locale_cookie;
use crate::commons::texts::TITLE;
use crate::error::Violation;
use crate::people::permission::{As, SignedIn};
use crate::people::view::account as pages;
use crate::people::{accounts, passwords, sessions};
use crate::web::forms::Posted;
use crate::web::guards::{Id, Peer};
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{Locale, OrganisationId, SessionId};
use rocket::http::CookieJar;
use rocket::{Route, get, post, routes};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![show, change_page, change, password_page, password, end_page, end, end_others_page, end_others]
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

#[get("/account/password")]
async fn password_page(by: As<SignedIn>) -> Answer {
    pages::password(&by)
}

/// Without the form's key: its answer would be kept beside a hash of what was posted, and a password is kept nowhere but as Argon2.
#[post("/account/password", data = "<posted>")]
async fn password(by: As<SignedIn>, from: Peer, posted: Posted) -> Answer {
    let done = async {
        let (old, new) = (posted.raw("old_password"), posted.raw("password"));
        for (field, _) in [("old_password", old), ("password", new)].iter().filter(|(_, text)| text.is_empty()) {
            posted.wrong(Violation::at(*field, "refused-empty"));
        }
        posted.well()?;
        passwords::change(&by, old, new, from.0).await
    };
    match done.await {
        Ok(()) => Reply::see("/account", "notice-password-changed"),
        Err(error) => again(&posted, error, async { pages::password(&by) }).await,
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
