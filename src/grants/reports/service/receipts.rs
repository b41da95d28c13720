//! What spending is proven by: a photo of a receipt or an invoice, once; and photos of what was done.

use super::{heads, own};
use crate::commons::documents::{self, Kept};
use crate::commons::events::{self, Note};
use crate::commons::texts::{TITLE, all_well, optional, required};
use crate::core::personal::names_somebody;
use crate::core::uploads::PDF;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::awards;
use crate::grants::reports::rules::is_writing;
use crate::people::permission::{As, Editor};
use chrono::NaiveDate;
use entities::kinds::{DocumentPurpose, ReportId, ReportPhotoId, ReportReceiptId, Subject};
use entities::{award, document, report, report_photo, report_receipt};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::BTreeSet;

/// Most receipts of one report: one a day over three months.
pub const MAX_RECEIPTS: u64 = 100;
/// Most photos of one report.
pub const MAX_PHOTOS: u64 = 12;

/// What somebody says of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Budget head.
    pub head: String,
    /// Number printed on it, or `""`.
    pub number: String,
    /// Its day.
    pub issued_on: NaiveDate,
    /// How much of it is claimed.
    pub amount_minor: i64,
}

/// Adds a receipt to a report that is being written.
///
/// # Errors
/// By the field: an unknown head, a day to come, no picture and no PDF, a file claimed before.
pub async fn claim(by: &As<Editor>, id: ReportId, told: &Claim, kept: &Kept) -> Result<ReportReceiptId> {
    let mut wrong = Vec::new();
    let number = &optional(&mut wrong, "number", &told.number, TITLE);
    all_well(wrong)?;
    if kept.media_type != PDF.media_type && !kept.media_type.starts_with("image/") {
        return Err(Error::field("file", "refused-receipt-kind"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let (_, award) = writable(tx, id, by).await?;
        if !heads(tx, &award).await?.contains(&told.head) {
            return Err(Error::field("head", "refused-report-head"));
        }
        if told.issued_on > by.day_of(tx.now()) {
            return Err(Error::field("issued_on", "refused-receipt-day"));
        }
        if of(tx, id).await?.len() as u64 >= MAX_RECEIPTS {
            return Err(Violation::whole("refused-receipts-many").with("most", MAX_RECEIPTS).into());
        }
        // Two editors of one award take turns here, so that both cannot find the file unclaimed.
        awards::service::locked(tx, award.id).await?;
        let before = report_receipt::Entity::find()
            .filter(report_receipt::Column::OrganisationId.eq(award.organisation_id))
            .filter(report_receipt::Column::Sha256.eq(&kept.sha256))
            .one(tx)
            .await?;
        if before.is_some() {
            return Err(Error::field("file", "refused-receipt-claimed"));
        }
        let whose = Some(by.permission().organisation());
        let document = documents::file(tx, by, kept, DocumentPurpose::Evidence, whose).await?;
        let row = report_receipt::ActiveModel {
            report_id: Set(id),
            organisation_id: Set(award.organisation_id),
            document_id: Set(document),
            sha256: Set(kept.sha256.clone()),
            head: Set(told.head.clone()),
            number: Set(number.clone()),
            issued_on: Set(told.issued_on),
            amount_minor: Set(told.amount_minor),
            currency: Set(award.currency),
            attached_by: Set(by.permission().person()),
            attached_at: Set(tx.now()),
            ..Default::default()
        };
        let row = report_receipt::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Report, id.0, Note::act("add-receipt")).await?;
        Ok(row.id)
    })
    .await
}

/// Takes a receipt out of a report that is being written; the file stays in the store, claimed by nobody.
///
/// # Errors
/// [`Error::NotFound`] for one of another report; a refusal when the report is signed.
pub async fn take_out(by: &As<Editor>, id: ReportId, receipt: ReportReceiptId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        writable(tx, id, by).await?;
        let found = report_receipt::Entity::find_by_id(receipt).one(tx).await?;
        let found = found.filter(|found| found.report_id == id).ok_or(Error::NotFound)?;
        report_receipt::Entity::delete_by_id(found.id).exec(tx).await?;
        events::record(tx, by, Subject::Report, id.0, Note::act("take-out-receipt")).await
    })
    .await
}

