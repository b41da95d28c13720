//! `/up`: the process answers. `/ready`: the database answers too, and the foundation is set up. Until then every page says so.

use crate::edges::Edges;
use crate::web::page::{known_foundation, remember_foundation};
use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::Method;
use rocket::http::Status;
use rocket::http::uri::Origin;
use rocket::response::Redirect;
use rocket::{Data, Request, Route, State, get, routes};
use sea_orm::{ConnectionTrait, Statement};
use std::sync::Arc;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![up, ready, empty]
}

#[get("/up")]
fn up() -> &'static str {
    "up\n"
}

#[get("/ready")]
async fn ready(edges: &State<Arc<Edges>>) -> (Status, &'static str) {
    let db = edges.db.read();
    let asked = db.query_one_raw(Statement::from_string(edges.db.backend(), "select 1")).await;
    match asked {
        Ok(_) if known_foundation(edges).is_some() || matches!(remember_foundation(edges).await, Ok(true)) => {
            (Status::Ok, "ready\n")
        }
        Ok(_) => (Status::ServiceUnavailable, "not set up: run `tributary init`\n"),
        Err(_) => (Status::ServiceUnavailable, "database does not answer\n"),
    }
}

/// Path that every page of an empty installation is answered from.
const EMPTY: &str = "/not-set-up";
/// What an empty installation says, in both languages: nobody's choice is known yet.
const NOT_SET_UP: &str = "This installation is not set up yet. Run `tributary init` beside it, then load this page again.\n\
    本系统尚未初始化。请在服务器上运行 `tributary init`，然后刷新此页。\n";

/// Leads every request to the plain explanation until there is a foundation.
#[derive(Debug)]
pub struct NotSetUp;

#[rocket::async_trait]
impl Fairing for NotSetUp {
    fn info(&self) -> Info {
        Info { name: "not set up", kind: Kind::Request }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        let open = ["/up", "/ready", "/static/"].iter().any(|path| request.uri().path().as_str().starts_with(path));
        let known = request.rocket().state::<Arc<Edges>>().is_none_or(|edges| known_foundation(edges).is_some());
        if !known && !open {
            request.set_method(Method::Get);
            request.set_uri(Origin::path_only(EMPTY));
        }
    }
}

/// `init` may have run meanwhile: then the way is free.
#[get("/not-set-up")]
async fn empty(edges: &State<Arc<Edges>>) -> Result<Redirect, (Status, &'static str)> {
    match remember_foundation(edges).await {
        Ok(true) => Ok(Redirect::to("/")),
        _ => Err((Status::ServiceUnavailable, NOT_SET_UP)),
    }
}
