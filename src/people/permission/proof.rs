//! The step up: before money and decisions, who acts proves once more who they are.
//!
//! A decision ([`super::As::decide`]) asks for a code of the second factor unless this browser gave one within
//! [`WINDOW`]. A step of a payment ([`super::As::pay`]) asks besides for the password, each time and of each of its
//! people (双密码): what lies open on a desk pays nothing. To put another act under it, its service writes by one of these.

use super::Context;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::people::codes::{self, PROOF_CODE, Weighed};
use crate::people::{rules, secrets};
use chrono::Duration;
use entities::kinds::{PersonId, SessionId};
use entities::{person, session};
use sea_orm::{ActiveValue::Set, EntityTrait};

/// The field of a form with the password.
pub const PROOF_PASSWORD: &str = "proof_password";
/// How long a browser that gave a code is not asked for the next one: a sitting at the desk, not a day.
pub const WINDOW: Duration = Duration::minutes(10);

/// How much is at stake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// What binds: an approval, a signature, a role, an account for payment.
    Decision,
    /// A step of one payment.
    Payment,
    /// Another second factor in the place of the one there is.
    Factor,
}

/// A proof that was weighed and not yet spent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Proof {
    /// Whose browser, and the code that was given; nothing outside a browser or within the window.
    code: Option<(PersonId, SessionId, Weighed)>,
}

/// What a form must ask for now: the code, the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// A code of the second factor.
    pub code: bool,
    /// The password.
    pub password: bool,
}

/// What a page asks for before an act.
pub fn asked(by: &Context, level: Level) -> Asked {
    if by.actor.session.is_none() {
        return Asked::default();
    }
    Asked { code: level != Level::Factor && !recent(by), password: level != Level::Decision }
}

/// Weighs what the form shows. The house itself, the worked example and whoever acts outside a browser prove nothing.
///
/// # Errors
/// [`Error::Prove`] by the field: a code or a password that is missing or wrong; `forbidden-second-factor` for somebody who has
/// none; `refused-sign-in-often` after too many failures.
pub async fn prove(by: &Context, level: Level) -> Result<Proof> {
    let (Some(person), Some(session)) = (by.actor.person, by.actor.session) else { return Ok(Proof::default()) };
    let mut asked = asked(by, level);
    let factor = codes::of(by.edges.db.read(), person).await?.filter(|row| row.confirmed_at.is_some());
    // Whoever has an authenticator replaces it only with a code of it, however recent the last one is.
    asked.code |= level == Level::Factor && factor.is_some();
    if asked.code && factor.is_none() {
        return Err(Error::Forbidden("forbidden-second-factor"));
    }
    let shown = by.shown.clone().unwrap_or_default();
    let missing: Vec<Violation> = [
        (asked.code && shown.code.is_empty(), PROOF_CODE, "proof-code-needed"),
        (asked.password && shown.password.is_empty(), PROOF_PASSWORD, "proof-password-needed"),
    ]
    .into_iter()
    .filter(|(missing, ..)| *missing)
    .map(|(_, field, code)| Violation::at(field, code))
    .collect();
    if !missing.is_empty() {
        return Err(Error::Prove(missing));
    }
    let row = person::Entity::find_by_id(person).one(by.edges.db.read()).await?.ok_or(Error::NotFound)?;
    if asked.password
        && !secrets::proves(&by.edges, &secrets::gate_inside(&row.email), Some(&row), &shown.password, None).await?
    {
        return Err(Error::Prove(vec![Violation::at(PROOF_PASSWORD, "refused-password-old")]));
    }
    let Some(factor) = factor.filter(|_| asked.code) else { return Ok(Proof::default()) };
    let weighed = codes::weigh(&by.edges, &row, &factor, &shown.code, session, None)
        .await?
        .ok_or_else(|| Error::Prove(vec![Violation::at(PROOF_CODE, "refused-code")]))?;
    Ok(Proof { code: Some((person, session, weighed)) })
}

fn recent(by: &Context) -> bool {
    by.actor.proved_at.is_some_and(|at| rules::within(by.edges.clock.now() - at, WINDOW))
}

impl Proof {
    /// Spends the code: it counts once, and this browser is not asked again within the window.
    ///
    /// # Errors
    /// [`Error::Prove`] when the code was used meanwhile.
    pub async fn spend(&self, tx: &Tx) -> Result<()> {
        let Some((person, session, weighed)) = self.code else { return Ok(()) };
        codes::take(tx, person, weighed).await?;
        let row = session::ActiveModel { id: Set(session), proved_at: Set(Some(tx.now())), ..Default::default() };
        session::Entity::update(row).exec(tx).await?;
        Ok(())
    }
}
