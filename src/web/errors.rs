//! Errors as answers: each is logged once, here, and shown in the reader's language with what to do next.

use super::headers::logged_path;
use super::page::{Page, words_of};
use super::refusals::{Refused, request_id, status};
use crate::error::{Error, Violation};
use crate::people::permission::Context;
use rocket::http::{Header, Status};
use rocket::request::Request;
use rocket::response::{self, Responder, Response};
use rocket::{Catcher, catch, catchers};
use serde::Serialize;

/// What the error page receives.
#[derive(Debug, Clone, Serialize)]
pub struct View {
    /// Locale key of the title.
    pub title: String,
    /// In words: which rule, what next.
    pub text: String,
    /// Reference to quote.
    pub reference: String,
    /// HTTP status.
    pub status: u16,
}

impl View {
    /// Samples for the test that renders every view.
    pub fn samples() -> Vec<Self> {
        [("error-not-found", 404), ("error-internal", 500)]
            .map(|(title, status)| Self {
                title: title.into(),
                text: "…".into(),
                reference: "0a1b2c3d4e5f".into(),
                status,
            })
            .into()
    }
}

impl<'r> Responder<'r, 'static> for Error {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        respond(self, request)
    }
}

/// Logs an error and answers with its page.
pub(super) fn respond(error: Error, request: &Request<'_>) -> response::Result<'static> {
    let status = status(&error);
    let reference = request_id(request);
    if let Error::Internal(text) = &error {
        tracing::error!(request = reference, path = logged_path(request), error = text, "request failed");
    }
    let cached = request.local_cache(|| Err::<Context, String>("no context".into()));
    let Ok(context) = cached else { return plain(status, &reference) };
    let (title, violations) = match &error {
        Error::NotFound => ("error-not-found", vec![Violation::whole("error-not-found-text")]),
        Error::Forbidden(code) => ("error-forbidden", vec![Violation::whole(code)]),
        Error::Refused(violations) | Error::Prove(violations) => ("error-refused", violations.clone()),
        Error::Stale => ("error-stale", vec![Violation::whole("refused-stale")]),
        Error::Busy => ("error-busy", vec![Violation::whole("error-busy-text")]),
        Error::Internal(_) => ("error-internal", vec![Violation::whole("error-internal-text")]),
    };
    let text: Vec<String> = violations.iter().map(|v| words_of(&context.edges, context.locale, v)).collect();
    let view = View { title: title.into(), text: text.join(" "), reference: reference.clone(), status: status.code };
    let page = Page::new(context, "error.html", "", &view)
        .and_then(|page| page.render(request.uri().path().as_str(), String::new()));
    match page {
        Ok(html) => super::page::html_response(status, html),
        Err(error) => {
            tracing::error!(request = reference, %error, "the error page failed");
            plain(status, &reference)
        }
    }
}

fn plain(status: Status, reference: &str) -> response::Result<'static> {
    let text = format!("{} {}\n{reference}\n", status.code, status.reason_lossy());
    Response::build().status(status).sized_body(text.len(), std::io::Cursor::new(text)).ok()
}

/// Catches what no route answered: unknown paths and what guards refused.
pub fn catchers() -> Vec<Catcher> {
    catchers![caught]
}

/// What a catcher answers.
enum Caught {
    Error(Error),
    SignIn(String),
}

impl<'r> Responder<'r, 'static> for Caught {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        match self {
            Self::Error(error) => respond(error, request),
            Self::SignIn(back) => Response::build()
                .status(Status::SeeOther)
                .header(Header::new("location", format!("/sign-in?back={back}")))
                .ok(),
        }
    }
}

#[catch(default)]
async fn caught(status: Status, request: &Request<'_>) -> Caught {
    // The error page needs to know who asks; an unknown path has not asked yet.
    let _ = request.guard::<Context>().await;
    if status == Status::Unauthorized {
        return Caught::SignIn(request.uri().path().as_str().to_owned());
    }
    let refused = request.local_cache(|| Refused(None));
    Caught::Error(match refused.0.as_deref() {
        Some(error) => again(error),
        None => unrouted(status),
    })
}

/// The same error once more; the cache keeps the first.
fn again(error: &Error) -> Error {
    match error {
        Error::NotFound => Error::NotFound,
        Error::Forbidden(code) => Error::Forbidden(code),
        Error::Refused(violations) => Error::Refused(violations.clone()),
        Error::Prove(violations) => Error::Prove(violations.clone()),
        Error::Stale => Error::Stale,
        Error::Busy => Error::Busy,
        Error::Internal(text) => Error::Internal(text.clone()),
    }
}

fn unrouted(status: Status) -> Error {
    match status.code {
        404 => Error::NotFound,
        413 => Error::refused("refused-form-too-large"),
        400 | 422 => Error::refused("refused-form-unreadable"),
        503 => Error::Busy,
        _ => Error::Internal(format!("status {status}")),
    }
}
