//! A file that is sent piece by piece, so that its length costs no memory.

use rocket::futures::StreamExt;
use rocket::futures::stream::BoxStream;
use rocket::http::Header;
use rocket::request::Request;
use rocket::response::stream::ReaderStream;
use rocket::response::{self, Responder, Response};
use std::io::Cursor;

/// A public file in pieces, saved under its name.
pub struct Pieces {
    /// The pieces, in their order. A file that cannot be read on ends early, and its reader must see that.
    pub pieces: BoxStream<'static, Vec<u8>>,
    /// Media type.
    pub media_type: &'static str,
    /// Name to save as; letters, digits and dots only.
    pub name: &'static str,
}

impl<'r> Responder<'r, 'static> for Pieces {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        Response::build()
            .header(Header::new("content-type", self.media_type))
            .header(Header::new("content-disposition", format!("attachment; filename={}", self.name)))
            .streamed_body(ReaderStream::from(self.pieces.map(Cursor::new)))
            .ok()
    }
}
