//! Passkeys (WebAuthn): a second way to prove the second factor, beside the authenticator and never instead of it.
//!
//! Whoever has an authenticator may add passkeys; where a code is asked for, a passkey answers as well. Each challenge is drawn for one browser,
//! lives for [`assertions::WAITS`] and is answered once. A passkey that counts backwards was copied and opens nothing. No script, no passkey: the
//! authenticator's code is asked for as before. Offered where `base_url` has a name: a browser takes no passkey for a bare address.

use super::assertions::{self, Challenge, ask, credential, house, mark, spend, waiting_in};
use super::{accounts, codes, sessions};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::texts::{self, TITLE};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::people::permission::{As, Level, SignedIn, prove};
use entities::kinds::{PasskeyId, PersonId, Subject};
use entities::{passkey, person, session};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use webauthn_rs::prelude::{Credential, RegisterPublicKeyCredential, Uuid};

/// Passkeys of one person: telephone, computer, a key in the safe, with room for more. The table's CHECK says the same.
pub const MOST: u64 = 10;
/// Longest answer of a browser that is read: what an authenticator says is a few hundred bytes.
pub const ANSWER: usize = 8_192;

/// The passkeys of a person, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<passkey::Model>> {
    let of = passkey::Entity::find().filter(passkey::Column::PersonId.eq(person));
    Ok(of.order_by_asc(passkey::Column::Id).limit(MOST).all(db).await?)
}

/// One of one's own.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's.
pub async fn own(by: &As<SignedIn>, id: PasskeyId) -> Result<passkey::Model> {
    let row = passkey::Entity::find_by_id(id).one(by.edges.db.read()).await?;
    row.filter(|row| row.person_id == by.permission().person()).ok_or(Error::NotFound)
}

/// Asks this browser to make a passkey.
///
/// # Errors
/// `refused-passkey-first` without an authenticator, `refused-passkeys-many`; [`Error::NotFound`] where none is offered; what [`prove`] asks for.
pub async fn begin(by: &As<SignedIn>) -> Result<()> {
    let house = house(&by.edges)?;
    let (db, person) = (by.edges.db.read(), by.permission().person());
    if !codes::is_set(db, person).await? {
        return Err(Error::refused("refused-passkey-first"));
    }
    let there = of(db, person).await?;
    if there.len() as u64 >= MOST {
        return Err(Error::refused("refused-passkeys-many"));
    }
    let proof = prove(by, Level::Factor).await?;
    let row = accounts::load(db, person).await?;
    let known = there.iter().map(|row| credential(row).map(|known| known.cred_id().clone())).collect::<Result<_>>()?;
    let made = house.start_passkey_registration(user(&by.edges, person), &row.email, &row.name, Some(known));
    let (told, state) = made.map_err(|error| Error::Internal(format!("passkeys: {error}")))?;
    let challenge = serde_json::to_value(Challenge::Make(Box::new(told), Box::new(state)))?;
    let session = by.actor.session.ok_or(Error::Forbidden("forbidden-sign-in"))?;
    let (challenge, mark) = (&challenge, mark(&by.edges));
    by.write_proved(proof, |tx| async move {
        ask(&tx, session, challenge.clone(), mark).await?;
        events::record(&tx, by, Subject::Person, person.0, Note::act("begin-passkey")).await
    })
    .await
}

