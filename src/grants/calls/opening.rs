//! Sealed bids (密封投标): nobody sees one, nor how many there are, before two officers open them all after the deadline.

use super::rules::is_sealed;
use super::service::load;
use crate::commons::events::{self, Note};
use crate::error::{Error, Result};
use crate::people::members;
use crate::people::permission::{As, Officer};
use crate::people::roles;
use entities::kinds::{CallId, CallStage, OrganisationId, PersonId, Subject};
use entities::{application, call};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

/// Asks for the opening of the bids; nothing is seen before another officer opens them.
///
/// # Errors
/// A refusal before the deadline, of a call whose bids are not sealed, or when it was asked for already.
pub async fn ask_opening(by: &As<Officer>, id: CallId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = closed(&load(tx, id).await?)?;
        if row.opening_by.is_some() {
            return Err(Error::refused("refused-call-opening-asked"));
        }
        impartial(tx, by.person()?, id).await?;
        let asked = call::ActiveModel {
            opening_by: Set(Some(by.person()?)),
            version: Set(row.version + 1),
            ..Default::default()
        };
        let done = call::Entity::update_many()
            .set(asked)
            .filter(call::Column::Id.eq(id))
            .filter(call::Column::OpeningBy.is_null())
            .exec(tx)
            .await?;
        if done.rows_affected != 1 {
            return Err(Error::Stale);
        }
        events::record(tx, by, Subject::Call, id.0, Note::act("ask-opening")).await
    })
    .await
}

/// Opens the bids: by a different officer than who asked for it. From then on staff reads them.
///
/// # Errors
/// [`Error::Forbidden`] for who asked for it, their deputy, and people of an applicant; a refusal when nobody asked.
pub async fn open_bids(by: &As<Officer>, id: CallId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = closed(&load(tx, id).await?)?;
        if row.opening_by.is_none() {
            return Err(Error::refused("refused-call-opening-not-asked"));
        }
        roles::apart(tx, by, &[row.opening_by]).await?;
        impartial(tx, by.person()?, id).await?;
        let opened = call::ActiveModel {
            opened_by: Set(Some(by.person()?)),
            opened_at: Set(Some(tx.now())),
            version: Set(row.version + 1),
            ..Default::default()
        };
        let done = call::Entity::update_many()
            .set(opened)
            .filter(call::Column::Id.eq(id))
            .filter(call::Column::OpenedAt.is_null())
            .exec(tx)
            .await?;
        if done.rows_affected != 1 {
            return Err(Error::Stale);
        }
        events::record(tx, by, Subject::Call, id.0, Note::act("open-bids")).await
    })
    .await
}

/// The call, if its bids may be opened now.
fn closed(row: &call::Model) -> Result<call::Model> {
    if !is_sealed(row) {
        return Err(Error::refused("refused-call-not-sealed"));
    }
    if row.stage != CallStage::Closed {
        return Err(Error::refused("refused-call-not-closed"));
    }
    Ok(row.clone())
}

/// Who belongs to one that bids does not open the bids.
async fn impartial(db: &impl ConnectionTrait, person: PersonId, id: CallId) -> Result<()> {
    let bidders: Vec<(OrganisationId, Option<OrganisationId>)> = application::Entity::find()
        .filter(application::Column::CallId.eq(id))
        .select_only()
        .column(application::Column::OrganisationId)
        .column(application::Column::HostId)
        .into_tuple()
        .all(db)
        .await?;
    let bidders: Vec<OrganisationId> =
        bidders.into_iter().flat_map(|(own, host)| [Some(own), host]).flatten().collect();
    if members::belongs(db, person, &bidders).await? {
        return Err(Error::Forbidden("forbidden-application-own"));
    }
    Ok(())
}

/// The calls whose bids are still sealed, of those that may have any.
///
/// # Errors
/// When the database cannot be read.
pub async fn sealed(db: &impl ConnectionTrait) -> Result<Vec<CallId>> {
    Ok(call::Entity::find()
        .filter(call::Column::Sealed.eq(true))
        .filter(call::Column::OpenedAt.is_null())
        .select_only()
        .column(call::Column::Id)
        .into_tuple()
        .all(db)
        .await?)
}
