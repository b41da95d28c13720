//! Files of a bid: sniffed, measured, looked at by the virus scanner where there is one, and kept by their hash.

use super::rules::is_writing;
use super::service::own;
use crate::commons::documents::{self, Kept};
use crate::commons::events::{self, Note};
use crate::commons::texts::{TITLE, all_well, required};
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Editor};
use entities::kinds::{ApplicationDocumentId, ApplicationId, ApplicationStage, DocumentPurpose, Subject};
use entities::{application_document, document};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Most files of one bid.
pub const MAX_FILES: u64 = 20;

/// Adds a file to a draft, or to a bid about which the foundation asks something.
///
/// # Errors
/// By the field; a refusal when the bid is signed or has too many files.
pub async fn attach(by: &As<Editor>, id: ApplicationId, label: &str, kept: &Kept) -> Result<ApplicationDocumentId> {
    let mut wrong = Vec::new();
    let label = &required(&mut wrong, "label", label, TITLE);
    all_well(wrong)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if !is_writing(row.stage) && row.stage != ApplicationStage::InformationRequested {
            return Err(Error::refused("refused-application-signed"));
        }
        if of(tx, id).await?.len() as u64 >= MAX_FILES {
            return Err(Violation::whole("refused-application-files").with("most", MAX_FILES).into());
        }
        let document = documents::file(tx, by, kept, DocumentPurpose::Evidence, Some(row.organisation_id)).await?;
        let file = application_document::ActiveModel {
            application_id: Set(id),
            document_id: Set(document),
            label: Set(label.clone()),
            attached_by: Set(by.permission().person()),
            attached_at: Set(tx.now()),
            ..Default::default()
        };
        let file = application_document::Entity::insert(file).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Application, id.0, Note::act("attach")).await?;
        Ok(file.id)
    })
    .await
}

/// Takes a file out of a draft.
///
/// # Errors
/// [`Error::NotFound`] for a file of another bid; a refusal when the bid is signed.
pub async fn detach(by: &As<Editor>, id: ApplicationId, file: ApplicationDocumentId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if !is_writing(row.stage) {
            return Err(Error::refused("refused-application-signed"));
        }
        let found = application_document::Entity::find_by_id(file).one(tx).await?;
        let found = found.filter(|found| found.application_id == id).ok_or(Error::NotFound)?;
        application_document::Entity::delete_by_id(found.id).exec(tx).await?;
        events::record(tx, by, Subject::Application, id.0, Note::act("detach")).await
    })
    .await
}

/// The files of a bid, oldest first, each with its document.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(
    db: &impl ConnectionTrait,
    id: ApplicationId,
) -> Result<Vec<(application_document::Model, document::Model)>> {
    let files = application_document::Entity::find()
        .filter(application_document::Column::ApplicationId.eq(id))
        .order_by_asc(application_document::Column::Id)
        .limit(MAX_FILES + 1)
        .all(db)
        .await?;
    let of = files.iter().map(|file| file.document_id);
    let documents = document::Entity::find().filter(document::Column::Id.is_in(of)).all(db).await?;
    let whole = |file: application_document::Model| {
        let document = documents.iter().find(|document| document.id == file.document_id)?.clone();
        Some((file, document))
    };
    Ok(files.into_iter().filter_map(whole).collect())
}
