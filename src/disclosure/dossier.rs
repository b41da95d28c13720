//! The dossier of a project: what its page and its stream both need from the tables, loaded once.

use super::projects::is_public;
use crate::error::{Error, Result};
use crate::grants::awards::service::cases;
use crate::people::permission::Context;
use entities::kinds::AwardId;
use entities::{application, award, case_page, evaluation, report, residue_decision, tranche};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Reports and evaluations of one award: far above what a plan holds.
pub(super) const MOST: u64 = 50;

/// An award with what was written about it.
#[derive(Debug)]
pub(super) struct Dossier {
    pub(super) award: award::Model,
    pub(super) application: application::Model,
    pub(super) tranches: Vec<tranche::Model>,
    pub(super) reports: Vec<report::Model>,
    pub(super) evaluations: Vec<evaluation::Model>,
    pub(super) residue: Option<residue_decision::Model>,
    pub(super) case: Option<case_page::Model>,
}

/// The dossier of a public award.
///
/// # Errors
/// [`Error::NotFound`] for an award that is not public.
pub(super) async fn load(context: &Context, id: AwardId) -> Result<Dossier> {
    let db = context.edges.db.read();
    let award =
        award::Entity::find_by_id(id).one(db).await?.filter(|row| is_public(row.stage)).ok_or(Error::NotFound)?;
    let application = application::Entity::find_by_id(award.application_id).one(db).await?.ok_or(Error::NotFound)?;
    let tranches = tranche::Entity::find()
        .filter(tranche::Column::AwardId.eq(id))
        .order_by_asc(tranche::Column::Ordinal)
        .all(db)
        .await?;
    let reports = report::Entity::find()
        .filter(report::Column::AwardId.eq(id))
        .order_by_asc(report::Column::Id)
        .limit(MOST)
        .all(db)
        .await?;
    let evaluations = evaluation::Entity::find()
        .filter(evaluation::Column::AwardId.eq(id))
        .order_by_asc(evaluation::Column::Id)
        .limit(MOST)
        .all(db)
        .await?;
    let residue = residue_decision::Entity::find()
        .filter(residue_decision::Column::AwardId.eq(id))
        .filter(residue_decision::Column::PublishedAt.is_not_null())
        .one(db)
        .await?;
    let case = cases::of(db, id).await?;
    Ok(Dossier { award, application, tranches, reports, evaluations, residue, case })
}

/// A score in hundredths as people write it: 7400 → `74`, 8567 → `85.67`.
pub(super) fn hundredths(score: i32) -> String {
    if score % 100 == 0 { (score / 100).to_string() } else { format!("{}.{:02}", score / 100, score % 100) }
}
