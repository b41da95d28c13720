//! Sessions: one a browser, known by the hash of its token; and the gate before them, which counts failures.

use super::{accounts, rules};
use crate::commons::events::{self, Note};
use crate::commons::policies;
use crate::edges::Edges;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, SignedIn};
use chrono::{DateTime, Duration, Utc};
use entities::kinds::{PersonId, SessionId, Subject};
use entities::session;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Failures for one e-mail address within [`WINDOW`] before it must rest.
pub const FAILURES_PER_EMAIL: u32 = 10;
/// Failures from one network address within [`WINDOW`]; an office shares one.
pub const FAILURES_PER_ADDRESS: u32 = 100;
/// How long a failure counts.
const WINDOW: Duration = Duration::minutes(15);
/// Addresses remembered before the old ones are swept out.
const REMEMBERED: usize = 10_000;
/// Sessions shown in the list.
const SHOWN: u64 = 50;
/// Longest name of a device kept.
const DEVICE: usize = 160;

/// Failures and when their window began.
type Failures = HashMap<String, (u32, DateTime<Utc>)>;

static FAILED: OnceLock<Mutex<Failures>> = OnceLock::new();

/// Signs in and answers the session's token. Whatever was wrong, there is one answer for it, after the same work.
///
/// # Errors
/// `refused-sign-in` when address or password do not fit; `refused-sign-in-often` after too many failures.
pub async fn sign_in(
    edges: &Arc<Edges>,
    email: &str,
    password: &str,
    from: Option<IpAddr>,
    device: &str,
) -> Result<String> {
    let email = rules::email(email).unwrap_or_default();
    let gates = gates(edges, &email, from);
    pass(edges, &gates)?;
    let known = accounts::by_email(edges.db.read(), &email).await?.filter(|row| row.ended_at.is_none());
    let too_long = password.chars().count() > rules::PASSWORD_MOST;
    let fits = match &known {
        Some(row) if !too_long => accounts::verify(password, &row.password_hash).await?,
        // An unknown address takes as long as a wrong password.
        _ => accounts::hash("no such account here").await.map(|_| false)?,
    };
    match known.filter(|_| fits) {
        Some(person) => {
            forget(&gates);
            start(edges, person.id, device).await
        }
        None => {
            failed(edges, &gates);
            Err(Error::refused("refused-sign-in"))
        }
    }
}

/// Starts a session and answers its token, which is kept nowhere.
///
/// # Errors
/// When the database refuses.
pub async fn start(edges: &Arc<Edges>, person: PersonId, device: &str) -> Result<String> {
    let token = edges.dice.token();
    let hours = policies::on(edges.db.read(), edges.today()).await?.session_hours;
    let hash = &fingerprint(&token);
    let device: &str = &device.chars().filter(|c| !c.is_control()).take(DEVICE).collect::<String>();
    let by = &Context::system(edges.clone());
    by.write(|tx| async move {
        let tx = &tx;
        let row = session::ActiveModel {
            person_id: Set(person),
            token_hash: Set(hash.clone()),
            device: Set(device.to_owned()),
            created_at: Set(tx.now()),
            seen_at: Set(tx.now()),
            expires_at: Set(tx.now() + Duration::hours(hours)),
            ..Default::default()
        };
        session::Entity::insert(row).exec_without_returning(tx).await?;
        events::record(tx, by, Subject::Person, person.0, Note::act("sign-in")).await
    })
    .await?;
    Ok(token)
}

/// Ends one of one's own sessions.
///
/// # Errors
/// [`Error::NotFound`] for a session of somebody else.
pub async fn end(by: &As<SignedIn>, id: SessionId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = session::Entity::find_by_id(id).one(tx).await?;
        let row = row.filter(|row| row.person_id == by.permission().person()).ok_or(Error::NotFound)?;
        if row.ended_at.is_none() {
            let row = session::ActiveModel { id: Set(id), ended_at: Set(Some(tx.now())), ..Default::default() };
            session::Entity::update(row).exec(tx).await?;
        }
        Ok(())
    })
    .await
}

/// Ends every session of one's own but this one.
///
/// # Errors
/// When the database refuses.
pub async fn end_others(by: &As<SignedIn>) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let person = by.permission().person();
        let mut others = session::Entity::update_many()
            .col_expr(session::Column::EndedAt, Expr::value(Some(tx.now())))
            .filter(session::Column::PersonId.eq(person))
            .filter(session::Column::EndedAt.is_null());
        if let Some(own) = by.actor.session {
            others = others.filter(session::Column::Id.ne(own));
        }
        others.exec(tx).await?;
        events::record(tx, by, Subject::Person, person.0, Note::act("end-sessions")).await
    })
    .await
}

/// The sessions that are open, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(by: &As<SignedIn>) -> Result<Vec<session::Model>> {
    Ok(session::Entity::find()
        .filter(session::Column::PersonId.eq(by.permission().person()))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(by.edges.clock.now()))
        .order_by_desc(session::Column::Id)
        .limit(SHOWN)
        .all(by.edges.db.read())
        .await?)
}

/// The counters an attempt goes through, each with its limit. They belong to one installation.
fn gates(edges: &Edges, email: &str, from: Option<IpAddr>) -> Vec<(String, u32)> {
    let house = edges.config.database_url();
    let mut gates = vec![(format!("{house} mail {email}"), FAILURES_PER_EMAIL)];
    gates.extend(from.map(|from| (format!("{house} from {from}"), FAILURES_PER_ADDRESS)));
    gates
}

fn with_failures<T>(act: impl FnOnce(&mut Failures) -> T) -> T {
    let failures = FAILED.get_or_init(Mutex::default);
    act(&mut failures.lock().unwrap_or_else(PoisonError::into_inner))
}

fn pass(edges: &Edges, gates: &[(String, u32)]) -> Result<()> {
    let now = edges.clock.now();
    let full = |failures: &mut Failures| {
        gates.iter().any(|(key, limit)| {
            failures.get(key).is_some_and(|(count, since)| *count >= *limit && now - *since < WINDOW)
        })
    };
    if with_failures(full) { Err(Error::refused("refused-sign-in-often")) } else { Ok(()) }
}

fn failed(edges: &Edges, gates: &[(String, u32)]) {
    let now = edges.clock.now();
    with_failures(|failures| {
        if failures.len() > REMEMBERED {
            failures.retain(|_, (_, since)| now - *since < WINDOW);
        }
        for (key, _) in gates {
            let entry = failures.entry(key.clone()).or_insert((0, now));
            if now - entry.1 >= WINDOW {
                *entry = (0, now);
            }
            entry.0 = entry.0.saturating_add(1);
        }
    });
}

/// A good sign-in clears its own address; the network address keeps its failures.
fn forget(gates: &[(String, u32)]) {
    with_failures(|failures| gates.first().map(|(key, _)| failures.remove(key)));
}
