//! What can be done with reports: scheduled with the agreement, written, signed off, accepted.

pub mod asking;
pub mod judging;
pub mod receipts;
pub mod reminders;
pub mod schedule;
pub mod writing;

pub use judging::{accept, request_changes, waive};
pub use schedule::{ad_hoc, open, schedule, tick};
pub use writing::{Saved, hand_over, save, submit, take_back};

use crate::commons::letters;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::awards::{self, separation};
use entities::kinds::{AwardId, OrganisationId, ReportId};
use entities::{application, award, call, indicator, report};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// A report with its award.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: ReportId) -> Result<(report::Model, award::Model)> {
    let row = report::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let award = awards::service::load(db, row.award_id).await?;
    Ok((row, award))
}

/// A report of the organisation: the payee's or, behind a host, the group's that does the work. Others' are not found.
async fn own(tx: &Tx, id: ReportId, organisation: OrganisationId) -> Result<(report::Model, award::Model)> {
    let (row, award) = load(tx, id).await?;
    if separation::grantees(tx, &award).await?.contains(&organisation) {
        Ok((row, award))
    } else {
        Err(Error::NotFound)
    }
}

/// The reports of an award, in the order in which they are due.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_award(db: &impl ConnectionTrait, award: AwardId) -> Result<Vec<report::Model>> {
    Ok(report::Entity::find()
        .filter(report::Column::AwardId.eq(award))
        .order_by_asc(report::Column::DueOn)
        .order_by_asc(report::Column::Id)
        .all(db)
        .await?)
}

/// Heads a report may name: the call's, and those of the budget as it stands.
///
/// # Errors
/// When the database cannot be read.
pub async fn heads(db: &impl ConnectionTrait, award: &award::Model) -> Result<Vec<String>> {
    let call = call::Entity::find_by_id(award.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let mut heads: Vec<String> = serde_json::from_value(call.budget_heads)?;
    for (head, _) in awards::changes::effective_budget(db, award).await? {
        if !heads.contains(&head) {
            heads.push(head);
        }
    }
    Ok(heads)
}

/// What the application promised to count.
///
/// # Errors
/// When the database cannot be read.
pub async fn indicators(db: &impl ConnectionTrait, award: &award::Model) -> Result<Vec<indicator::Model>> {
    Ok(indicator::Entity::find()
        .filter(indicator::Column::ApplicationId.eq(award.application_id))
        .order_by_asc(indicator::Column::Position)
        .order_by_asc(indicator::Column::Id)
        .all(db)
        .await?)
}

async fn tell(tx: &Tx, award: &award::Model, id: ReportId, name: &str, reason: &str) -> Result<()> {
    let args = [("title", award.title.clone()), ("reason", reason.to_owned())];
    letters::to_organisation(tx, award.organisation_id, name, &args, &format!("/reports/{id}")).await
}

async fn count(tx: &Tx, row: &report::Model) -> Result<()> {
    let change = report::ActiveModel { id: Set(row.id), version: Set(row.version + 1), ..Default::default() };
    report::Entity::update(change).exec(tx).await?;
    Ok(())
}

/// The group behind a host that reports, for pages.
///
/// # Errors
/// When the database cannot be read.
pub async fn applicant(db: &impl ConnectionTrait, award: &award::Model) -> Result<application::Model> {
    application::Entity::find_by_id(award.application_id).one(db).await?.ok_or(Error::NotFound)
}
