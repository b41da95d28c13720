//! What people ask about their data, and what is done about it.
//!
//! A correction is made by whoever keeps the record; granting says that it was. Erasure ends the account and takes the person out of it: name, address,
//! password, second factor, sessions, passkeys, invitations, what was typed and not saved. What the law keeps stays with a number in the
//! place of a name: the books, decisions, gifts with the name on their receipt (Charity Law Art 38).

use super::rules::PRIVACY;
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::commons::texts::{self, PROSE};
use crate::core::lifecycle::Part;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As, SignedIn};
use crate::people::{accounts, erasure, leaving, roles};
use entities::kinds::{PersonId, PrivacyKind, PrivacyRequestId, PrivacyStage, Role, Subject};
use entities::privacy_request;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Requests on a page.
const SHOWN: u64 = 50;
/// Where administrators answer.
pub const DESK: &str = "/admin/privacy";
/// Where people ask.
pub const OWN: &str = "/account/privacy";

/// Asks for a correction or for erasure.
///
/// # Errors
/// By the field: nothing told; a refusal while the same is asked already.
pub async fn ask(by: &As<SignedIn>, kind: PrivacyKind, told: &str) -> Result<PrivacyRequestId> {
    let told = &words("told", told)?;
    let person = by.permission().person();
    by.write(|tx| async move {
        let tx = &tx;
        let open = privacy_request::Entity::find()
            .filter(privacy_request::Column::PersonId.eq(person))
            .filter(privacy_request::Column::Kind.eq(kind))
            .filter(privacy_request::Column::Stage.eq(PrivacyStage::Asked))
            .one(tx)
            .await?;
        if open.is_some() {
            return Err(Error::refused("refused-privacy-open"));
        }
        let row = privacy_request::ActiveModel {
            person_id: Set(person),
            kind: Set(kind),
            told: Set(told.clone()),
            stage: Set(PrivacyStage::Asked),
            asked_at: Set(tx.now()),
            ..Default::default()
        };
        let id = privacy_request::Entity::insert(row).exec_with_returning(tx).await?.id;
        events::record(tx, by, Subject::PrivacyRequest, id.0, Note::act("ask")).await?;
        letters::to_role(tx, Role::Administrator, "privacy-asked", &[], &format!("{DESK}/{id}")).await?;
        Ok(id)
    })
    .await
}

fn words(field: &str, text: &str) -> Result<String> {
    let mut wrong = Vec::new();
    let text = texts::required(&mut wrong, field, text, PROSE);
    texts::all_well(wrong).map(|()| text)
}

/// Takes a request back.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's; a refusal when it is answered.
pub async fn withdraw(by: &As<SignedIn>, id: PrivacyRequestId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.person_id != by.permission().person() {
            return Err(Error::NotFound);
        }
        advance(tx, by, &row, "withdraw", Note::act("")).await.map(|_| ())
    })
    .await
}

/// Answers a request, with reasons. Granted erasure is done at once.
///
/// # Errors
/// [`Error::NotFound`]; `forbidden-own-account` for one's own; by the field: no reasons; a refusal when it was answered, or when the person
/// is needed: fewer than two administrators would be left.
pub async fn answer(by: &As<Administrator>, id: PrivacyRequestId, granted: bool, reasons: &str) -> Result<()> {
    let reasons = &words("reason", reasons)?;
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if roles::one_person(tx, by.person()?, row.person_id, by.day_of(tx.now())).await? {
            return Err(Error::Forbidden("forbidden-own-account"));
        }
        let act = if granted { "grant" } else { "refuse" };
        PRIVACY.step(row.stage, act, Part::Administrator).map_err(|_| Error::refused("refused-stage"))?;
        let set = privacy_request::ActiveModel {
            id: Set(id),
            answered_by: Set(by.actor.person),
            answered_at: Set(Some(tx.now())),
            answer: Set(reasons.clone()),
            ..Default::default()
        };
        privacy_request::Entity::update(set).exec(tx).await?;
        advance(tx, by, &row, act, Note::act("")).await?;
        // The letter first: nobody writes to an account that is erased.
        let told = [("reason", reasons.clone())];
        if granted {
            letters::to_person(tx, row.person_id, "privacy-granted", &told, OWN).await?;
        } else {
            letters::to_person(tx, row.person_id, "privacy-refused", &told, OWN).await?;
        }
        if granted && row.kind == PrivacyKind::Erasure {
            erase(tx, by, row.person_id, reasons).await?;
        }
        Ok(())
    })
    .await
}

async fn erase(tx: &Tx, by: &As<Administrator>, person: PersonId, reasons: &str) -> Result<()> {
    if accounts::load(tx, person).await?.ended_at.is_none() {
        leaving::end_in(tx, by, person, reasons).await?;
    }
    erasure::erase(tx, by, person).await?;
    privacy_request::Entity::update_many()
        .col_expr(privacy_request::Column::Told, Expr::value("—"))
        .filter(privacy_request::Column::PersonId.eq(person))
        .exec(tx)
        .await?;
    Ok(())
}

/// One request.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: PrivacyRequestId) -> Result<privacy_request::Model> {
    privacy_request::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// What a person asked, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<privacy_request::Model>> {
    let of = privacy_request::Entity::find().filter(privacy_request::Column::PersonId.eq(person));
    Ok(of.order_by_desc(privacy_request::Column::Id).limit(SHOWN).all(db).await?)
}

/// What waits for an answer, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(db: &impl ConnectionTrait) -> Result<Vec<privacy_request::Model>> {
    let of = privacy_request::Entity::find().filter(privacy_request::Column::Stage.eq(PrivacyStage::Asked));
    Ok(of.order_by_asc(privacy_request::Column::Id).limit(SHOWN).all(db).await?)
}
