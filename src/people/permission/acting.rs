//! Somebody acting with a permission: the way every change goes through the one write door.

use super::{Context, Level, Permission, Proof, prove};
use crate::core::lifecycle::Part;
use crate::edges::Edges;
use crate::edges::db::{Door, Tx};
use crate::error::{Error, Result};
use entities::posted_form;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A form's key and what was posted with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Random, made with the page.
    pub key: String,
    /// Mark of path and body, made with the vault's key: what was typed cannot be found out by trying.
    pub fingerprint: String,
}

/// Somebody acting with a permission.
#[derive(Debug, Clone)]
pub struct As<P> {
    pub(super) context: Context,
    pub(super) permission: P,
}

impl<P> std::ops::Deref for As<P> {
    type Target = Context;
    fn deref(&self) -> &Context {
        &self.context
    }
}

impl<P: Permission> As<P> {
    /// The permission with its row.
    pub fn permission(&self) -> &P {
        &self.permission
    }

    /// The part played.
    pub fn part(&self) -> Part {
        P::PART
    }

    /// The same actor with a posted form's key.
    pub fn posting(&self, once: Option<Once>) -> Self {
        Self { context: Context { once, ..self.context.clone() }, permission: self.permission.clone() }
    }

    /// The same actor with what the posted page says it showed.
    pub fn having_seen(&self, seen: &str) -> Self {
        let seen = Some(seen.to_owned());
        Self { context: Context { seen, ..self.context.clone() }, permission: self.permission.clone() }
    }

    /// The same actor with what the posted form proves them by.
    pub fn showing(&self, shown: super::Shown) -> Self {
        Self { context: Context { shown: Some(shown), ..self.context.clone() }, permission: self.permission.clone() }
    }

    /// Another permission for the same act, made by a loader of a room.
    pub fn with<Q: Permission>(&self, permission: Q) -> As<Q> {
        As { context: self.context.clone(), permission }
    }

    /// Changes something: the one write door, the permission asked again inside it, the form's key answered once.
    ///
    /// # Errors
    /// Whatever the change answers; [`Error::Forbidden`] when the permission is gone meanwhile; a refusal when the same
    /// form key comes with another body.
    pub fn write<'a, T, F, W>(&'a self, change: F) -> Door<'a, T>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'a,
        F: Fn(Tx) -> W + Send + Sync + 'a,
        W: Future<Output = Result<T>> + Send + 'a,
    {
        self.write_proved(Proof::default(), change)
    }

    /// The same for what binds (an approval, a signature, a role): who acts has given a code of the second factor a moment ago.
    ///
    /// # Errors
    /// As [`Self::write`], and what [`prove`] asks for.
    pub fn decide<'a, T, F, W>(&'a self, change: F) -> Door<'a, T>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'a,
        F: Fn(Tx) -> W + Send + Sync + 'a,
        W: Future<Output = Result<T>> + Send + 'a,
    {
        self.proving(Level::Decision, change)
    }

    /// The same for one person's step of one payment: the password besides, every time.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn pay<'a, T, F, W>(&'a self, change: F) -> Door<'a, T>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'a,
        F: Fn(Tx) -> W + Send + Sync + 'a,
        W: Future<Output = Result<T>> + Send + 'a,
    {
        self.proving(Level::Payment, change)
    }

    /// A form that came twice is answered twice, though its code counted once: the one that is late has proved nothing anew.
    fn proving<'a, T, F, W>(&'a self, level: Level, change: F) -> Door<'a, T>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'a,
        F: Fn(Tx) -> W + Send + Sync + 'a,
        W: Future<Output = Result<T>> + Send + 'a,
    {
        Box::pin(async move {
            if let Some(answer) = self.answered_before(self.edges.db.read()).await? {
                return Ok(answer);
            }
            match prove(self, level).await {
                Ok(proof) => self.write_proved(proof, change).await,
                Err(refused @ Error::Prove(_)) => self.answered_before(self.edges.db.read()).await?.ok_or(refused),
                Err(other) => Err(other),
            }
        })
    }

    /// Changes something with a proof that was weighed; it is spent in the same transaction.
    ///
    /// # Errors
    /// As [`Self::write`]; [`Error::Prove`] when the code was used meanwhile.
    pub fn write_proved<'a, T, F, W>(&'a self, proof: Proof, change: F) -> Door<'a, T>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'a,
        F: Fn(Tx) -> W + Send + Sync + 'a,
        W: Future<Output = Result<T>> + Send + 'a,
    {
        Box::pin(async move {
            let change = &change;
            self.edges
                .db
                .write(|tx| async move {
                    if let Some(answer) = self.answered_before(&tx).await? {
                        return Ok(answer);
                    }
                    self.permission.still_holds(&tx, &self.context).await?;
                    self.proved_at_the_door()?;
                    if let Err(refused) = proof.spend(&tx).await {
                        // Of two clicks with one code the second waited for the first, which has answered by now.
                        return self.answered_before(&tx).await?.ok_or(refused);
                    }
                    // On the heap: what a change carries is large, and changes call each other deeply.
                    let answer = Box::pin(change(tx.clone())).await?;
                    self.remember(&tx, &answer).await?;
                    Ok(answer)
                })
                .await
        })
    }

    /// A role with money or decision power acts from no browser that was opened by a password alone.
    fn proved_at_the_door(&self) -> Result<()> {
        let by_password_alone = self.actor.session.is_some() && self.actor.proved_at.is_none();
        if P::POWER && by_password_alone { Err(Error::Forbidden("forbidden-second-factor")) } else { Ok(()) }
    }

    async fn answered_before<T: DeserializeOwned>(&self, db: &impl ConnectionTrait) -> Result<Option<T>> {
        let Some(once) = &self.once else { return Ok(None) };
        let Some(first) = posted_form::Entity::find_by_id(once.key.clone()).one(db).await? else { return Ok(None) };
        if first.person_id != self.actor.person || first.fingerprint != once.fingerprint {
            return Err(Error::refused("refused-form-used"));
        }
        Ok(Some(serde_json::from_value(first.answer)?))
    }

    async fn remember<T: Serialize + Sync>(&self, tx: &Tx, answer: &T) -> Result<()> {
        let Some(once) = &self.once else { return Ok(()) };
        let row = posted_form::ActiveModel {
            form_key: Set(once.key.clone()),
            person_id: Set(self.actor.person),
            fingerprint: Set(once.fingerprint.clone()),
            answer: Set(serde_json::to_value(answer)?),
            at: Set(tx.now()),
        };
        posted_form::Entity::insert(row).exec_without_returning(tx).await?;
        Ok(())
    }
}

impl Once {
    /// A form's key with the mark of where and what was posted.
    pub fn new(edges: &Edges, key: &str, path: &str, body: &str) -> Self {
        Self { key: key.to_owned(), fingerprint: edges.vault.mark("form", &format!("{path}\n{body}")) }
    }
}
