//! `/up`: the process answers. `/ready`: the database answers too, and the foundation is set up.

use crate::edges::Edges;
use crate::web::page::known_foundation;
use rocket::http::Status;
use rocket::{Route, State, get, routes};
use sea_orm::{ConnectionTrait, Statement};
use std::sync::Arc;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![up, ready]
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
        Ok(_) if known_foundation(edges).is_some() => (Status::Ok, "ready\n"),
        Ok(_) => (Status::ServiceUnavailable, "not set up: run `tributary init`\n"),
        Err(_) => (Status::ServiceUnavailable, "database does not answer\n"),
    }
}