/// Adds a photo to a report that is being written.
///
/// # Errors
/// By the field: no picture, a caption that holds somebody's number.
pub async fn show(by: &As<Editor>, id: ReportId, caption: &str, kept: &Kept) -> Result<ReportPhotoId> {
    let mut wrong = Vec::new();
    let caption = &required(&mut wrong, "caption", caption, TITLE);
    all_well(wrong)?;
    if names_somebody(caption) {
        return Err(Error::field("caption", "refused-personal-number"));
    }
    if !kept.media_type.starts_with("image/") {
        return Err(Error::field("file", "refused-photo-kind"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        writable(tx, id, by).await?;
        if photos(tx, id).await?.len() as u64 >= MAX_PHOTOS {
            return Err(Violation::whole("refused-photos-many").with("most", MAX_PHOTOS).into());
        }
        let whose = Some(by.permission().organisation());
        let document = documents::file(tx, by, kept, DocumentPurpose::Photo, whose).await?;
        let row = report_photo::ActiveModel {
            report_id: Set(id),
            document_id: Set(document),
            caption: Set(caption.clone()),
            attached_by: Set(by.permission().person()),
            attached_at: Set(tx.now()),
            ..Default::default()
        };
        let row = report_photo::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Report, id.0, Note::act("add-photo")).await?;
        Ok(row.id)
    })
    .await
}

/// A report of the editor's own that is being written.
async fn writable(tx: &Tx, id: ReportId, by: &As<Editor>) -> Result<(report::Model, award::Model)> {
    let (row, award) = own(tx, id, by.permission().organisation()).await?;
    if is_writing(row.stage) { Ok((row, award)) } else { Err(Error::refused("refused-report-signed")) }
}

/// The receipts of a report, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, id: ReportId) -> Result<Vec<report_receipt::Model>> {
    Ok(report_receipt::Entity::find()
        .filter(report_receipt::Column::ReportId.eq(id))
        .order_by_asc(report_receipt::Column::Id)
        .limit(MAX_RECEIPTS + 1)
        .all(db)
        .await?)
}

/// The photos of a report, oldest first, each with its document.
///
/// # Errors
/// When the database cannot be read.
pub async fn photos(db: &impl ConnectionTrait, id: ReportId) -> Result<Vec<(report_photo::Model, document::Model)>> {
    let rows = report_photo::Entity::find()
        .filter(report_photo::Column::ReportId.eq(id))
        .order_by_asc(report_photo::Column::Id)
        .limit(MAX_PHOTOS + 1)
        .all(db)
        .await?;
    let documents = document::Entity::find()
        .filter(document::Column::Id.is_in(rows.iter().map(|row| row.document_id)))
        .all(db)
        .await?;
    let with = |row: report_photo::Model| {
        let document = documents.iter().find(|document| document.id == row.document_id)?.clone();
        Some((row, document))
    };
    Ok(rows.into_iter().filter_map(with).collect())
}

/// Which of these receipts stand elsewhere too: the same file, or the same number, in whatever report of whomever. What that means an
/// officer judges: small shops begin their numbers anew every morning.
///
/// # Errors
/// When the database cannot be read.
pub async fn seen_elsewhere(
    db: &impl ConnectionTrait,
    rows: &[report_receipt::Model],
) -> Result<BTreeSet<ReportReceiptId>> {
    let files = rows.iter().map(|row| row.sha256.as_str());
    let numbers = rows.iter().map(|row| row.number.as_str()).filter(|number| !number.is_empty());
    let alike = Condition::any()
        .add(report_receipt::Column::Sha256.is_in(files))
        .add(report_receipt::Column::Number.is_in(numbers));
    let found = report_receipt::Entity::find()
        .filter(alike)
        .order_by_asc(report_receipt::Column::Id)
        .limit(MAX_RECEIPTS * 10)
        .all(db)
        .await?;
    let twin = |row: &&report_receipt::Model| {
        found.iter().any(|other| {
            other.id != row.id && (other.sha256 == row.sha256 || (!row.number.is_empty() && other.number == row.number))
        })
    };
    Ok(rows.iter().filter(twin).map(|row| row.id).collect())
}
