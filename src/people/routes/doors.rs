//! The doors: sign in, sign out, language, invitations.

use crate::commons::texts::TITLE;
use crate::edges::Edges;
use crate::error::Error;
use crate::people::gate::Gate;
use crate::people::permission::Context;
use crate::people::view::account as pages;
use crate::people::{accounts, factors, invitations, passkeys, rules, sessions};
use crate::web::forms::Posted;
use crate::web::guards::{LOCALE_COOKIE, Peer, session_cookie_name};
use crate::web::page::{Answer, Reply, again};
use entities::kinds::Locale;
use rocket::http::{Cookie, CookieJar, SameSite};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{Route, get, post, routes};
use std::convert::Infallible;

/// Longest address and password read from a form; what is longer fits nobody.
const LONGEST: usize = 254;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![sign_in, enter, code, enter_code, leave, language, invitation, accept]
}

/// What the browser calls itself, for the list of sessions.
struct Device(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Device {
    type Error = Infallible;
    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Self(request.headers().get_one("user-agent").unwrap_or_default().to_owned()))
    }
}

/// The cookie that carries a session's token. It ends with the browser, and the session by the policy.
pub fn session_cookie(edges: &Edges, token: String) -> Cookie<'static> {
    Cookie::build((session_cookie_name(edges), token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(edges.config.secure())
        .build()
}

#[get("/sign-in?<back>")]
async fn sign_in(context: Context, back: Option<&str>) -> Answer {
    let back = rules::local_path(back.unwrap_or("/desk"));
    if context.actor.person.is_some() {
        return Reply::see(back, "");
    }
    pages::sign_in(&context, &back)
}

#[post("/sign-in", data = "<posted>")]
async fn enter(context: Context, from: Peer, device: Device, cookies: &CookieJar<'_>, posted: Posted) -> Answer {
    let back = rules::local_path(posted.raw("back"));
    let done = async {
        let email = posted.text("email", LONGEST);
        let password = posted.raw("password");
        if password.is_empty() {
            posted.wrong(crate::error::Violation::at("password", "refused-empty"));
        }
        posted.well()?;
        sessions::sign_in(&context.edges, &email, password, from.0, &device.0).await
    };
    match done.await {
        Ok(opened) => {
            cookies.add(session_cookie(&context.edges, opened.token));
            match opened.halfway {
                true => Reply::see(format!("/sign-in/code?back={back}"), ""),
                false => Reply::see(back, "notice-signed-in"),
            }
        }
        Err(error) => again(&posted, error, async { pages::sign_in(&context, &back) }).await,
    }
}

#[get("/sign-in/code?<back>")]
async fn code(context: Context, cookies: &CookieJar<'_>, back: Option<&str>) -> Answer {
    let halfway = session_token(&context, cookies);
    let passkey = passkeys::halfway(&context.edges, &halfway).await?;
    pages::code(&context, &rules::local_path(back.unwrap_or("/desk")), passkey)
}

/// The token in the browser's cookie, `""` when there is none.
pub(super) fn session_token(context: &Context, cookies: &CookieJar<'_>) -> String {
    cookies.get(session_cookie_name(&context.edges)).map(|cookie| cookie.value().to_owned()).unwrap_or_default()
}

#[post("/sign-in/code", data = "<posted>")]
async fn enter_code(context: Context, from: Peer, cookies: &CookieJar<'_>, posted: Posted) -> Answer {
    let back = rules::local_path(posted.raw("back"));
    let halfway = &session_token(&context, cookies);
    let done = async {
        let code = posted.text("code", passkeys::ANSWER);
        posted.well()?;
        factors::finish(&context.anyone(), halfway, &code, from.0).await
    };
    match done.await {
        Ok(token) => {
            cookies.add(session_cookie(&context.edges, token));
            Reply::see(back, "notice-signed-in")
        }
        Err(error) => {
            let passkey = passkeys::halfway(&context.edges, halfway).await?;
            again(&posted, error, async { pages::code(&context, &back, passkey) }).await
        }
    }
}

#[post("/session/end", data = "<posted>")]
async fn leave(context: Context, cookies: &CookieJar<'_>, posted: Posted) -> Answer {
    if let (Ok(by), Some(session)) = (context.signed_in(), context.actor.session) {
        sessions::end(&posted.by(&by), session).await?;
    }
    // With its attributes: a browser takes a `__Host-` cookie away only by a cookie that may bear the name.
    cookies.remove(session_cookie(&context.edges, String::new()));
    Reply::see("/", "notice-signed-out")
}

#[post("/language", data = "<posted>")]
async fn language(context: Context, cookies: &CookieJar<'_>, posted: Posted) -> Answer {
    let locale = Locale::parse(posted.raw("locale")).ok_or_else(|| Error::field("locale", "refused-choose"))?;
    if let Ok(by) = context.signed_in() {
        accounts::set_locale(&by, locale).await?;
    }
    cookies.add(locale_cookie(&context.edges, locale));
    Reply::see(rules::local_path(posted.raw("back")), "")
}

/// The cookie that remembers the language for a year.
pub(super) fn locale_cookie(edges: &Edges, locale: Locale) -> Cookie<'static> {
    Cookie::build((LOCALE_COOKIE, locale.as_str()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(edges.config.secure())
        .max_age(rocket::time::Duration::days(365))
        .build()
}

#[get("/invitations/<token>")]
async fn invitation(context: Context, token: &str, from: Peer) -> Answer {
    // Whoever tries links counts like whoever tries passwords; a link that leads somewhere is forgiven.
    let gate = from.0.map(|from| Gate::knock(&context.edges, from)).transpose()?;
    let page = pages::invitation(&context, token).await;
    if !matches!(page, Err(Error::NotFound)) {
        gate.into_iter().for_each(Gate::opened);
    }
    page
}

#[post("/invitations/<token>", data = "<posted>")]
async fn accept(
    context: Context,
    token: &str,
    from: Peer,
    device: Device,
    cookies: &CookieJar<'_>,
    posted: Posted,
) -> Answer {
    let done = async {
        let name = posted.optional("name", TITLE);
        posted.well()?;
        let person = invitations::accept(&context.edges, token, &name, posted.raw("password"), from.0).await?;
        sessions::start(&context.edges, person, &device.0, sessions::By::Password).await
    };
    match done.await {
        Ok(opened) => {
            cookies.add(session_cookie(&context.edges, opened.token));
            let next = if opened.halfway { "/sign-in/code?back=/desk" } else { "/desk" };
            Reply::see(next, "notice-welcome")
        }
        Err(error) => again(&posted, error, pages::invitation(&context, token)).await,
    }
}
