//! Passwords: hashed where they block nobody, and asked only through the gate.

use super::gate::Gate;
use super::rules;
use crate::edges::Edges;
use crate::error::{Error, Result};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use entities::person;
use std::net::IpAddr;
use tokio::sync::Semaphore;

/// Passwords hashed at once: each takes 19 MiB, and a burst of sign-ins must not take the memory of the house.
const HASHERS: usize = 4;
static HASHING: Semaphore = Semaphore::const_new(HASHERS);

/// Argon2id of a password, in PHC form.
///
/// # Errors
/// When hashing fails.
pub async fn hash(password: &str) -> Result<String> {
    let password = password.to_owned();
    blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| Error::Internal(format!("password: {error}")))
    })
    .await
}

/// Whether a password is the one that was hashed.
///
/// # Errors
/// When hashing cannot be done.
pub async fn verify(password: &str, hash: &str) -> Result<bool> {
    let (password, hash) = (password.to_owned(), hash.to_owned());
    blocking(move || Ok(Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok())).await
}

/// Whether thieves know a password already, by the file that the settings name.
///
/// # Errors
/// When the file cannot be read.
pub(super) async fn breached(edges: &Edges, password: &str) -> Result<bool> {
    let Some(file) = edges.config.breached_passwords.clone() else { return Ok(false) };
    let password = password.to_owned();
    blocking(move || crate::edges::breached::knows(&file, &password)).await
}

/// The gate of a password that is asked of somebody who is signed in: strangers at the front door cannot lock it.
pub(super) fn gate_inside(email: &str) -> String {
    format!("proof {email}")
}

/// Whether a password is this person's, asked through the gate of that name. An account that is unknown or ended takes as long as a wrong
/// password, so that the answer tells nobody which it was.
///
/// # Errors
/// `refused-sign-in-often` after too many failures.
pub(super) async fn proves(
    edges: &Edges,
    gate: &str,
    known: Option<&person::Model>,
    password: &str,
    from: Option<IpAddr>,
) -> Result<bool> {
    let gate = Gate::enter(edges, gate, from)?;
    let too_long = password.chars().count() > rules::PASSWORD_MOST;
    let fits = match known.filter(|row| row.ended_at.is_none()) {
        Some(row) if !too_long => verify(password, &row.password_hash).await?,
        _ => hash("no such account here").await.map(|_| false)?,
    };
    if fits {
        gate.opened();
    }
    Ok(fits)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _permit = HASHING.acquire().await.map_err(|_| Error::Busy)?;
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(format!("password: {error}")))?
}
