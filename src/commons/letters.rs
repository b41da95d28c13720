//! Letters: promised in the transaction of the change, rendered and sent by a job in the reader's language.
//!
//! A letter is a pair of locale keys, `mail-<name>-subject` and `mail-<name>-text`, with values and a link to the page where
//! the reader can act. To add one, write the two keys in both languages and call [`to_person`] or [`to_address`].
//!
//! A value that is not the same in every language says so in its name: `fund.zh` and `fund.en` together are `{ $fund }` in
//! the reader's language ([`of_fund`]), `role.word` is looked up as a locale key, `until.day` is a date (2026-05-01), `at.moment` one with its hour (RFC 3339).

use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::edges::i18n::{self, Value};
use crate::edges::mail::Letter;
use crate::edges::outbox;
use crate::error::{Error, Result};
use crate::people::permission::in_force;
use chrono::NaiveDate;
use entities::kinds::{Locale, MembershipStage, OrganisationId, PersonId, Role, RoleGrantStage, Scope};
use entities::{foundation, fund, membership, person, role_grant};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use tera::Context;

/// Kind of the job that sends a letter.
pub const JOB: &str = "letter";
/// Readers of one letter that are looked up and written to at once.
const AT_ONCE: usize = 200;

/// What the job needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Promised {
    /// Address.
    pub to: String,
    /// Language.
    pub locale: Locale,
    /// Name of the pair of keys.
    pub name: String,
    /// Values in the text.
    pub args: Vec<(String, String)>,
    /// Path of the page to act on.
    pub link: String,
}

/// Promises a letter to a person.
///
/// # Errors
/// When the database refuses.
pub async fn to_person(tx: &Tx, to: PersonId, name: &str, args: &[(&str, String)], link: &str) -> Result<()> {
    let row = person::Entity::find_by_id(to).one(tx).await?.ok_or(Error::NotFound)?;
    if row.ended_at.is_some() {
        return Ok(());
    }
    to_address(tx, &row.email, row.locale, name, args, link).await
}

/// Promises a letter to everybody who writes or signs for an organisation.
///
/// # Errors
/// When the database refuses.
pub async fn to_organisation(
    tx: &Tx,
    to: OrganisationId,
    name: &str,
    args: &[(&str, String)],
    link: &str,
) -> Result<()> {
    let members = membership::Entity::find()
        .select_only()
        .column(membership::Column::PersonId)
        .filter(membership::Column::OrganisationId.eq(to))
        .filter(membership::Column::Stage.eq(MembershipStage::Active))
        .into_query();
    to_readers(tx, person::Column::Id.in_subquery(members), name, args, link).await
}

/// Promises a letter to everybody who holds a role at the foundation today: not to those whose time is over or has not begun.
///
/// # Errors
/// When the database refuses.
pub async fn to_role(tx: &Tx, role: Role, name: &str, args: &[(&str, String)], link: &str) -> Result<()> {
    let grants = role_grant::Entity::find()
        .filter(role_grant::Column::Role.eq(role))
        .filter(role_grant::Column::Scope.eq(Scope::Foundation))
        .filter(role_grant::Column::Stage.eq(RoleGrantStage::Effective))
        .all(tx)
        .await?;
    let today = today(tx).await?;
    let holders = grants.into_iter().filter(|grant| in_force(grant, today)).map(|grant| grant.person_id);
    to_people(tx, holders.collect(), name, args, link).await
}

/// The day in the foundation's zone, as written at its founding: a transaction carries no settings.
async fn today(tx: &Tx) -> Result<NaiveDate> {
    let row = foundation::Entity::find_by_id(1).one(tx).await?.ok_or(Error::NotFound)?;
    let zone = row.time_zone.parse::<chrono_tz::Tz>();
    let zone = zone.map_err(|_| Error::Internal(format!("time_zone: `{}` is not an IANA zone", row.time_zone)))?;
    Ok(tx.now().with_timezone(&zone).date_naive())
}

