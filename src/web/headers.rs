//! Security headers on every answer, and a log line for every request.

use super::refusals::request_id;
use crate::edges::Edges;
use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::Header;
use rocket::{Data, Request, Response};
use std::sync::Arc;
use std::time::Instant;

/// No inline script or style, nothing from elsewhere, no frames; forms only to ourselves.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same for the pages that keep what is typed by themselves and those that offer a passkey: our own script from our own house, speaking to ourselves only.
pub const KEEPING_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// For a file that is handed out: it runs nothing, loads nothing, and stands in no page of ours or of others.
pub const FILE_POLICY: &str =
    "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// How a page brings one of our scripts: the one of passkeys, and the one that keeps what is typed.
const SCRIPTS: [&str; 2] = ["src=\"/static/js/passkey.js\"", "src=\"/static/js/keep.js\""];

/// Whether the page of this request brings a script.
struct Scripted(bool);

/// A page with one of our scripts gets the policy that lets it run. What people write cannot look like it: quotes are escaped.
pub(super) fn note_script(request: &Request<'_>, html: &str) {
    if SCRIPTS.iter().any(|script| html.contains(script)) {
        request.local_cache(|| Scripted(true));
    }
}

const HEADERS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// A year without a plain connection, once the house is reached by TLS. Neighbours under the same name decide for themselves.
const STRICT_TRANSPORT_SECURITY: &str = "max-age=31536000";

/// First parts of the addresses that are keys in themselves: whoever reads what follows holds the key.
pub const KEYS: [&str; 3] = ["invitations", "payee-stops", "trace"];

/// The path of a request as it may stand in a log: without the keys, which work for whoever reads them there.
pub(super) fn logged_path(request: &Request<'_>) -> String {
    let path = request.uri().path();
    let mut parts = path.segments();
    match parts.next().filter(|first| KEYS.contains(first)) {
        Some(first) if parts.next().is_some() => format!("/{first}/…"),
        _ => path.to_string(),
    }
}

/// Adds the headers and writes the log line.
#[derive(Debug)]
pub struct Headers;

#[rocket::async_trait]
impl Fairing for Headers {
    fn info(&self) -> Info {
        Info { name: "headers and log", kind: Kind::Request | Kind::Response }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        request.local_cache(Instant::now);
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        for (name, value) in HEADERS {
            response.set_header(Header::new(name, value));
        }
        // A file brings its own, which allows less.
        if !response.headers().contains("content-security-policy") {
            let scripted = request.local_cache(|| Scripted(false)).0;
            let policy = if scripted { KEEPING_POLICY } else { CONTENT_SECURITY_POLICY };
            response.set_header(Header::new("content-security-policy", policy));
        }
        let secure = request.rocket().state::<Arc<Edges>>().is_some_and(|edges| edges.config.secure());
        if secure {
            response.set_header(Header::new("strict-transport-security", STRICT_TRANSPORT_SECURITY));
        }
        response.set_header(Header::new("x-request-id", request_id(request)));
        let took = request.local_cache(Instant::now).elapsed();
        tracing::info!(
            request = request_id(request),
            method = %request.method(),
            path = logged_path(request),
            status = response.status().code,
            micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "request"
        );
    }
}
