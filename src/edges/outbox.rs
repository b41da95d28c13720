//! The outbox: work promised in the transaction of the change, done afterwards, at least once.
//!
//! `enqueue` writes a row; the worker leases rows that are ready, runs them, and marks them done. A crash loses the lease, not the job.
//! What a job does must be harmless when done twice. To add a kind of job, add it to [`crate::desk::jobs`].

use super::Edges;
use super::db::Tx;
use crate::error::Result;
use chrono::{DateTime, Duration, Utc};
use entities::job;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

/// Tries before a person must look: with the pauses below about six hours.
pub const MAX_ATTEMPTS: i32 = 8;
/// A worker that does not come back within this has died; its job is taken up by another.
const LEASE: Duration = Duration::minutes(5);
/// The longest that one job takes: a letter to a server that does not answer.
const LONGEST: Duration = Duration::seconds(60);
/// Jobs taken at once: small, so that many copies share a burst.
const BATCH: u64 = 20;

/// Promises a job in the transaction of the change. With a `dedupe` it is promised once however often asked.
///
/// # Errors
/// When the row cannot be written.
pub async fn enqueue(
    tx: &Tx,
    kind: &str,
    payload: serde_json::Value,
    run_at: DateTime<Utc>,
    dedupe: Option<String>,
) -> Result<()> {
    if let Some(key) = &dedupe
        && job::Entity::find().filter(job::Column::Dedupe.eq(key)).one(tx).await?.is_some()
    {
        return Ok(());
    }
    let row = job::ActiveModel {
        kind: Set(kind.to_owned()),
        payload: Set(payload),
        run_at: Set(run_at),
        attempts: Set(0),
        last_error: Set(String::new()),
        created_at: Set(tx.now()),
        dedupe: Set(dedupe),
        ..Default::default()
    };
    // Another copy of the house may promise the same at this moment: then it is promised.
    let once = OnConflict::column(job::Column::Dedupe).do_nothing().to_owned();
    job::Entity::insert(row).on_conflict(once).exec_without_returning(tx).await?;
    Ok(())
}

/// Promises many jobs of a kind to be done now, in the transaction of the change.
///
/// # Errors
/// When the rows cannot be written.
pub async fn enqueue_all(tx: &Tx, kind: &str, payloads: Vec<serde_json::Value>) -> Result<()> {
    if payloads.is_empty() {
        return Ok(());
    }
    let rows = payloads.into_iter().map(|payload| job::ActiveModel {
        kind: Set(kind.to_owned()),
        payload: Set(payload),
        run_at: Set(tx.now()),
        attempts: Set(0),
        last_error: Set(String::new()),
        created_at: Set(tx.now()),
        ..Default::default()
    });
    job::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes up again what was given up, as if it had not been tried. What is done or still to be done stays as it is.
///
/// # Errors
/// When the row cannot be written.
pub async fn again(tx: &Tx, dedupe: &str) -> Result<()> {
    let row = job::ActiveModel {
        attempts: Set(0),
        failed_at: Set(None),
        run_at: Set(tx.now()),
        leased_until: Set(None),
        ..Default::default()
    };
    job::Entity::update_many()
        .set(row)
        .filter(job::Column::Dedupe.eq(dedupe))
        .filter(job::Column::FailedAt.is_not_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Leases what is ready now, oldest first.
///
/// # Errors
/// When the database cannot be written.
pub async fn lease(edges: &Edges) -> Result<Vec<job::Model>> {
    let now = edges.clock.now();
    if ready(edges).await? == 0 {
        return Ok(Vec::new());
    }
    let mark = &edges.dice.token();
    edges
        .db
        .write(|tx| async move {
            let tx = &tx;
            let free = job::Column::LeasedUntil.is_null().or(job::Column::LeasedUntil.lt(now));
            let mut query = job::Entity::find()
                .filter(job::Column::DoneAt.is_null())
                .filter(job::Column::FailedAt.is_null())
                .filter(job::Column::RunAt.lte(now))
                .filter(free)
                .order_by_asc(job::Column::RunAt)
                .order_by_asc(job::Column::Id)
                .limit(BATCH);
            if edges.db.backend() == sea_orm::DbBackend::Postgres {
                query = query.lock_with_behavior(
                    sea_orm::sea_query::LockType::Update,
                    sea_orm::sea_query::LockBehavior::SkipLocked,
                );
            }
            let mut jobs = query.all(tx).await?;
            let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
            job::Entity::update_many()
                .col_expr(job::Column::LeasedUntil, Expr::value(now + LEASE))
                .col_expr(job::Column::Lease, Expr::value(mark.clone()))
                .col_expr(job::Column::Attempts, Expr::col(job::Column::Attempts).add(1))
                .filter(job::Column::Id.is_in(ids))
                .exec(tx)
                .await?;
            for job in &mut jobs {
                job.lease = Some(mark.clone());
                job.leased_until = Some(now + LEASE);
            }
            Ok(jobs)
        })
        .await
}

/// Whether a leased job may still be begun: what would outlast its lease is left to the next round, before another copy of
/// the house takes it up as well.
pub fn in_hand(edges: &Edges, job: &job::Model) -> bool {
    job.leased_until.is_some_and(|until| edges.clock.now() + LONGEST < until)
}

/// Marks a leased job as done, for another try later, or as given up. Does nothing once another copy has taken it up.
///
/// # Errors
/// When the database cannot be written.
pub async fn settle(edges: &Edges, job: &job::Model, outcome: std::result::Result<(), String>) -> Result<()> {
    let outcome = &outcome;
    edges
        .db
        .write(|tx| async move {
            let tx = &tx;
            let attempts = job.attempts + 1;
            let mut row = job::ActiveModel { leased_until: Set(None), lease: Set(None), ..Default::default() };
            match outcome {
                Ok(()) => {
                    row.done_at = Set(Some(tx.now()));
                    // A letter that is sent leaves neither its address nor a one-time link behind.
                    row.payload = Set(serde_json::Value::Null);
                }
                Err(error) => {
                    row.last_error = Set(error.chars().take(500).collect());
                    if attempts >= MAX_ATTEMPTS {
                        row.failed_at = Set(Some(tx.now()));
                    } else {
                        // 5 s, 20 s, 80 s, … : quick for a hiccup, patient with an outage.
                        row.run_at = Set(tx.now() + Duration::seconds(5 * 4_i64.pow(attempts.clamp(1, 7) as u32 - 1)));
                    }
                }
            }
            job::Entity::update_many()
                .set(row)
                .filter(job::Column::Id.eq(job.id))
                .filter(job::Column::Lease.eq(job.lease.clone()))
                .exec(tx)
                .await?;
            Ok(())
        })
        .await
}

/// How many jobs are ready now.
///
/// # Errors
/// When the database cannot be read.
pub async fn ready(edges: &Edges) -> Result<u64> {
    let now = edges.clock.now();
    Ok(job::Entity::find()
        .filter(job::Column::DoneAt.is_null())
        .filter(job::Column::FailedAt.is_null())
        .filter(job::Column::RunAt.lte(now))
        .count(edges.db.read())
        .await?)
}