/// By what an authenticator knows the account: it tells nothing of the person.
fn user(edges: &Edges, person: PersonId) -> Uuid {
    let derived = edges.vault.derive(&format!("passkey user {person}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&derived[..16]);
    Uuid::from_bytes(bytes)
}

async fn session_of(by: &As<SignedIn>) -> Result<session::Model> {
    let id = by.actor.session.ok_or(Error::Forbidden("forbidden-sign-in"))?;
    session::Entity::find_by_id(id).one(by.edges.db.read()).await?.ok_or(Error::NotFound)
}

/// What the browser is told to make a passkey by, as JSON.
///
/// # Errors
/// [`Error::NotFound`] when none waits in this browser.
pub async fn making(by: &As<SignedIn>) -> Result<String> {
    match waiting_in(&session_of(by).await?, by.edges.clock.now()) {
        Some((Challenge::Make(told, _), _)) => Ok(serde_json::to_string(&told)?),
        _ => Err(Error::NotFound),
    }
}

/// Adds the passkey that the browser made.
///
/// # Errors
/// By the field: no name, an answer that does not fit what was asked, here and now; a passkey that is registered already.
pub async fn add(by: &As<SignedIn>, name: &str, answer: &str) -> Result<PasskeyId> {
    let mut wrong = Vec::new();
    let name = &texts::required(&mut wrong, "name", name, TITLE);
    texts::all_well(wrong)?;
    let person = by.permission().person();
    let asked = session_of(by).await?;
    let Some((Challenge::Make(_, state), mark)) = waiting_in(&asked, by.edges.clock.now()) else {
        return Err(Error::field("credential", "refused-passkey-late"));
    };
    let told: RegisterPublicKeyCredential =
        serde_json::from_str(answer).map_err(|_| Error::field("credential", "refused-passkey"))?;
    let made = house(&by.edges)?.finish_passkey_registration(&told, &state);
    let made = &made.map_err(|_| Error::field("credential", "refused-passkey"))?;
    let (known, counter) = (fingerprint(made.cred_id()), i64::from(Credential::from(made.clone()).counter));
    let (known, kept) = (&known, &serde_json::to_value(made)?);
    by.write(|tx| async move {
        let tx = &tx;
        spend(tx, asked.id, mark).await.map_err(|_| Error::field("credential", "refused-passkey-late"))?;
        let there = passkey::Entity::find().filter(passkey::Column::CredentialMark.eq(known.as_str())).one(tx).await?;
        if there.is_some() {
            return Err(Error::field("credential", "refused-passkey-known"));
        }
        let row = passkey::ActiveModel {
            person_id: Set(person),
            credential_mark: Set(known.clone()),
            name: Set(name.clone()),
            credential: Set(kept.clone()),
            counter: Set(counter),
            created_at: Set(tx.now()),
            ..Default::default()
        };
        let id = passkey::Entity::insert(row).exec_with_returning(tx).await?.id;
        recount(tx, person).await?;
        events::record(tx, by, Subject::Person, person.0, Note::act("add-passkey")).await?;
        letters::to_person(tx, person, "passkey-added", &[("name", name.clone())], "/account/second-factor").await?;
        Ok(id)
    })
    .await
}

async fn recount(tx: &Tx, person: PersonId) -> Result<()> {
    let count = i32::try_from(of(tx, person).await?.len()).unwrap_or_default();
    let row = person::ActiveModel { id: Set(person), passkeys: Set(count), ..Default::default() };
    person::Entity::update(row).exec(tx).await?;
    Ok(())
}

/// Gives one of one's own another name.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's; by the field.
pub async fn rename(by: &As<SignedIn>, id: PasskeyId, name: &str) -> Result<()> {
    let mut wrong = Vec::new();
    let name = &texts::required(&mut wrong, "name", name, TITLE);
    texts::all_well(wrong)?;
    let row = own(by, id).await?;
    by.write(|tx| async move {
        let set = passkey::ActiveModel { id: Set(row.id), name: Set(name.clone()), ..Default::default() };
        passkey::Entity::update(set).exec(&tx).await?;
        events::record(&tx, by, Subject::Person, by.permission().person().0, Note::act("rename-passkey")).await
    })
    .await
}

/// Removes one of one's own: with the password, and a code or another passkey.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's; what [`prove`] asks for.
pub async fn remove(by: &As<SignedIn>, id: PasskeyId) -> Result<()> {
    let row = &own(by, id).await?;
    let proof = prove(by, Level::Factor).await?;
    let person = row.person_id;
    by.write_proved(proof, |tx| async move {
        let tx = &tx;
        if passkey::Entity::delete_by_id(row.id).exec(tx).await?.rows_affected == 0 {
            return Err(Error::NotFound);
        }
        recount(tx, person).await?;
        events::record(tx, by, Subject::Person, person.0, Note::act("remove-passkey")).await?;
        letters::to_person(tx, person, "passkey-removed", &[("name", row.name.clone())], "/account/second-factor").await
    })
    .await
}

/// Takes every passkey away, with the second factor that two administrators reset.
pub(super) async fn remove_all(tx: &Tx, person: PersonId) -> Result<()> {
    passkey::Entity::delete_many().filter(passkey::Column::PersonId.eq(person)).exec(tx).await?;
    recount(tx, person).await
}

/// Asks a browser, signed in or halfway there, to prove its person by a passkey. Answers what it is told, as JSON.
///
/// # Errors
/// [`Error::NotFound`] for a browser that is neither, a person without a passkey, or where none is offered.
pub async fn challenge(by: &As<super::permission::Anyone>, token: &str) -> Result<String> {
    let (edges, now) = (&by.edges, by.edges.clock.now());
    let row = session::Entity::find().filter(session::Column::TokenHash.eq(fingerprint(token)));
    let row = row.one(edges.db.read()).await?;
    let lives = |row: &session::Model| match row.halfway {
        true => sessions::stands_halfway(row, now),
        false => row.ended_at.is_none() && row.expires_at > now,
    };
    let row = row.filter(lives).ok_or(Error::NotFound)?;
    let mine = of(edges.db.read(), row.person_id).await?;
    if mine.is_empty() {
        return Err(Error::NotFound);
    }
    let mine = mine.iter().map(credential).collect::<Result<Vec<_>>>()?;
    let begun = house(edges)?.start_passkey_authentication(&mine);
    let (told, state) = begun.map_err(|error| Error::Internal(format!("passkeys: {error}")))?;
    let (asked, mark) = (&serde_json::to_value(Challenge::Prove(Box::new(state)))?, mark(edges));
    by.write(|tx| async move { ask(&tx, row.id, asked.clone(), mark).await }).await?;
    Ok(serde_json::to_string(&told)?)
}

/// Whether the browser that stands halfway belongs to somebody with a passkey.
///
/// # Errors
/// When the database cannot be read.
pub async fn halfway(edges: &Edges, token: &str) -> Result<bool> {
    let row = session::Entity::find().filter(session::Column::TokenHash.eq(fingerprint(token)));
    let row = row.one(edges.db.read()).await?.filter(|row| sessions::stands_halfway(row, edges.clock.now()));
    let Some(row) = row else { return Ok(false) };
    Ok(assertions::offered(edges) && accounts::load(edges.db.read(), row.person_id).await?.passkeys > 0)
}
