//! Sessions: one a browser, known by the hash of its token.

use super::{accounts, codes, rules};
use crate::commons::events::{self, Note};
use crate::commons::policies;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, SignedIn};
use chrono::{DateTime, Duration, Utc};
use entities::kinds::{PersonId, SessionId, Subject};
use entities::session;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::net::IpAddr;
use std::sync::Arc;

/// Sessions shown in the list.
const SHOWN: u64 = 50;
/// Longest name of a device kept.
const DEVICE: usize = 160;

/// How long a browser may stand between password and code.
pub const HALFWAY: Duration = Duration::minutes(10);

/// A browser that came through the door, or half of it.
#[derive(Debug)]
pub struct Opened {
    /// Token of the session, which is kept nowhere.
    pub token: String,
    /// Whether a code of the second factor is still asked for.
    pub halfway: bool,
}

/// What opened a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A password; whoever has a second factor stands halfway.
    Password,
    /// The one-click door of the worked example, which stands for everything.
    Demo,
}

/// Signs in and answers the session. Whatever was wrong, there is one answer for it, after the same work.
///
/// # Errors
/// `refused-sign-in` when address or password do not fit; `refused-sign-in-often` after too many failures.
pub async fn sign_in(
    edges: &Arc<Edges>,
    email: &str,
    password: &str,
    from: Option<IpAddr>,
    device: &str,
) -> Result<Opened> {
    let email = rules::email(email).unwrap_or_default();
    let known = accounts::by_email(edges.db.read(), &email).await?;
    if !accounts::proves(edges, &email, known.as_ref(), password, from).await? {
        return Err(Error::refused("refused-sign-in"));
    }
    let person = known.ok_or_else(|| Error::refused("refused-sign-in"))?;
    start(edges, person.id, device, By::Password).await
}

/// Starts a session.
///
/// # Errors
/// When the database refuses.
pub async fn start(edges: &Arc<Edges>, person: PersonId, device: &str, opened_by: By) -> Result<Opened> {
    let token = edges.dice.token();
    let hours = policies::on(edges.db.read(), edges.today()).await?.session_hours;
    let hash = &fingerprint(&token);
    let device: &str = &device.chars().filter(|c| !c.is_control()).take(DEVICE).collect::<String>();
    let halfway = opened_by == By::Password && codes::is_set(edges.db.read(), person).await?;
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
            halfway: Set(halfway),
            proved_at: Set((opened_by == By::Demo).then(|| tx.now())),
            ..Default::default()
        };
        session::Entity::insert(row).exec_without_returning(tx).await?;
        events::record(tx, by, Subject::Person, person.0, Note::act("sign-in")).await
    })
    .await?;
    Ok(Opened { token, halfway })
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
        end_all(tx, person, by.actor.session).await?;
        events::record(tx, by, Subject::Person, person.0, Note::act("end-sessions")).await
    })
    .await
}

/// Ends every session of a person, but for one that is kept.
pub(super) async fn end_all(tx: &Tx, person: PersonId, but: Option<SessionId>) -> Result<()> {
    let mut open = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(Some(tx.now())))
        .filter(session::Column::PersonId.eq(person))
        .filter(session::Column::EndedAt.is_null());
    if let Some(kept) = but {
        open = open.filter(session::Column::Id.ne(kept));
    }
    open.exec(tx).await?;
    Ok(())
}

/// The sessions that are open, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(by: &As<SignedIn>) -> Result<Vec<session::Model>> {
    Ok(session::Entity::find()
        .filter(session::Column::PersonId.eq(by.permission().person()))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::Halfway.eq(false))
        .filter(session::Column::ExpiresAt.gt(by.edges.clock.now()))
        .order_by_desc(session::Column::Id)
        .limit(SHOWN)
        .all(by.edges.db.read())
        .await?)
}

/// Whether a browser stands between password and code.
pub(super) fn stands_halfway(row: &session::Model, now: DateTime<Utc>) -> bool {
    row.halfway && row.ended_at.is_none() && now - row.created_at < HALFWAY
}
