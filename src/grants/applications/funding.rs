//! Co-funding (配套资金): who promised money beside the grant, what of it came, each with its evidence. It stands beside the
//! books: the foundation never holds this money.

use super::rules::is_writing;
use super::service::own;
use crate::commons::documents::{self, Kept};
use crate::commons::events::{self, Note};
use crate::commons::texts::{TITLE, all_well, required};
use crate::core::money::MAX_MINOR;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Editor};
use entities::co_funding;
use entities::kinds::{ApplicationId, ApplicationStage, BudgetSource, CoFundingId, DocumentPurpose, Subject};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Most lines of co-funding in one bid.
pub const MAX_FUNDING: u64 = 30;

/// A promise as told.
#[derive(Debug, Clone)]
pub struct Promise {
    /// From where.
    pub source: BudgetSource,
    /// Who gives it.
    pub giver: String,
    /// How much.
    pub promised_minor: i64,
}

/// Adds a promise, with its letter where there is one.
///
/// # Errors
/// By the field; a refusal when the bid is signed or there are too many lines.
pub async fn promise(
    by: &As<Editor>,
    id: ApplicationId,
    told: Promise,
    evidence: Option<&Kept>,
) -> Result<CoFundingId> {
    let mut wrong = Vec::new();
    let giver = &required(&mut wrong, "giver", &told.giver, TITLE);
    if told.source == BudgetSource::Grant {
        wrong.push(Violation::at("source", "refused-choose"));
    }
    if !(1..=MAX_MINOR).contains(&told.promised_minor) {
        wrong.push(Violation::at("amount", "refused-zero"));
    }
    all_well(wrong)?;
    let told = &told;
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if !is_writing(row.stage) {
            return Err(Error::refused("refused-application-signed"));
        }
        if of(tx, id).await?.len() as u64 >= MAX_FUNDING {
            return Err(Violation::whole("refused-application-funding").with("most", MAX_FUNDING).into());
        }
        let document = match evidence {
            Some(kept) => {
                Some(documents::file(tx, by, kept, DocumentPurpose::Evidence, Some(row.organisation_id)).await?)
            }
            None => None,
        };
        let line = co_funding::ActiveModel {
            application_id: Set(id),
            source: Set(told.source),
            giver: Set(giver.clone()),
            currency: Set(row.currency),
            promised_minor: Set(told.promised_minor),
            promise_document_id: Set(document),
            received_minor: Set(0),
            recorded_by: Set(by.permission().person()),
            recorded_at: Set(tx.now()),
            ..Default::default()
        };
        let line = co_funding::Entity::insert(line).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Application, id.0, Note::act("promise-funding")).await?;
        Ok(line.id)
    })
    .await
}

/// Records what came of a promise in all, with what proves it; also after the bid was signed, as long as it lives.
///
/// # Errors
/// [`Error::NotFound`] for another's line; by the field when it is less than came before, or nothing.
pub async fn receive(
    by: &As<Editor>,
    id: ApplicationId,
    line: CoFundingId,
    received_minor: i64,
    evidence: &Kept,
) -> Result<()> {
    if !(1..=MAX_MINOR).contains(&received_minor) {
        return Err(Error::field("amount", "refused-zero"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if matches!(row.stage, ApplicationStage::Withdrawn | ApplicationStage::Lapsed | ApplicationStage::Declined) {
            return Err(Error::refused("refused-stage"));
        }
        let line = load_line(tx, id, line).await?;
        if received_minor < line.received_minor {
            return Err(Error::field("amount", "refused-application-funding-less"));
        }
        let document = documents::file(tx, by, evidence, DocumentPurpose::Evidence, Some(row.organisation_id)).await?;
        let changed = co_funding::ActiveModel {
            received_minor: Set(received_minor),
            received_document_id: Set(Some(document)),
            recorded_by: Set(by.permission().person()),
            recorded_at: Set(tx.now()),
            ..Default::default()
        };
        // Compared as it is written: two who record at once do not hide one another's.
        let done = co_funding::Entity::update_many()
            .set(changed)
            .filter(co_funding::Column::Id.eq(line.id))
            .filter(co_funding::Column::ReceivedMinor.eq(line.received_minor))
            .exec(tx)
            .await?;
        if done.rows_affected != 1 {
            return Err(Error::Stale);
        }
        events::record(tx, by, Subject::Application, id.0, Note::act("receive-funding")).await
    })
    .await
}

/// Takes a promise out of a draft, as long as nothing came.
///
/// # Errors
/// [`Error::NotFound`] for another's line; a refusal when the bid is signed or money came.
pub async fn drop_line(by: &As<Editor>, id: ApplicationId, line: CoFundingId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if !is_writing(row.stage) {
            return Err(Error::refused("refused-application-signed"));
        }
        let line = load_line(tx, id, line).await?;
        if line.received_minor > 0 {
            return Err(Error::refused("refused-application-funding-came"));
        }
        co_funding::Entity::delete_by_id(line.id).exec(tx).await?;
        events::record(tx, by, Subject::Application, id.0, Note::act("drop-funding")).await
    })
    .await
}

/// The co-funding of a bid, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, id: ApplicationId) -> Result<Vec<co_funding::Model>> {
    Ok(co_funding::Entity::find()
        .filter(co_funding::Column::ApplicationId.eq(id))
        .order_by_asc(co_funding::Column::Id)
        .limit(MAX_FUNDING + 1)
        .all(db)
        .await?)
}

/// A line of a bid.
///
/// # Errors
/// [`Error::NotFound`] for a line of another bid.
pub async fn load_line(
    db: &impl ConnectionTrait,
    application: ApplicationId,
    id: CoFundingId,
) -> Result<co_funding::Model> {
    let row = co_funding::Entity::find_by_id(id).one(db).await?;
    row.filter(|row| row.application_id == application).ok_or(Error::NotFound)
}
