//! Style sheets and pictures, compiled in; a day in the cache, because their names do not change.

use include_dir::{Dir, include_dir};
use rocket::http::{ContentType, Header};
use rocket::request::Request;
use rocket::response::{self, Responder, Response};
use rocket::{Route, get, routes};
use std::path::PathBuf;

static STATIC: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static");

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![asset]
}

/// A file of the binary.
struct Asset(&'static [u8], ContentType);

impl<'r> Responder<'r, 'static> for Asset {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        Response::build()
            .header(self.1)
            .header(Header::new("cache-control", "public, max-age=86400"))
            .sized_body(self.0.len(), std::io::Cursor::new(self.0))
            .ok()
    }
}

#[get("/static/<path..>", rank = 20)]
fn asset(path: PathBuf) -> Option<Asset> {
    let file = STATIC.get_file(&path)?;
    let kind = path
        .extension()
        .and_then(|ending| ContentType::from_extension(&ending.to_string_lossy()))
        .unwrap_or(ContentType::Binary);
    Some(Asset(file.contents(), kind))
}
