//! What a panel talked about: who wrote it down, when, about which bid. Notes only grow, and stand in the minutes.

use crate::commons::texts::{PROSE, all_well, required};
use crate::error::{Error, Result};
use crate::grants::applications::rules::JUDGED;
use crate::grants::decisions;
use crate::grants::reviews::panel::Reaches;
use crate::people::permission::As;
use entities::kinds::{ApplicationId, CallId, CallStage, PanelNoteId};
use entities::{application, panel_note};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// Notes of one panel: a long session writes some hundred.
pub const MOST: u64 = 1_000;

/// Writes a note about a bid of the call, or about the round.
///
/// # Errors
/// [`Error::NotFound`] for a bid of another call; forbidden for another panel's chair; by the field; a refusal before the call is judged,
/// once its decision was handed in, or when there are too many.
pub async fn write<P: Reaches>(
    by: &As<P>,
    id: CallId,
    about: Option<ApplicationId>,
    text: &str,
) -> Result<PanelNoteId> {
    let mut wrong = Vec::new();
    let text = &required(&mut wrong, "note", text, PROSE);
    all_well(wrong)?;
    by.write(|tx| async move {
        let tx = &tx;
        P::reaches(by, id)?;
        let call = crate::grants::calls::service::take(tx, id).await?;
        if !matches!(call.stage, CallStage::Closed | CallStage::InReview) {
            return Err(Error::refused("refused-note-call"));
        }
        // What is handed in was talked about: later words would not be what the approver read.
        if decisions::service::under_way(tx, id).await? {
            return Err(Error::refused("refused-note-decided"));
        }
        if let Some(about) = about {
            let row = application::Entity::find_by_id(about).one(tx).await?;
            row.filter(|row| row.call_id == id && JUDGED.contains(&row.stage)).ok_or(Error::NotFound)?;
        }
        let written = panel_note::Entity::find().filter(panel_note::Column::CallId.eq(id)).count(tx).await?;
        if written >= MOST {
            return Err(Error::refused("refused-note-many"));
        }
        let row = panel_note::ActiveModel {
            call_id: Set(id),
            application_id: Set(about),
            text: Set(text.clone()),
            written_by: Set(by.person()?),
            written_at: Set(tx.now()),
            ..Default::default()
        };
        // The note is its own record: it only grows. An event of the call would be read by everybody on the call's page.
        Ok(panel_note::Entity::insert(row).exec_with_returning(tx).await?.id)
    })
    .await
}

/// The notes of a call's panel, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_call(db: &impl ConnectionTrait, id: CallId) -> Result<Vec<panel_note::Model>> {
    Ok(panel_note::Entity::find()
        .filter(panel_note::Column::CallId.eq(id))
        .order_by_asc(panel_note::Column::Id)
        .limit(MOST)
        .all(db)
        .await?)
}
