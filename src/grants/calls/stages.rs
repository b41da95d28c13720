//! Two stages: a call for concept notes, and a call for proposals that only those are asked to who were invited from it.

use super::service::load;
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::error::{Error, Result};
use crate::people::permission::{As, Officer};
use entities::kinds::{ApplicationId, ApplicationStage, CallId, CallStage, FormPurpose, OrganisationId, Subject};
use entities::{application, call, call_invitation, form, form_version};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Concept notes of one call on the page from which is invited.
const NOTES: u64 = 500;
/// Stages of a concept note that was screened and stands.
const STANDING: [ApplicationStage; 3] =
    [ApplicationStage::Eligible, ApplicationStage::UnderReview, ApplicationStage::Recommended];

/// Whether a call asks for concept notes: its form says so. A note asks for no money and is never awarded.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_concept(db: &impl ConnectionTrait, row: &call::Model) -> Result<bool> {
    let Some(version) = form_version::Entity::find_by_id(row.form_version_id).one(db).await? else { return Ok(false) };
    let form = form::Entity::find_by_id(version.form_id).one(db).await?;
    Ok(form.is_some_and(|form| form.purpose == FormPurpose::Concept))
}

/// Whether an organisation may write for a call: anybody, or who was invited where the call invites.
///
/// # Errors
/// `refused-call-not-invited`.
pub async fn invited(db: &impl ConnectionTrait, row: &call::Model, organisation: OrganisationId) -> Result<()> {
    if row.concept_call_id.is_none() {
        return Ok(());
    }
    let found = call_invitation::Entity::find()
        .filter(call_invitation::Column::CallId.eq(row.id))
        .filter(call_invitation::Column::OrganisationId.eq(organisation))
        .one(db)
        .await?;
    if found.is_some() { Ok(()) } else { Err(Error::refused("refused-call-not-invited")) }
}

/// Invites the author of a concept note to write a proposal.
///
/// # Errors
/// [`Error::NotFound`] for a note of another call; refusals when it was not screened or the call for proposals is over.
pub async fn invite(by: &As<Officer>, id: CallId, note: ApplicationId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let concept = row.concept_call_id.ok_or_else(|| Error::refused("refused-call-one-stage"))?;
        let asked = application::Entity::find_by_id(note).one(tx).await?.ok_or(Error::NotFound)?;
        if asked.call_id != concept {
            return Err(Error::NotFound);
        }
        if !STANDING.contains(&asked.stage) {
            return Err(Error::refused("refused-call-note-not-screened"));
        }
        let coming = matches!(row.stage, CallStage::Scheduled | CallStage::Open) && tx.now() < row.closes_at;
        if !coming {
            return Err(Error::refused("refused-call-not-open"));
        }
        if invited(tx, &row, asked.organisation_id).await.is_ok() {
            // Asking again is harmless.
            return Ok(());
        }
        let told = call_invitation::ActiveModel {
            call_id: Set(id),
            application_id: Set(note),
            organisation_id: Set(asked.organisation_id),
            invited_by: Set(by.person()?),
            invited_at: Set(tx.now()),
            ..Default::default()
        };
        call_invitation::Entity::insert(told).exec_without_returning(tx).await?;
        events::record(tx, by, Subject::Call, id.0, Note::act("invite")).await?;
        let args = [("title", asked.title.clone()), ("call", by.pick(&row.title_zh, &row.title_en))];
        letters::to_organisation(tx, asked.organisation_id, "call-invited", &args, &format!("/calls/{id}")).await
    })
    .await
}

/// The concept notes that stand, each with whether its author was invited.
///
/// # Errors
/// When the database cannot be read.
pub async fn notes(db: &impl ConnectionTrait, row: &call::Model) -> Result<Vec<(application::Model, bool)>> {
    let Some(concept) = row.concept_call_id else { return Ok(Vec::new()) };
    let notes = application::Entity::find()
        .filter(application::Column::CallId.eq(concept))
        .filter(application::Column::Stage.is_in(STANDING))
        .order_by_asc(application::Column::Id)
        .limit(NOTES)
        .all(db)
        .await?;
    let invited: Vec<OrganisationId> = call_invitation::Entity::find()
        .filter(call_invitation::Column::CallId.eq(row.id))
        .select_only()
        .column(call_invitation::Column::OrganisationId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(notes
        .into_iter()
        .map(|note| {
            let there = invited.contains(&note.organisation_id);
            (note, there)
        })
        .collect())
}
