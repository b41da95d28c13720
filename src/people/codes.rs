//! Codes of a second factor: an authenticator's (TOTP, RFC 6238) and those on paper for the day it is lost.
//!
//! The secret lies sealed by the vault. A code counts once, at its own time step or one beside it. Recovery codes are derived
//! from the vault's key, so that the database alone tells none of them; it keeps which were used.

use super::assertions::{self, Fitting};
use super::gate::Gate;
use crate::commons::letters;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result, Violation};
use chrono::{DateTime, Utc};
use entities::kinds::{PersonId, SessionId};
use entities::{person, second_factor};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::net::IpAddr;
use totp_rs::{Algorithm, Builder, Secret, Totp};

/// The field of a form with a code of the second factor.
pub const PROOF_CODE: &str = "proof_code";
/// Bytes of a secret: RFC 4226 asks for 20.
pub(super) const SECRET: usize = 20;
/// Recovery codes of a set.
pub const CODES: i32 = 10;
/// Every code of a set used: a bit for each.
pub(super) const ALL_USED: i32 = (1 << CODES) - 1;
/// A code that fits, not yet taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weighed {
    /// The set it was weighed against: a code of a set that was voided meanwhile fits nothing.
    generation: i32,
    code: Code,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    /// The authenticator's, of this time step.
    Step(i64),
    /// One of the recovery codes on paper.
    Recovery(i32),
    /// The answer of a passkey.
    Passkey(Fitting),
}

/// The second factor of a person, also one that is not confirmed yet.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<second_factor::Model>> {
    Ok(second_factor::Entity::find_by_id(person).one(db).await?)
}

/// Whether a person has proved a second factor.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_set(db: &impl ConnectionTrait, person: PersonId) -> Result<bool> {
    Ok(of(db, person).await?.is_some_and(|row| row.confirmed_at.is_some()))
}

/// One recovery code: ten characters of base32, 50 bits.
pub(super) fn code(edges: &Edges, person: PersonId, generation: i32, n: i32) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let bytes = edges.vault.derive(&format!("recovery code {person} {generation} {n}"));
    let letters: String = bytes[..10].iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    format!("{}-{}", &letters[..5], &letters[5..])
}

/// Weighs a code through the gate: `None` when it fits nothing that still counts.
///
/// # Errors
/// `refused-sign-in-often` after too many failures.
pub(super) async fn weigh(
    edges: &Edges,
    account: &person::Model,
    row: &second_factor::Model,
    typed: &str,
    session: SessionId,
    from: Option<IpAddr>,
) -> Result<Option<Weighed>> {
    let gate = Gate::enter(edges, &gate_of(&account.email), from)?;
    if assertions::is_answer(typed) {
        let code = assertions::weigh(edges, session, typed).await?.map(Code::Passkey);
        if code.is_some() {
            gate.opened();
        }
        return Ok(code.map(|code| Weighed { generation: row.codes_generation, code }));
    }
    let totp = authenticator(edges, account.id, &row.secret, &account.email)?;
    let step = fits(&totp, typed, edges.clock.now()).filter(|step| *step > row.last_step).map(Code::Step);
    let typed = fingerprint(plain(typed));
    let unused = |n: &i32| row.codes_used & (1 << n) == 0;
    let same = |n: &i32| fingerprint(plain(&code(edges, account.id, row.codes_generation, *n))) == typed;
    let code = step.or_else(|| (0..CODES).filter(unused).find(same).map(Code::Recovery));
    if code.is_some() {
        gate.opened();
    }
    Ok(code.map(|code| Weighed { generation: row.codes_generation, code }))
}

/// A code as it is compared: what people add to read it better is left out.
fn plain(typed: &str) -> String {
    typed.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

/// Codes have a gate of their own: whoever knows the password must not guess the rest.
pub(super) fn gate_of(email: &str) -> String {
    format!("code {email}")
}

/// Takes a code that was weighed: of two who bring the same one, the second finds it used.
///
/// # Errors
/// [`Error::Prove`] when it was used meanwhile.
pub(super) async fn take(tx: &Tx, person: PersonId, weighed: Weighed) -> Result<()> {
    let mine = second_factor::Entity::update_many()
        .filter(second_factor::Column::PersonId.eq(person))
        .filter(second_factor::Column::CodesGeneration.eq(weighed.generation));
    let done = match weighed.code {
        Code::Passkey(fitting) => {
            let refused = |error| match error {
                Error::Stale => Error::Prove(vec![Violation::at(PROOF_CODE, "refused-passkey")]),
                other => other,
            };
            return assertions::take(tx, fitting).await.map_err(refused);
        }
        Code::Step(step) => mine
            .col_expr(second_factor::Column::LastStep, Expr::value(step))
            .filter(second_factor::Column::LastStep.lt(step)),
        Code::Recovery(n) => {
            let bit = 1 << n;
            letters::to_person(tx, person, "recovery-code-used", &[], "/account").await?;
            mine.col_expr(second_factor::Column::CodesUsed, Expr::col(second_factor::Column::CodesUsed).add(bit))
                // The bit is not set yet: counted in whole multiples of it, the number is even.
                .filter(Expr::col(second_factor::Column::CodesUsed).div(bit).modulo(2).eq(0))
        }
    };
    if done.exec(tx).await?.rows_affected == 1 {
        return Ok(());
    }
    Err(Error::Prove(vec![Violation::at(PROOF_CODE, "refused-code")]))
}

/// The code that somebody's authenticator shows now: the pages of the worked example, where nobody holds a telephone.
///
/// # Errors
/// [`Error::NotFound`] for somebody without one.
pub async fn shown_now(edges: &Edges, person: PersonId) -> Result<String> {
    let row = of(edges.db.read(), person).await?.filter(|row| !row.secret.is_empty()).ok_or(Error::NotFound)?;
    let totp = authenticator(edges, person, &row.secret, "demo")?;
    Ok(totp.generate(seconds(edges.clock.now())).to_string())
}

pub(super) fn owner(person: PersonId) -> String {
    format!("second-factor {person}")
}

pub(super) fn authenticator(edges: &Edges, person: PersonId, sealed: &str, email: &str) -> Result<Totp> {
    let secret = edges.vault.reveal(&owner(person), sealed)?;
    let host = edges.config.base_url.split_once("://").map_or("", |(_, host)| host).replace(':', " ");
    // SHA-1, six digits, thirty seconds: what every authenticator reads.
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(Secret::from(secret.as_slice()))
        .with_issuer(Some(format!("Tributary {host}")))
        .with_account_name(email.to_owned())
        .build()
        .map_err(|error| Error::Internal(format!("authenticator: {error}")))
}

/// The time step that a code belongs to.
pub(super) fn fits(totp: &Totp, typed: &str, now: DateTime<Utc>) -> Option<i64> {
    totp.check(&plain(typed), seconds(now)).and_then(|step| i64::try_from(step).ok())
}

pub(super) fn seconds(now: DateTime<Utc>) -> u64 {
    u64::try_from(now.timestamp()).unwrap_or_default()
}
