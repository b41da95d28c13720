//! What a guard or a form reader notes down when it refuses, for the catcher that answers; and a request's reference.

use crate::edges::Edges;
use crate::error::Error;
use rocket::http::Status;
use rocket::request::Request;
use std::sync::Arc;

/// Why a guard refused; guards cannot answer by themselves, so it waits in the request's cache for the catcher.
#[derive(Debug, Clone)]
pub struct Refused(pub Option<Arc<Error>>);

/// HTTP status of an error.
pub fn status(error: &Error) -> Status {
    match error {
        Error::NotFound => Status::NotFound,
        Error::Forbidden(_) => Status::Forbidden,
        Error::Refused(_) | Error::Prove(_) => Status::UnprocessableEntity,
        Error::Stale => Status::Conflict,
        Error::Busy => Status::ServiceUnavailable,
        Error::Internal(_) => Status::InternalServerError,
    }
}

/// Notes down why a request is refused, where the catcher finds it; answers the status.
pub(super) fn note(request: &Request<'_>, error: Error) -> Status {
    let status = status(&error);
    request.local_cache(|| Refused(Some(Arc::new(error))));
    status
}

/// Reference of a request, in logs and on error pages.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The reference of this request, made once.
pub fn request_id(request: &Request<'_>) -> String {
    let make = || {
        let edges = request.rocket().state::<Arc<Edges>>();
        RequestId(edges.map_or_else(String::new, |edges| hex::encode(edges.dice.bytes::<6>())))
    };
    request.local_cache(make).0.clone()
}
