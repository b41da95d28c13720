//! The second factor: an authenticator (TOTP, RFC 6238) and recovery codes, set up by its person, reset by two administrators.
//!
//! What a code is and how it is weighed stands in [`super::codes`]. No letter and no link ever stands in for the second factor.

use super::codes::{self, CODES, authenticator, code, fits, gate_of, of, owner, seconds, take, weigh};
use super::gate::Gate;
use super::permission::{Administrator, As, Level, SignedIn, prove};
use super::{accounts, passkeys, sessions};
use crate::commons::events::{self, Note};
use crate::commons::{letters, proposals};
use crate::edges::Edges;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use chrono::Duration;
use entities::kinds::{PersonId, ProposalKind, Subject};
use entities::{second_factor, session};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::net::IpAddr;
use totp_rs::Totp;

/// How long a new set of recovery codes can be read.
pub const SHOWN: Duration = Duration::minutes(10);
/// How long a drawn secret waits for its first code.
pub const WAITS: Duration = Duration::minutes(10);

/// Draws a secret that waits for its first code. One that is in use stays in use until then.
///
/// # Errors
/// What [`prove`] asks for: the password, and a code of the authenticator that is replaced.
pub async fn begin(by: &As<SignedIn>) -> Result<()> {
    let proof = prove(by, Level::Factor).await?;
    let person = by.permission().person();
    let secret = by.edges.dice.bytes::<{ codes::SECRET }>();
    let sealed = &by.edges.vault.seal(&by.edges.dice, &owner(person), &secret)?;
    by.write_proved(proof, |tx| async move {
        let tx = &tx;
        if of(tx, person).await?.is_none() {
            let row = second_factor::ActiveModel { person_id: Set(person), ..blank() };
            second_factor::Entity::insert(row).exec_without_returning(tx).await?;
        }
        let row = second_factor::ActiveModel {
            person_id: Set(person),
            pending: Set(sealed.clone()),
            pending_session: Set(by.actor.session),
            pending_at: Set(Some(tx.now())),
            ..Default::default()
        };
        second_factor::Entity::update(row).exec(tx).await?;
        events::record(tx, by, Subject::Person, person.0, Note::act("begin-second-factor")).await
    })
    .await
}

fn blank() -> second_factor::ActiveModel {
    second_factor::ActiveModel {
        secret: Set(String::new()),
        pending: Set(String::new()),
        last_step: Set(0),
        codes_generation: Set(0),
        codes_used: Set(0),
        ..Default::default()
    }
}

/// The authenticator that waits for its first code.
///
/// # Errors
/// [`Error::NotFound`] when none waits.
pub async fn pending(by: &As<SignedIn>) -> Result<Totp> {
    let person = by.permission().person();
    let row = of(by.edges.db.read(), person).await?.filter(|row| waits_here(by, row)).ok_or(Error::NotFound)?;
    let email = accounts::load(by.edges.db.read(), person).await?.email;
    authenticator(&by.edges, person, &row.pending, &email)
}

/// Whether a secret waits for this browser: another one that stands open has not proved what this one did.
fn waits_here(by: &As<SignedIn>, row: &second_factor::Model) -> bool {
    let fresh = row.pending_at.is_some_and(|at| by.edges.clock.now() - at < WAITS);
    fresh && !row.pending.is_empty() && row.pending_session == by.actor.session
}

/// The first code of the waiting secret puts it in use, with a new set of recovery codes; everybody else is shown out.
///
/// # Errors
/// By the field: a code that does not fit; [`Error::NotFound`] when nothing waits.
pub async fn confirm(by: &As<SignedIn>, code: &str, from: Option<IpAddr>) -> Result<()> {
    let edges = &by.edges;
    let person = by.permission().person();
    let account = accounts::load(edges.db.read(), person).await?;
    let waiting = &of(edges.db.read(), person).await?.filter(|row| waits_here(by, row)).ok_or(Error::NotFound)?;
    let gate = Gate::enter(edges, &gate_of(&account.email), from)?;
    let totp = authenticator(edges, person, &waiting.pending, &account.email)?;
    let step = fits(&totp, code, edges.clock.now()).ok_or_else(|| Error::field("code", "refused-code"))?;
    gate.opened();
    by.write(|tx| async move {
        let tx = &tx;
        let row = of(tx, person).await?.filter(|row| row.pending == waiting.pending).ok_or(Error::Stale)?;
        let row = second_factor::ActiveModel {
            person_id: Set(person),
            secret: Set(row.pending),
            pending: Set(String::new()),
            pending_session: Set(None),
            pending_at: Set(None),
            confirmed_at: Set(Some(tx.now())),
            last_step: Set(step),
            codes_generation: Set(row.codes_generation + 1),
            codes_used: Set(0),
            codes_made_at: Set(Some(tx.now())),
            codes_session: Set(by.actor.session),
        };
        second_factor::Entity::update(row).exec(tx).await?;
        sessions::end_all(tx, person, by.actor.session).await?;
        if let Some(session) = by.actor.session {
            let row = session::ActiveModel { id: Set(session), proved_at: Set(Some(tx.now())), ..Default::default() };
            session::Entity::update(row).exec(tx).await?;
        }
        events::record(tx, by, Subject::Person, person.0, Note::act("set-second-factor")).await?;
        letters::to_person(tx, person, "second-factor-set", &[], "/account").await
    })
    .await
}

