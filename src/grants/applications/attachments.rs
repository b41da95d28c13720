//! Files of a bid: sniffed, measured, looked at by the virus scanner where there is one, and kept by their hash.

use super::budget;
use super::rules::is_writing;
use super::service::own;
use crate::commons::documents::{self, Kept};
use crate::commons::events::{self, Note};
use crate::commons::texts::{TITLE, all_well, required};
use crate::core::answers::{Answers, FormDefinition, Kind, Question};
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::calls;
use crate::people::permission::{As, Editor};
use entities::kinds::{ApplicationDocumentId, ApplicationId, ApplicationStage, DocumentPurpose, Subject};
use entities::{application, application_document, document};
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

/// Answers a question of the form with a file, in place of the one that answered it before.
///
/// # Errors
/// [`Error::NotFound`] for a question that asks for no file; a refusal when the bid is signed or has too many files.
pub async fn answer(by: &As<Editor>, id: ApplicationId, question: &str, kept: &Kept) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if !is_writing(row.stage) {
            return Err(Error::refused("refused-application-signed"));
        }
        let call = calls::service::load(tx, row.call_id).await?;
        let form = budget::questions(tx, call.form_version_id).await?;
        let asked = asked_for(&form, question).ok_or(Error::NotFound)?;
        let there = of(tx, id).await?;
        let before: Vec<ApplicationDocumentId> =
            there.iter().filter(|(file, _)| file.question == question).map(|(file, _)| file.id).collect();
        if before.is_empty() && there.len() as u64 >= MAX_FILES {
            return Err(Violation::whole("refused-application-files").with("most", MAX_FILES).into());
        }
        application_document::Entity::delete_many()
            .filter(application_document::Column::Id.is_in(before))
            .exec(tx)
            .await?;
        let document = documents::file(tx, by, kept, DocumentPurpose::Evidence, Some(row.organisation_id)).await?;
        let label: String = asked.label.in_locale(by.locale.as_str()).chars().take(TITLE).collect();
        let file = application_document::ActiveModel {
            application_id: Set(id),
            document_id: Set(document),
            label: Set(label),
            attached_by: Set(by.permission().person()),
            attached_at: Set(tx.now()),
            question: Set(question.to_owned()),
            ..Default::default()
        };
        let file = application_document::Entity::insert(file).exec_with_returning(tx).await?;
        told(tx, &row, question, Some(file.id)).await?;
        events::record(tx, by, Subject::Application, id.0, Note::act("attach")).await
    })
    .await
}

/// The question of a form that asks for a file.
pub fn asked_for<'a>(form: &'a FormDefinition, question: &str) -> Option<&'a Question> {
    let mut all = form.sections.iter().flat_map(|section| &section.questions);
    all.find(|own| own.id == question && own.kind == Kind::File {})
}

/// Writes into the answers which file answers a question: the key of the file, or nothing.
async fn told(tx: &Tx, row: &application::Model, question: &str, file: Option<ApplicationDocumentId>) -> Result<()> {
    let mut answers = budget::answers_of(row);
    match file {
        Some(file) => answers.0.insert(question.to_owned(), serde_json::json!(file.to_string())),
        None => answers.0.remove(question),
    };
    let change = application::ActiveModel {
        id: Set(row.id),
        answers: Set(serde_json::to_value(&answers)?),
        version: Set(row.version + 1),
        ..Default::default()
    };
    application::Entity::update(change).exec(tx).await?;
    Ok(())
}

/// The answers of a save with the files as they are: a form of a browser says nothing about them, whatever it sends.
pub(super) async fn with_files(
    tx: &Tx,
    id: ApplicationId,
    form: &FormDefinition,
    mut answers: Answers,
) -> Result<Answers> {
    let files = of(tx, id).await?;
    for question in form.sections.iter().flat_map(|section| &section.questions) {
        if question.kind == (Kind::File {}) {
            answers.0.remove(&question.id);
            if let Some((file, _)) = files.iter().find(|(file, _)| file.question == question.id) {
                answers.0.insert(question.id.clone(), serde_json::json!(file.id.to_string()));
            }
        }
    }
    Ok(answers)
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
        if !found.question.is_empty() {
            told(tx, &row, &found.question, None).await?;
        }
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
