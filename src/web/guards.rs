//! Who is at the door: the request's [`Context`], read once per request, and the roles as guards.

use super::refusals::{Refused, note, request_id};
use crate::edges::Edges;
use crate::edges::dice::fingerprint;
use crate::edges::i18n::negotiate;
use crate::error::{Error, Result};
use crate::people::permission::{Actor, As, Context, RolePermission, SignedIn};
use chrono::{DateTime, Duration, Utc};
use entities::kinds::{Locale, SessionId};
use entities::{person, session};
use rocket::http::Status;
use rocket::request::{FromParam, FromRequest, Outcome, Request};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

/// Cookie with the session's token. Lax, so that links in mails and the way back from a payment stay signed in.
const SESSION_COOKIE: &str = "tributary_session";
/// The same where people come by TLS: a browser takes the name only from this very host and only over TLS, so that neither a
/// neighbouring site nor a plain connection can put a session into somebody's browser.
const HOST_SESSION_COOKIE: &str = "__Host-tributary_session";
/// Cookie with the chosen language.
pub const LOCALE_COOKIE: &str = "tributary_locale";
/// A session's last use is written at most this often: reading must not become writing.
const SEEN_EVERY: Duration = Duration::minutes(10);

/// Name of the cookie with the session's token.
pub fn session_cookie_name(edges: &Edges) -> &'static str {
    if edges.config.secure() { HOST_SESSION_COOKIE } else { SESSION_COOKIE }
}

/// The network address that a request comes from, for counting wrong passwords; `None` where it may stand for everybody.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub Option<IpAddr>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Peer {
    type Error = Infallible;
    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        // What the trusted header says counts as it is; who merely connects may be a proxy in front of everybody.
        let connected = || request.remote().map(|peer| peer.ip()).filter(|address| !stands_for_many(*address));
        Outcome::Success(Self(request.real_ip().or_else(connected)))
    }
}

/// Whether a peer may be a proxy: on this machine or in its own network.
fn stands_for_many(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified(),
    }
}

/// A typed key in a path.
#[derive(Debug, Clone, Copy)]
pub struct Id<T>(pub T);

impl<'a, T: From<i64>> FromParam<'a> for Id<T> {
    type Error = ();
    fn from_param(param: &'a str) -> std::result::Result<Self, ()> {
        param.parse::<i64>().ok().filter(|id| *id > 0).map(|id| Self(T::from(id))).ok_or(())
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Context {
    type Error = ();
    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let context = request.local_cache_async(async { load(request).await.map_err(|error| error.to_string()) }).await;
        match context {
            Ok(context) => Outcome::Success(context.clone()),
            Err(text) => refuse(request, Error::Internal(text.clone())),
        }
    }
}

/// Refuses from a guard: the reason goes into the request's cache, where the catcher finds it.
fn refuse<T>(request: &Request<'_>, error: Error) -> Outcome<T, ()> {
    Outcome::Error((note(request, error), ()))
}

async fn load(request: &Request<'_>) -> Result<Context> {
    let edges = request.rocket().state::<Arc<Edges>>().cloned().ok_or(Error::Internal("no edges".into()))?;
    let chosen = request.cookies().get(LOCALE_COOKIE).and_then(|cookie| Locale::parse(cookie.value()));
    let asked = || negotiate(request.headers().get_one("accept-language").unwrap_or_default(), Locale::ZhCn);
    let token = request.cookies().get(session_cookie_name(&edges)).map(|cookie| cookie.value().to_owned());
    let known = match token {
        Some(token) => signed_in(&edges, &token).await?,
        None => None,
    };
    let (actor, own) = match known {
        Some((person, session)) => {
            let locale = person.locale;
            let passkey = person.passkeys > 0;
            let actor = Actor::load(edges.db.read(), person.id, person.name, Some(session), edges.today()).await?;
            (Actor { passkey, ..actor }, Some(locale))
        }
        None => (Actor::visitor(), None),
    };
    let locale = chosen.or(own).unwrap_or_else(asked);
    Ok(Context {
        actor: Arc::new(actor),
        locale,
        request: request_id(request),
        once: None,
        seen: None,
        shown: None,
        edges,
    })
}

/// The person with the session's key and when it last proved the second factor.
type Known = (person::Model, (SessionId, Option<DateTime<Utc>>));

async fn signed_in(edges: &Edges, token: &str) -> Result<Option<Known>> {
    let now = edges.clock.now();
    let row =
        session::Entity::find().filter(session::Column::TokenHash.eq(fingerprint(token))).one(edges.db.read()).await?;
    let Some(row) = row.filter(|row| row.ended_at.is_none() && !row.halfway && row.expires_at > now) else {
        return Ok(None);
    };
    let Some(person) =
        person::Entity::find_by_id(row.person_id).one(edges.db.read()).await?.filter(|p| p.ended_at.is_none())
    else {
        return Ok(None);
    };
    if now - row.seen_at > SEEN_EVERY {
        seen(edges, row.id, now).await?;
    }
    Ok(Some((person, (row.id, row.proved_at))))
}

async fn seen(edges: &Edges, session: SessionId, now: DateTime<Utc>) -> Result<()> {
    edges
        .db
        .write(|tx| async move {
            let tx = &tx;
            let row = session::ActiveModel { id: Set(session), seen_at: Set(now), ..Default::default() };
            session::Entity::update(row).exec(tx).await?;
            Ok(())
        })
        .await
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for As<SignedIn> {
    type Error = ();
    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let context = rocket::outcome::try_outcome!(request.guard::<Context>().await);
        match context.signed_in() {
            Ok(by) => Outcome::Success(by),
            // Signing in helps: 401 leads there and back.
            Err(error) => {
                request.local_cache(|| Refused(Some(Arc::new(error))));
                Outcome::Error((Status::Unauthorized, ()))
            }
        }
    }
}

#[rocket::async_trait]
impl<'r, R: RolePermission + 'static> FromRequest<'r> for As<R> {
    type Error = ();
    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let context = rocket::outcome::try_outcome!(request.guard::<Context>().await);
        if context.actor.person.is_none() {
            request.local_cache(|| Refused(Some(Arc::new(Error::Forbidden("forbidden-sign-in")))));
            return Outcome::Error((Status::Unauthorized, ()));
        }
        match context.role::<R>() {
            Ok(by) => Outcome::Success(by),
            Err(error) => refuse(request, error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::stands_for_many;

    #[test]
    fn only_an_address_of_the_open_net_is_counted() {
        for many in
            ["127.0.0.1", "10.1.2.3", "172.17.0.1", "192.168.1.1", "::1", "fd00::1", "fe80::1", "::ffff:127.0.0.1"]
        {
            assert!(stands_for_many(many.parse().unwrap()), "{many}");
        }
        for one in ["203.0.113.7", "2001:db8::7", "::ffff:203.0.113.7"] {
            assert!(!stands_for_many(one.parse().unwrap()), "{one}");
        }
    }
}
