//! What a browser is asked by a passkey, and how its answer is judged (WebAuthn).
//!
//! A challenge stands in its session's row, for that browser alone, for [`WAITS`]; it is spent with the act that it proves.

use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use chrono::{DateTime, Duration, Utc};
use entities::kinds::{PasskeyId, SessionId};
use entities::{passkey, session};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{
    CreationChallengeResponse, Credential, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    Url, Webauthn, WebauthnBuilder,
};

/// How long a challenge waits for its answer.
pub const WAITS: Duration = Duration::minutes(5);
/// What a browser was asked.
#[derive(Serialize, Deserialize)]
pub(super) enum Challenge {
    /// To register: what it is told and how the answer is judged.
    Make(Box<CreationChallengeResponse>, Box<PasskeyRegistration>),
    /// To prove its person.
    Prove(Box<PasskeyAuthentication>),
}

/// An assertion that fits, not yet spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fitting {
    passkey: PasskeyId,
    session: SessionId,
    challenge: i64,
    counter: i64,
}

/// Whether this house is reached by a name that a passkey can belong to.
pub fn offered(edges: &Edges) -> bool {
    house(edges).is_ok()
}

pub(super) fn house(edges: &Edges) -> Result<Webauthn> {
    let url = Url::parse(&edges.config.base_url).map_err(|error| Error::Internal(format!("base_url: {error}")))?;
    let name = url.domain().ok_or(Error::NotFound)?.to_owned();
    let builder = WebauthnBuilder::new(&name, &url).and_then(|builder| builder.rp_name("Tributary").build());
    builder.map_err(|error| Error::Internal(format!("passkeys: {error}")))
}

/// Whether a typed code is the answer of a passkey.
pub(super) fn is_answer(typed: &str) -> bool {
    typed.starts_with('{')
}

/// Number of a challenge: never zero, which is none.
pub(super) fn mark(edges: &Edges) -> i64 {
    i64::from_be_bytes(edges.dice.bytes::<8>()).saturating_abs() | 1
}

pub(super) async fn ask(tx: &Tx, session: SessionId, challenge: serde_json::Value, mark: i64) -> Result<()> {
    let row = session::ActiveModel {
        id: Set(session),
        challenge: Set(Some(challenge)),
        challenge_mark: Set(mark),
        challenge_at: Set(Some(tx.now())),
        ..Default::default()
    };
    session::Entity::update(row).exec(tx).await?;
    Ok(())
}

/// The challenge that waits in a session, with its number.
pub(super) fn waiting_in(row: &session::Model, now: DateTime<Utc>) -> Option<(Challenge, i64)> {
    let fresh = row.challenge_at.is_some_and(|at| now - at < WAITS) && row.challenge_mark != 0;
    let challenge = row.challenge.clone().filter(|_| fresh)?;
    Some((serde_json::from_value(challenge).ok()?, row.challenge_mark))
}

/// A challenge is answered once: of two who bring the same answer the second finds it spent.
pub(super) async fn spend(tx: &Tx, session: SessionId, mark: i64) -> Result<()> {
    let done = session::Entity::update_many()
        .col_expr(session::Column::Challenge, Expr::value(Option::<serde_json::Value>::None))
        .col_expr(session::Column::ChallengeMark, Expr::value(0_i64))
        .filter(session::Column::Id.eq(session))
        .filter(session::Column::ChallengeMark.eq(mark))
        .filter(session::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
}

/// A passkey as it is judged now: with what it last counted.
pub(super) fn credential(row: &passkey::Model) -> Result<Passkey> {
    let mut known = Credential::from(serde_json::from_value::<Passkey>(row.credential.clone())?);
    known.counter = u32::try_from(row.counter).unwrap_or(u32::MAX);
    Ok(known.into())
}

/// Weighs what a browser answers: `None` when it fits nothing that was asked of this session, here and now.
pub(super) async fn weigh(edges: &Edges, of_session: SessionId, answer: &str) -> Result<Option<Fitting>> {
    let row = session::Entity::find_by_id(of_session).one(edges.db.read()).await?.ok_or(Error::NotFound)?;
    let Some((Challenge::Prove(state), challenge)) = waiting_in(&row, edges.clock.now()) else { return Ok(None) };
    let Ok(told) = serde_json::from_str::<PublicKeyCredential>(answer) else { return Ok(None) };
    let Ok(proved) = house(edges)?.finish_passkey_authentication(&told, &state) else { return Ok(None) };
    let known = fingerprint(proved.cred_id());
    let passkey =
        passkey::Entity::find().filter(passkey::Column::CredentialMark.eq(known)).one(edges.db.read()).await?;
    // Asked were the passkeys of this person; one that was removed meanwhile proves nothing any more.
    let passkey = passkey.filter(|passkey| passkey.person_id == row.person_id && proved.user_verified());
    let counter = i64::from(proved.counter());
    Ok(passkey.map(|passkey| Fitting { passkey: passkey.id, session: row.id, challenge, counter }))
}

/// Spends an answer that was weighed: once, and only by a passkey that counts on.
///
/// # Errors
/// [`Error::Stale`] when it was spent, removed or counted meanwhile.
pub(super) async fn take(tx: &Tx, fitting: Fitting) -> Result<()> {
    spend(tx, fitting.session, fitting.challenge).await?;
    let counts_on = passkey::Column::Counter.lt(fitting.counter).or(Expr::value(fitting.counter).eq(0));
    let done = passkey::Entity::update_many()
        .col_expr(passkey::Column::Counter, Expr::value(fitting.counter))
        .col_expr(passkey::Column::UsedAt, Expr::value(Some(tx.now())))
        .filter(passkey::Column::Id.eq(fitting.passkey))
        .filter(counts_on)
        .exec(tx)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
}
