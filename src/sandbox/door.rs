//! Requests come in here: the interface with its key, the pages for people.

use super::api::{Call, unreadable};
use super::form::Form;
use super::{BASE, Sandbox, pages};
use crate::people::permission::Context;
use crate::web::forms::Posted;
use rocket::data::{Data, FromData, ToByteUnit};
use rocket::http::{ContentType, Header, Method, Status};
use rocket::request::{FromRequest, Request};
use rocket::response::Responder;
use rocket::route::{Handler, Outcome};
use rocket::{Response, Route};
use std::io::Cursor;
use std::sync::Arc;

/// Largest form of the interface, in KiB.
const FORM_KIB: u64 = 64;

#[derive(Clone)]
struct Door(Arc<Sandbox>);

pub fn routes(sandbox: &Arc<Sandbox>) -> Vec<Route> {
    let path = format!("{BASE}/<path..>");
    [Method::Get, Method::Post].map(|method| Route::new(method, &path, Door(sandbox.clone()))).into()
}

#[rocket::async_trait]
impl Handler for Door {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let path = request.uri().path().as_str().strip_prefix(BASE).unwrap_or_default().trim_start_matches('/');
        let post = request.method() == Method::Post;
        if let Some(path) = path.strip_prefix("v1/") {
            return self.interface(request, data, path, post).await;
        }
        let seen = self.0.happenings(0).len();
        let answer = if post { self.posted(request, data, path).await } else { self.shown(request, path).await };
        self.0.tell(seen);
        match answer.respond_to(request) {
            Ok(response) => Outcome::Success(response),
            Err(status) => Outcome::Error(status),
        }
    }
}

impl Door {
    async fn interface<'r>(&self, request: &'r Request<'_>, data: Data<'r>, path: &str, post: bool) -> Outcome<'r> {
        let header = |name: &str| request.headers().get_one(name).unwrap_or_default();
        let body = data.open(FORM_KIB.kibibytes()).into_string().await;
        let seen = self.0.happenings(0).len();
        let (status, value) = match &body {
            Ok(body) if body.is_complete() => {
                let query = request.uri().query().map_or("", |query| query.as_str());
                let form = Form::read(if post { body.as_str() } else { query });
                let (authorization, key) = (header("authorization"), header("idempotency-key"));
                self.0.answer(&Call { post, path, form, body: body.as_str(), authorization, key })
            }
            _ => unreadable(),
        };
        self.0.tell(seen);
        let text = value.to_string();
        let response = Response::build()
            .status(Status::new(status))
            .header(ContentType::JSON)
            .header(Header::new("stripe-version", "sandbox"))
            .sized_body(text.len(), Cursor::new(text))
            .finalize();
        Outcome::Success(response)
    }

    async fn shown(&self, request: &Request<'_>, path: &str) -> crate::web::page::Answer {
        pages::shown(&self.0, &context(request).await?, path)
    }

    async fn posted<'r>(&self, request: &'r Request<'_>, data: Data<'r>, path: &str) -> crate::web::page::Answer {
        let context = context(request).await?;
        match Posted::from_data(request, data).await {
            rocket::outcome::Outcome::Success(posted) => pages::posted(&self.0, &context, path, &posted),
            _ => Err(crate::error::Error::refused("refused-form-unreadable")),
        }
    }
}

async fn context(request: &Request<'_>) -> Result<Context, crate::error::Error> {
    match Context::from_request(request).await {
        rocket::outcome::Outcome::Success(context) => Ok(context),
        _ => Err(crate::error::Error::NotFound),
    }
}
