//! An answer on its way to the browser: a page with the notice of the act before it, a redirect, a file. It stands apart from the
//! pages because a page that fails is answered by the error page, which is a page.

use super::errors;
use super::headers::FILE_POLICY;
use super::page::{Page, Reply, html_response};
use crate::people::permission::Context;
use rocket::http::{Cookie, Header, SameSite, Status};
use rocket::request::Request;
use rocket::response::{self, Responder, Response};

/// Cookie that carries the key of one notice over a redirect.
const NOTICE_COOKIE: &str = "tributary_notice";

impl<'r> Responder<'r, 'static> for Reply {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        match self {
            Self::Page(page) => respond_page(&page, request),
            Self::See(path, notice) => {
                if !notice.is_empty() {
                    let cookie =
                        Cookie::build((NOTICE_COOKIE, notice)).path("/").http_only(true).same_site(SameSite::Lax);
                    request.cookies().add(cookie);
                }
                Response::build().status(Status::SeeOther).header(Header::new("location", path)).ok()
            }
            Self::File { bytes, media_type, name, public } => {
                let mut response = Response::build();
                response.header(Header::new("content-type", media_type));
                let disposition = if name.is_empty() {
                    "inline".to_owned()
                } else {
                    format!("attachment; filename*=UTF-8''{}", percent_encoded(&name))
                };
                response.header(Header::new("content-disposition", disposition));
                response.header(Header::new("content-security-policy", FILE_POLICY));
                if !public {
                    response.header(Header::new("cache-control", "private, no-store"));
                }
                response.sized_body(bytes.len(), std::io::Cursor::new(bytes)).ok()
            }
        }
    }
}

fn percent_encoded(name: &str) -> String {
    name.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b".-_".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

fn respond_page(page: &Page, request: &Request<'_>) -> response::Result<'static> {
    let notice = take_notice(request, &page.context);
    match page.render(request.uri().path().as_str(), notice) {
        Ok(html) => {
            super::headers::note_script(request, &html);
            html_response(page.status, html)
        }
        Err(error) => errors::respond(error, request),
    }
}

fn take_notice(request: &Request<'_>, context: &Context) -> String {
    let Some(key) = request.cookies().get(NOTICE_COOKIE).map(|cookie| cookie.value().to_owned()) else {
        return String::new();
    };
    request.cookies().remove(Cookie::build(NOTICE_COOKIE).path("/"));
    // Only our own notices: the cookie is the browser's to write.
    if !key.starts_with("notice-") {
        return String::new();
    }
    context.edges.words.find(context.locale, &key, &[]).unwrap_or_default()
}
