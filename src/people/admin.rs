//! What administrators look after besides people: the jobs that wait or have failed.

use crate::commons::events::{self, Note};
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As};
use entities::job;
use entities::kinds::{JobId, Subject};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Jobs that wait or have failed, newest first, older than `before`.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_jobs(db: &impl ConnectionTrait, before: Option<i64>, limit: u64) -> Result<Vec<job::Model>> {
    let mut query =
        job::Entity::find().filter(job::Column::DoneAt.is_null()).order_by_desc(job::Column::Id).limit(limit);
    if let Some(before) = before {
        query = query.filter(job::Column::Id.lt(before));
    }
    Ok(query.all(db).await?)
}

/// A job that is not done.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn open_job(db: &impl ConnectionTrait, id: JobId) -> Result<job::Model> {
    job::Entity::find_by_id(id).one(db).await?.filter(|row| row.done_at.is_none()).ok_or(Error::NotFound)
}

/// Lets a failed job be tried again from the start.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it has not failed.
pub async fn retry(by: &As<Administrator>, id: JobId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = open_job(tx, id).await?;
        if row.failed_at.is_none() {
            return Err(Error::refused("refused-job-waits"));
        }
        let row = job::ActiveModel {
            id: Set(id),
            run_at: Set(tx.now()),
            attempts: Set(0),
            failed_at: Set(None),
            ..Default::default()
        };
        job::Entity::update(row).exec(tx).await?;
        events::record(tx, by, Subject::Foundation, 1, Note::act("retry-job")).await
    })
    .await
}
