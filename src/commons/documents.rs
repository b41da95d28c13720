//! Documents: bytes are kept before the transaction, the row is written in it; a published one is a redacted copy.

use crate::core::uploads::{self, Refusal};
use crate::edges::db::Tx;
use crate::edges::scanner::Verdict;
use crate::edges::store;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, Permission};
use entities::document;
use entities::kinds::{DocumentId, DocumentPurpose, OrganisationId, Role};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A file as it came in: kept in the store, not yet a document of anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// SHA-256 of the bytes as they are kept.
    pub sha256: String,
    /// Name shown.
    pub name: String,
    /// Sniffed type.
    pub media_type: String,
    /// Size.
    pub bytes: i64,
}

/// Keeps an uploaded file's bytes, a photo without its notes; harmless if the act then fails, because files are shared by hash.
///
/// # Errors
/// By the field: empty, too large, infected, or what [`uploads::examine`] does not take.
pub async fn keep(context: &Context, field: &str, name: &str, bytes: &[u8]) -> Result<Kept> {
    if bytes.is_empty() {
        return Err(Error::field(field, "refused-file-empty"));
    }
    if bytes.len() > store::MAX_BYTES {
        return Err(Error::field(field, "refused-file-too-large"));
    }
    let (kind, clean) = examined(bytes).await.map_err(|refusal| Error::field(field, refusal.code()))?;
    match context.edges.scanner.look(bytes).await {
        Verdict::Clean => {}
        Verdict::Infected => return Err(Error::field(field, "refused-file-infected")),
        Verdict::Silent => return Err(Error::field(field, "refused-file-not-looked-at")),
    }
    let sha256 = context.edges.store.keep(&clean).await?;
    let name = uploads::safe_name(name, kind);
    Ok(Kept { sha256, name, media_type: kind.media_type.to_owned(), bytes: clean.len() as i64 })
}

/// What a file is and what is kept of it. A packed one is measured beside the threads that answer: unpacking takes its time.
async fn examined(bytes: &[u8]) -> std::result::Result<(uploads::Kind, Cow<'_, [u8]>), Refusal> {
    if !bytes.starts_with(b"PK") {
        return uploads::examine(bytes).map(|taken| (taken.kind, taken.bytes));
    }
    let own = bytes.to_vec();
    let measured = tokio::task::spawn_blocking(move || uploads::examine(&own).map(|taken| taken.kind)).await;
    measured.unwrap_or(Err(Refusal::Broken)).map(|kind| (kind, Cow::Borrowed(bytes)))
}

/// Writes a private document.
///
/// # Errors
/// When the database refuses.
pub async fn file<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    kept: &Kept,
    purpose: DocumentPurpose,
    organisation: Option<OrganisationId>,
) -> Result<DocumentId> {
    insert(tx, by, kept, purpose, organisation, false, None).await
}

/// Writes the redacted, public copy of a private document; the original's hash is published, the original is not.
///
/// # Errors
/// When the database refuses, or both are the same file.
pub async fn publish<P: Permission>(tx: &Tx, by: &As<P>, redacted: &Kept, original: DocumentId) -> Result<DocumentId> {
    let row = document::Entity::find_by_id(original).one(tx).await?.ok_or(Error::NotFound)?;
    insert(tx, by, redacted, row.purpose, row.organisation_id, true, Some(original)).await
}

async fn insert<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    kept: &Kept,
    purpose: DocumentPurpose,
    organisation: Option<OrganisationId>,
    public: bool,
    redacts: Option<DocumentId>,
) -> Result<DocumentId> {
    let row = document::ActiveModel {
        sha256: Set(kept.sha256.clone()),
        name: Set(kept.name.clone()),
        media_type: Set(kept.media_type.clone()),
        bytes: Set(kept.bytes),
        purpose: Set(purpose),
        organisation_id: Set(organisation),
        public: Set(public),
        redacts_id: Set(redacts),
        uploaded_by: Set(by.actor.person),
        uploaded_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(document::Entity::insert(row).exec_with_returning(tx).await?.id)
}

/// A document with its bytes, if the asker may read it: the public ones for everyone, the others for staff and the
/// organisation they belong to. A slip or a valuation names its donor, so that of staff only those read it who handle gifts.
///
/// # Errors
/// [`Error::NotFound`] for what is not the asker's to see.
pub async fn read(context: &Context, id: DocumentId) -> Result<(document::Model, Vec<u8>)> {
    read_for(context, id, false).await
}

/// The same, where a room knows that this document is the asker's to judge by.
///
/// # Errors
/// As [`read`].
pub async fn read_for(context: &Context, id: DocumentId, judges: bool) -> Result<(document::Model, Vec<u8>)> {
    let row = document::Entity::find_by_id(id).one(context.edges.db.read()).await?.ok_or(Error::NotFound)?;
    let own = row.organisation_id.is_some_and(|organisation| context.actor.belongs_to(organisation));
    let works = context.actor.has(Role::FinanceOfficer) || context.actor.has(Role::Approver);
    let staff = match row.purpose {
        DocumentPurpose::Receipt | DocumentPurpose::Valuation => works,
        _ => context.actor.is_staff(),
    };
    if !(row.public || own || staff || judges) {
        return Err(Error::NotFound);
    }
    let bytes = context.edges.store.read(&row.sha256).await?;
    Ok((row, bytes))
}