/// A new set of recovery codes; the old ones count no more.
///
/// # Errors
/// What [`prove`] asks for.
pub async fn new_codes(by: &As<SignedIn>) -> Result<()> {
    let person = by.permission().person();
    by.decide(|tx| async move {
        let tx = &tx;
        let row = of(tx, person).await?.filter(|row| row.confirmed_at.is_some()).ok_or(Error::NotFound)?;
        let row = second_factor::ActiveModel {
            person_id: Set(person),
            codes_generation: Set(row.codes_generation + 1),
            codes_used: Set(0),
            codes_made_at: Set(Some(tx.now())),
            codes_session: Set(by.actor.session),
            ..Default::default()
        };
        second_factor::Entity::update(row).exec(tx).await?;
        events::record(tx, by, Subject::Person, person.0, Note::act("new-recovery-codes")).await
    })
    .await
}

/// The recovery codes, while a new set can still be read: in the browser that made it and in no other.
///
/// # Errors
/// [`Error::NotFound`] afterwards and elsewhere.
pub async fn codes(by: &As<SignedIn>) -> Result<Vec<String>> {
    let person = by.permission().person();
    let row = of(by.edges.db.read(), person).await?.ok_or(Error::NotFound)?;
    let open = row.codes_made_at.is_some_and(|at| by.edges.clock.now() - at < SHOWN);
    if !open || row.codes_session != by.actor.session {
        return Err(Error::NotFound);
    }
    Ok((0..CODES).map(|n| code(&by.edges, person, row.codes_generation, n)).collect())
}

/// The second half of signing in: a code lets the browser in that stands halfway, under a new token.
///
/// # Errors
/// `refused-sign-in` when nobody stands halfway any more; by the field for a code that does not fit.
pub async fn finish(
    by: &As<super::permission::Anyone>,
    token: &str,
    typed: &str,
    from: Option<IpAddr>,
) -> Result<String> {
    let edges = &by.edges;
    let halfway = session::Entity::find().filter(session::Column::TokenHash.eq(fingerprint(token)));
    let halfway = halfway.one(edges.db.read()).await?.filter(|row| sessions::stands_halfway(row, edges.clock.now()));
    let halfway = halfway.ok_or_else(|| Error::refused("refused-sign-in"))?;
    let account = accounts::load(edges.db.read(), halfway.person_id).await?;
    let row = of(edges.db.read(), account.id).await?.ok_or(Error::NotFound)?;
    let weighed = weigh(edges, &account, &row, typed, halfway.id, from).await?;
    let weighed = weighed.ok_or_else(|| Error::field("code", "refused-code"))?;
    let fresh = &edges.dice.token();
    by.write(|tx| async move {
        let tx = &tx;
        // What the database could not do is not the fault of the code.
        take(tx, account.id, weighed).await.map_err(|error| match error {
            Error::Prove(_) => Error::field("code", "refused-code"),
            other => other,
        })?;
        let row = session::ActiveModel {
            id: Set(halfway.id),
            halfway: Set(false),
            token_hash: Set(fingerprint(fresh)),
            proved_at: Set(Some(tx.now())),
            ..Default::default()
        };
        session::Entity::update(row).exec(tx).await?;
        events::record(tx, by, Subject::Person, account.id.0, Note::act("prove-second-factor")).await
    })
    .await?;
    Ok(fresh.clone())
}

/// Whoever lost everything: one administrator proposes to take the second factor away, another confirms.
///
/// # Errors
/// [`Error::NotFound`] when there is none; `forbidden-own-account`.
pub async fn propose_reset(by: &As<Administrator>, person: PersonId, reason: &str) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        not_oneself(by, person)?;
        if !codes::is_set(tx, person).await? {
            return Err(Error::NotFound);
        }
        proposals::propose(tx, by, ProposalKind::FactorReset, Subject::Person, person.0, &reason).await?;
        events::record(tx, by, Subject::Person, person.0, Note::act("propose-factor-reset").because(reason)).await?;
        letters::to_person(tx, person, "second-factor-reset-proposed", &[("reason", reason.to_owned())], "/account")
            .await
    })
    .await
}

/// The other administrator confirms: the factor is gone, and so is every session.
///
/// # Errors
/// [`Error::NotFound`] when nothing waits; what [`proposals::confirm`] refuses.
pub async fn confirm_reset(by: &As<Administrator>, person: PersonId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        not_oneself(by, person)?;
        proposals::confirm::<_, String>(tx, by, ProposalKind::FactorReset, Subject::Person, person.0).await?;
        second_factor::Entity::delete_by_id(person).exec(tx).await?;
        passkeys::remove_all(tx, person).await?;
        sessions::end_all(tx, person, None).await?;
        events::record(tx, by, Subject::Person, person.0, Note::act("reset-second-factor")).await?;
        letters::to_person(tx, person, "second-factor-reset", &[], "/sign-in").await
    })
    .await
}

/// The other administrator declines.
///
/// # Errors
/// What [`proposals::decline`] refuses.
pub async fn decline_reset(by: &As<Administrator>, person: PersonId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        proposals::decline(tx, by, ProposalKind::FactorReset, Subject::Person, person.0, reason).await?;
        events::record(tx, by, Subject::Person, person.0, Note::act("decline-factor-reset").because(reason)).await
    })
    .await
}

fn not_oneself(by: &As<Administrator>, person: PersonId) -> Result<()> {
    if by.person()? == person { Err(Error::Forbidden("forbidden-own-account")) } else { Ok(()) }
}

/// The first code of the secret that waits: the worked example, which holds its own telephone.
///
/// # Errors
/// [`Error::NotFound`] when none waits.
pub async fn first_code(edges: &Edges, person: PersonId) -> Result<String> {
    let row = of(edges.db.read(), person).await?.filter(|row| !row.pending.is_empty()).ok_or(Error::NotFound)?;
    let totp = authenticator(edges, person, &row.pending, "demo")?;
    Ok(totp.generate(seconds(edges.clock.now())).to_string())
}