/// Promises a letter to each of these people once.
///
/// # Errors
/// When the database refuses.
pub async fn to_people(
    tx: &Tx,
    mut people: Vec<PersonId>,
    name: &str,
    args: &[(&str, String)],
    link: &str,
) -> Result<()> {
    people.sort_unstable();
    people.dedup();
    for some in people.chunks(AT_ONCE) {
        let these = person::Column::Id.is_in(some.iter().copied());
        to_readers(tx, these, name, args, link).await?;
    }
    Ok(())
}

/// Promises a letter to each of these who has not left.
async fn to_readers(tx: &Tx, these: Expr, name: &str, args: &[(&str, String)], link: &str) -> Result<()> {
    let readers = person::Entity::find()
        .filter(these)
        .filter(person::Column::EndedAt.is_null())
        .order_by_asc(person::Column::Id)
        .all(tx)
        .await?;
    let letters = readers.iter().map(|row| promised(&row.email, row.locale, name, args, link));
    outbox::enqueue_all(tx, JOB, letters.collect::<Result<_>>()?).await
}

/// Promises a letter to an address.
///
/// # Errors
/// When the database refuses.
pub async fn to_address(
    tx: &Tx,
    to: &str,
    locale: Locale,
    name: &str,
    args: &[(&str, String)],
    link: &str,
) -> Result<()> {
    outbox::enqueue(tx, JOB, promised(to, locale, name, args, link)?, tx.now(), None).await
}

fn promised(to: &str, locale: Locale, name: &str, args: &[(&str, String)], link: &str) -> Result<serde_json::Value> {
    Ok(serde_json::to_value(Promised {
        to: to.to_owned(),
        locale,
        name: name.to_owned(),
        args: args.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
        link: link.to_owned(),
    })?)
}

/// The name of a fund in both languages, of which each reader reads one.
pub fn of_fund(row: &fund::Model) -> [(&'static str, String); 2] {
    [("fund.zh", row.name_zh.clone()), ("fund.en", row.name_en.clone())]
}

/// The values as the reader of this language reads them.
fn localised(edges: &Edges, promised: &Promised) -> Vec<(String, Value)> {
    let locale = promised.locale;
    let whole = |key: &str| promised.args.iter().find(|(k, _)| k == key).map_or("", |(_, value)| value.as_str());
    let mut values = Vec::new();
    for (key, value) in &promised.args {
        let (name, text) = match key.rsplit_once('.') {
            None => (key.as_str(), value.clone()),
            Some((name, "word")) => (name, edges.words.text(locale, value, &[])),
            Some((name, "day")) => (name, value.parse().map_or_else(|_| value.clone(), |date| i18n::day(locale, date))),
            Some((name, "moment")) => {
                let at = chrono::DateTime::parse_from_rfc3339(value).map(|at| at.to_utc());
                (name, at.map_or_else(|_| value.clone(), |at| i18n::moment(locale, at, edges.config.zone)))
            }
            Some((name, _)) => {
                (name, super::texts::pick(locale, whole(&format!("{name}.zh")), whole(&format!("{name}.en"))))
            }
        };
        values.push((name.to_owned(), Value::Text(text)));
    }
    values
}

/// Renders a promised letter.
///
/// # Errors
/// When the template or the foundation is missing.
pub async fn render(edges: &Edges, promised: &Promised) -> Result<Letter> {
    let foundation = foundation::Entity::find_by_id(1).one(edges.db.read()).await?.ok_or(Error::NotFound)?;
    let localised = localised(edges, promised);
    let values: Vec<(&str, Value)> = localised.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    let locale = promised.locale;
    let subject = edges.words.text(locale, &format!("mail-{}-subject", promised.name), &values);
    let mut context = Context::new();
    context.insert("locale", locale.as_str());
    context.insert("subject", &subject);
    context.insert("text", &edges.words.text(locale, &format!("mail-{}-text", promised.name), &values));
    context.insert("link", &format!("{}{}", edges.config.base_url, promised.link));
    context.insert("foundation", &super::texts::pick(locale, &foundation.name_zh, &foundation.name_en));
    Ok(Letter {
        to: promised.to.clone(),
        subject,
        text: edges.templates.render("mail/letter.txt", &context)?,
        html: edges.templates.render("mail/letter.html", &context)?,
    })
}
