//! Accounts: what a person says about themselves.

use super::{organisations, rules};
use crate::commons::events::{self, Note};
use crate::commons::texts::TITLE;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Context, SignedIn};
use entities::kinds::{Locale, OrganisationId, PersonId, Subject};
use entities::person;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use super::secrets::hash;
pub(super) use super::secrets::proves;

/// Makes an account without an invitation: the worked example.
///
/// # Errors
/// By the field: address, name, password; an address that is taken.
pub async fn create(edges: &Arc<Edges>, email: &str, name: &str, locale: Locale, password: &str) -> Result<PersonId> {
    let email = &rules::email(email).ok_or_else(|| Error::field("email", "refused-email"))?;
    let name = &person_name(name)?;
    well_chosen(edges, email, password).await?;
    let hash = &hash(password).await?;
    let by = &Context::system(edges.clone());
    by.write(|tx| async move {
        let tx = &tx;
        if by_email(tx, email).await?.is_some() {
            return Err(Error::field("email", "refused-email-taken"));
        }
        let id = insert(tx, email, name, locale, hash).await?;
        events::record(tx, by, Subject::Person, id.0, Note::act("join")).await?;
        Ok(id)
    })
    .await
}

/// A name as it is kept.
pub(super) fn person_name(name: &str) -> Result<String> {
    let mut wrong = Vec::new();
    let name = crate::commons::texts::required(&mut wrong, "name", name, TITLE);
    crate::commons::texts::all_well(wrong).map(|()| name)
}

/// Refuses a password that is too short, too long, the address itself, or one that thieves know.
pub(super) async fn well_chosen(edges: &Edges, email: &str, password: &str) -> Result<()> {
    rules::password(email, password).map_or(Ok(()), |violation| Err(Error::from(violation)))?;
    if super::secrets::breached(edges, password).await? {
        return Err(Error::field("password", "refused-password-breached"));
    }
    Ok(())
}

/// Writes a person.
pub(super) async fn insert(tx: &Tx, email: &str, name: &str, locale: Locale, hash: &str) -> Result<PersonId> {
    let row = person::ActiveModel {
        email: Set(email.to_owned()),
        name: Set(name.to_owned()),
        locale: Set(locale),
        password_hash: Set(hash.to_owned()),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(person::Entity::insert(row).exec_with_returning(tx).await?.id)
}

/// The person with this address.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<person::Model>> {
    Ok(person::Entity::find().filter(person::Column::Email.eq(email)).one(db).await?)
}

/// A person by their key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: PersonId) -> Result<person::Model> {
    person::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// Changes what a person says about themselves.
///
/// # Errors
/// By the field: no name, an organisation there is none of.
pub async fn change(by: &As<SignedIn>, name: &str, locale: Locale, employer: Option<OrganisationId>) -> Result<()> {
    let name = &person_name(name)?;
    by.write(|tx| async move {
        let tx = &tx;
        let id = by.permission().person();
        // The account prints the employer's name: one chosen by its number must not give away who is in no public list.
        if let Some(employer) = employer
            && load(tx, id).await?.employer_id != Some(employer)
            && !organisations::may_choose(tx, by, employer).await?
        {
            return Err(Violation::at("employer", "refused-unknown").into());
        }
        let row = person::ActiveModel {
            id: Set(id),
            name: Set(name.clone()),
            locale: Set(locale),
            employer_id: Set(employer),
            ..Default::default()
        };
        person::Entity::update(row).exec(tx).await?;
        events::record(tx, by, Subject::Person, id.0, Note::act("change-account")).await
    })
    .await
}

/// Remembers the language a person chose.
///
/// # Errors
/// When the database refuses.
pub async fn set_locale(by: &As<SignedIn>, locale: Locale) -> Result<()> {
    by.write(|tx| async move {
        let row = person::ActiveModel { id: Set(by.permission().person()), locale: Set(locale), ..Default::default() };
        person::Entity::update(row).exec(&tx).await?;
        Ok(())
    })
    .await
}

/// Everybody who has or had an account, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, before: Option<i64>, limit: u64) -> Result<Vec<person::Model>> {
    let mut query = person::Entity::find().order_by_desc(person::Column::Id).limit(limit);
    if let Some(before) = before {
        query = query.filter(person::Column::Id.lt(before));
    }
    Ok(query.all(db).await?)
}

/// Names of some people, for staff and the people of an organisation.
///
/// # Errors
/// When the database cannot be read.
pub async fn names(
    db: &impl ConnectionTrait,
    ids: impl Iterator<Item = PersonId>,
) -> Result<BTreeMap<PersonId, String>> {
    let rows = person::Entity::find().filter(person::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
