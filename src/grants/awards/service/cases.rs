//! The case page (案例页): what a finished project tells everybody, made by an officer from its final report, once.

use super::load;
use crate::commons::documents::{self, Kept};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::texts::{PROSE, TITLE, all_well, required};
use crate::core::personal::names_somebody;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::awards::rules::finished;
use crate::grants::awards::separation;
use crate::people::permission::{As, Context, Officer, System};
use chrono::Duration;
use entities::kinds::{AwardId, DocumentId, ReportKind, ReportPhotoId, ReportStage, Role, Subject};
use entities::{award, case_page, document, report, report_photo};
use sea_orm::sea_query::Query;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// Photos offered: those of the accepted reports of one award.
const PHOTOS: u64 = 100;

/// Days after the close at which officers are reminded, once: the story is still in everybody's mind.
const ASKED_AFTER: i64 = 14;
/// Awards reminded of in one tick.
const TICK: u64 = 100;

/// What the page tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// Heading.
    pub title: String,
    /// What came of it.
    pub story: String,
    /// A photo of an accepted report.
    pub photo: Option<ReportPhotoId>,
}

/// An officer publishes the case page of an award whose final report is accepted.
///
/// # Errors
/// By the field: empty, too long, somebody's number, a photo of another award; a refusal before the final report or a second time.
pub async fn publish_case(by: &As<Officer>, id: AwardId, told: &Story) -> Result<()> {
    let mut wrong = Vec::new();
    let (title, story) =
        (&required(&mut wrong, "title", &told.title, TITLE), &required(&mut wrong, "story", &told.story, PROSE));
    let numbers = [("title", title), ("story", story)].into_iter().filter(|(_, text)| names_somebody(text));
    wrong.extend(numbers.map(|(field, _)| Violation::at(field, "refused-personal-number")));
    all_well(wrong)?;
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        if !finished(row.stage) || final_report(tx, id).await?.is_none() {
            return Err(Error::refused("refused-case-early"));
        }
        if of(tx, id).await?.is_some() {
            return Err(Error::refused("refused-case-there"));
        }
        let photo = match told.photo {
            Some(photo) => Some(copy(tx, by, id, photo).await?),
            None => None,
        };
        let page = case_page::ActiveModel {
            award_id: Set(id),
            title: Set(title.clone()),
            story: Set(story.clone()),
            photo_caption: Set(photo.as_ref().map(|(_, caption)| caption.clone()).unwrap_or_default()),
            photo_id: Set(photo.map(|(document, _)| document)),
            published_by: Set(by.person()?),
            published_at: Set(tx.now()),
            ..Default::default()
        };
        case_page::Entity::insert(page).exec_without_returning(tx).await?;
        events::record(tx, by, Subject::Award, id.0, Note::act("publish-case")).await
    })
    .await
}

/// Reminds officers of finished awards whose case nobody told.
///
/// # Errors
/// When the database cannot be read; a reminder that fails does not stop the others.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let told = Query::select().column(case_page::Column::AwardId).from(case_page::Entity).to_owned();
    let accepted = Query::select()
        .column(report::Column::AwardId)
        .from(report::Entity)
        .and_where(report::Column::Kind.eq(ReportKind::Final))
        .and_where(report::Column::Stage.eq(ReportStage::Accepted))
        .to_owned();
    let rows = award::Entity::find()
        .filter(award::Column::CaseAskedAt.is_null())
        .filter(award::Column::ClosedAt.lte(edges.clock.now() - Duration::days(ASKED_AFTER)))
        .filter(award::Column::Id.in_subquery(accepted))
        .filter(award::Column::Id.not_in_subquery(told))
        .order_by_asc(award::Column::Id)
        .limit(TICK)
        .all(edges.db.read())
        .await?;
    let system = &Context::system(edges.clone());
    for row in rows {
        if let Err(error) = remind(system, &row).await {
            tracing::warn!(award = row.id.0, %error, "the reminder was not sent");
        }
    }
    Ok(())
}

/// One reminder, if nobody told the case or reminded of it meanwhile: the mark is a compare-and-set.
async fn remind(by: &As<System>, row: &award::Model) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        if of(tx, row.id).await?.is_some() {
            return Ok(());
        }
        let mark = award::ActiveModel { case_asked_at: Set(Some(tx.now())), ..Default::default() };
        let marked = award::Entity::update_many()
            .set(mark)
            .filter(award::Column::Id.eq(row.id))
            .filter(award::Column::CaseAskedAt.is_null())
            .exec(tx)
            .await?;
        if marked.rows_affected == 0 {
            return Ok(());
        }
        let args = [("title", row.title.clone())];
        letters::to_role(tx, Role::ProgrammeOfficer, "case-missing", &args, &format!("/awards/{}", row.id)).await
    })
    .await
}

/// The public copy of a photo: the report's own stays with those who may read the report.
async fn copy(tx: &Tx, by: &As<Officer>, id: AwardId, photo: ReportPhotoId) -> Result<(DocumentId, String)> {
    let offered = photos(tx, id).await?;
    let row = offered.into_iter().find(|row| row.id == photo).ok_or(Error::field("photo", "refused-unknown"))?;
    let original = document::Entity::find_by_id(row.document_id).one(tx).await?.ok_or(Error::NotFound)?;
    let kept =
        Kept { sha256: original.sha256, name: original.name, media_type: original.media_type, bytes: original.bytes };
    Ok((documents::publish(tx, by, &kept, original.id).await?, row.caption))
}

/// The accepted final report of an award.
///
/// # Errors
/// When the database cannot be read.
pub async fn final_report(db: &impl ConnectionTrait, id: AwardId) -> Result<Option<report::Model>> {
    Ok(report::Entity::find()
        .filter(report::Column::AwardId.eq(id))
        .filter(report::Column::Kind.eq(ReportKind::Final))
        .filter(report::Column::Stage.eq(ReportStage::Accepted))
        .order_by_desc(report::Column::Id)
        .limit(1)
        .one(db)
        .await?)
}

/// Photos of the accepted reports of an award.
///
/// # Errors
/// When the database cannot be read.
pub async fn photos(db: &impl ConnectionTrait, id: AwardId) -> Result<Vec<report_photo::Model>> {
    let accepted = report::Entity::find()
        .filter(report::Column::AwardId.eq(id))
        .filter(report::Column::Stage.eq(ReportStage::Accepted))
        .limit(PHOTOS)
        .all(db)
        .await?;
    Ok(report_photo::Entity::find()
        .filter(report_photo::Column::ReportId.is_in(accepted.iter().map(|row| row.id)))
        .order_by_asc(report_photo::Column::Id)
        .limit(PHOTOS)
        .all(db)
        .await?)
}

/// The case page of an award.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, id: AwardId) -> Result<Option<case_page::Model>> {
    Ok(case_page::Entity::find().filter(case_page::Column::AwardId.eq(id)).one(db).await?)
}
