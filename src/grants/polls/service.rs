//! What can be done with councils and their polls.

pub mod ballots;
pub mod councils;
pub mod counting;
pub mod drafting;
pub mod papers;

use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::Context;
use entities::kinds::{ApplicationId, PollId};
use entities::{application, poll, poll_project, poll_voter};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A poll by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: PollId) -> Result<poll::Model> {
    poll::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// A poll that nobody else changes until this transaction ends.
async fn take(tx: &Tx, id: PollId) -> Result<poll::Model> {
    poll::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?.ok_or(Error::NotFound)
}

/// The projects of a ballot paper with their titles, in the order of the paper.
///
/// # Errors
/// When the database cannot be read.
pub async fn projects(db: &impl ConnectionTrait, id: PollId) -> Result<Vec<(poll_project::Model, application::Model)>> {
    let rows = poll_project::Entity::find()
        .filter(poll_project::Column::PollId.eq(id))
        .order_by_asc(poll_project::Column::Id)
        .all(db)
        .await?;
    let applications: BTreeMap<ApplicationId, application::Model> = application::Entity::find()
        .filter(application::Column::Id.is_in(rows.iter().map(|row| row.application_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let with = |row: poll_project::Model| applications.get(&row.application_id).cloned().map(|of| (row, of));
    Ok(rows.into_iter().filter_map(with).collect())
}

/// The roll of a poll.
///
/// # Errors
/// When the database cannot be read.
pub async fn roll(db: &impl ConnectionTrait, id: PollId) -> Result<Vec<poll_voter::Model>> {
    let rows = poll_voter::Entity::find().filter(poll_voter::Column::PollId.eq(id));
    Ok(rows.order_by_asc(poll_voter::Column::PersonId).all(db).await?)
}

/// What the clock brings: polls whose hour has come take no ballots any more.
///
/// # Errors
/// When the database refuses.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    counting::close_due(&Context::system(edges.clone())).await
}
