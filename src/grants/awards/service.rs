//! What can be done with awards: offered, accepted, signed by both, suspended, terminated, mentored.

pub mod bans;
pub mod cases;
pub mod offers;
pub mod residues;
pub mod seeds;
pub mod signatures;
pub mod suspension;
pub mod termination;

pub use offers::{accept, decline, offer, tick};
pub use seeds::name_seed_fund;
pub use signatures::{sign_as_grantee, sign_for_foundation};
pub use suspension::{resume, suspend};
pub use termination::{Termination, confirm_termination, propose_termination};

use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::funds;
use crate::grants::tranches::service::figures;
use crate::ledger::balances;
use crate::people::permission::{As, Context, Permission};
use entities::kinds::{AwardId, AwardStage, CallId, FundId, MentoringNoteId, OrganisationId, PersonId, Role, Subject};
use entities::{award, evaluation, mentoring_note};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// An award by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: AwardId) -> Result<award::Model> {
    award::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// An award by its key, its row kept from others until the transaction ends: what is counted over its payments, reports and
/// returns is counted by one at a time. SQLite has one writer anyway.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn locked(tx: &Tx, id: AwardId) -> Result<award::Model> {
    award::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?.ok_or(Error::NotFound)
}

/// An award of the signatory's own organisation; another's is not found.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn own(db: &impl ConnectionTrait, id: AwardId, organisation: OrganisationId) -> Result<award::Model> {
    let row = load(db, id).await?;
    if row.organisation_id == organisation { Ok(row) } else { Err(Error::NotFound) }
}

/// Writes to the grantee about an award.
pub(super) async fn tell(tx: &Tx, row: &award::Model, name: &str, reason: &str) -> Result<()> {
    let args = [
        ("title", row.title.clone()),
        ("amount", figures(row.amount_minor, row)),
        ("until.day", row.offer_expires_on.to_string()),
        ("reason", reason.to_owned()),
    ];
    letters::to_organisation(tx, row.organisation_id, name, &args, &format!("/awards/{}", row.id)).await
}

/// Counts a save.
pub(super) async fn count(tx: &Tx, row: &award::Model) -> Result<()> {
    let change = award::ActiveModel { id: Set(row.id), version: Set(row.version + 1), ..Default::default() };
    award::Entity::update(change).exec(tx).await?;
    Ok(())
}

/// The final report is accepted: the award begins to close. Harmless on an award that is not active.
///
/// # Errors
/// When the database refuses.
pub async fn begin_closing<P: Permission>(tx: &Tx, by: &As<P>, id: AwardId) -> Result<()> {
    let row = load(tx, id).await?;
    if row.stage == AwardStage::Active {
        advance(tx, &Context::system(by.edges.clone()), &row, "begin-closing", Note::act("")).await?;
        count(tx, &row).await?;
    }
    Ok(())
}

/// What was paid on an award, returns taken off.
///
/// # Errors
/// When the database cannot be read.
pub async fn paid(db: &impl ConnectionTrait, id: AwardId) -> Result<i64> {
    Ok(balances::paid_on_awards(db, &[id]).await?.first().map_or(0, |(_, paid, _)| *paid))
}

/// The fund that takes money back: the successor of one that was merged, or of one that left its rest to another.
///
/// # Errors
/// A refusal when the last of them is closed and named none.
pub(super) async fn home(tx: &Tx, id: FundId) -> Result<FundId> {
    funds::service::closing::successor(tx, id).await?.ok_or_else(|| Error::refused("refused-fund-no-home"))
}

/// An officer, or the award's evaluator, keeps a note of a visit or of advice.
///
/// # Errors
/// [`Error::Forbidden`] for anybody else.
pub async fn mentor<P: Permission>(by: &As<P>, id: AwardId, text: &str) -> Result<MentoringNoteId> {
    by.write(|tx| async move {
        let tx = &tx;
        load(tx, id).await?;
        let person = by.person()?;
        if !(by.actor.has(Role::ProgrammeOfficer) || evaluates(tx, person, id).await?) {
            return Err(Error::Forbidden("forbidden-officer"));
        }
        let row = mentoring_note::ActiveModel {
            award_id: Set(id),
            text: Set(text.to_owned()),
            written_by: Set(person),
            at: Set(tx.now()),
            ..Default::default()
        };
        let row = mentoring_note::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Award, id.0, Note::act("mentor")).await?;
        Ok(row.id)
    })
    .await
}

/// Whether a person was asked to evaluate this award.
///
/// # Errors
/// When the database cannot be read.
pub async fn evaluates(db: &impl ConnectionTrait, person: PersonId, id: AwardId) -> Result<bool> {
    let row = evaluation::Entity::find()
        .filter(evaluation::Column::AwardId.eq(id))
        .filter(evaluation::Column::EvaluatorId.eq(person))
        .limit(1)
        .one(db)
        .await?;
    Ok(row.is_some())
}

/// Awards of a call, for other rooms.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_call(db: &impl ConnectionTrait, call: CallId) -> Result<Vec<award::Model>> {
    Ok(award::Entity::find().filter(award::Column::CallId.eq(call)).order_by_asc(award::Column::Id).all(db).await?)
}
