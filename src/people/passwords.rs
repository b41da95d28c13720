//! The change of a password: it is proved, replaced, and everybody else is shown out.

use super::{accounts, sessions};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::error::{Error, Result};
use crate::people::permission::{As, SignedIn};
use entities::kinds::Subject;
use entities::person;
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::net::IpAddr;

/// Changes one's own password. Whoever knew the old one is shown out everywhere else.
///
/// # Errors
/// By the field: an old password that is wrong, a new one that is not well chosen; `refused-sign-in-often` after too many
/// failures, for a browser left open must not become a place to guess.
pub async fn change(by: &As<SignedIn>, old: &str, new: &str, from: Option<IpAddr>) -> Result<()> {
    let edges = &by.edges;
    let row = &accounts::load(edges.db.read(), by.permission().person()).await?;
    accounts::well_chosen(edges, &row.email, new).await?;
    if !accounts::proves(edges, &row.email, Some(row), old, from).await? {
        return Err(Error::field("old_password", "refused-password-old"));
    }
    let hash = &accounts::hash(new).await?;
    by.write(|tx| async move {
        let tx = &tx;
        // What was proved is the password of before: a change in between was somebody else's.
        if accounts::load(tx, row.id).await?.password_hash != row.password_hash {
            return Err(Error::Stale);
        }
        let changed = person::ActiveModel { id: Set(row.id), password_hash: Set(hash.clone()), ..Default::default() };
        person::Entity::update(changed).exec(tx).await?;
        sessions::end_all(tx, row.id, by.actor.session).await?;
        events::record(tx, by, Subject::Person, row.id.0, Note::act("change-password")).await?;
        letters::to_person(tx, row.id, "password-changed", &[], "/account").await
    })
    .await
}
