//! The jobs: one function a kind. A job looks at the world again before it acts, and is harmless when done twice.
//!
//! Besides the outbox there is the tick: deadlines that the clock brings (calls open and close, notices end, tranches
//! fall due). To add a job, add its kind to [`run`]; to add a deadline, add it to [`tick`].

use crate::commons::letters;
use crate::edges::Edges;
use crate::edges::db::Door;
use crate::edges::outbox;
use crate::error::{Error, Result};
use crate::grants::{
    applications, awards, calls, committees, decisions, funds, gifts, orders, pledges, polls, reports, reviews,
    tranches,
};
use crate::ledger::seal;
use crate::people::{payees, sweep};
use entities::job;
use std::sync::Arc;
use std::time::Duration;

/// Pause when there was nothing to do.
const IDLE: Duration = Duration::from_millis(500);
/// Pause between two looks at the deadlines.
const TICK: Duration = Duration::from_secs(15);

/// Works until asked to stop; what is in hand is finished first.
///
/// # Errors
/// Never by a job: those are retried and then shown to the administrator.
pub async fn work(edges: Arc<Edges>, stop: impl Future<Output = ()> + Send) -> Result<()> {
    tokio::pin!(stop);
    let mut last_tick = std::time::Instant::now().checked_sub(TICK);
    loop {
        if last_tick.is_none_or(|at| at.elapsed() >= TICK) {
            if let Err(error) = whole(&edges, |edges| async move { tick(&edges).await }).await {
                tracing::error!(%error, "tick");
            }
            last_tick = Some(std::time::Instant::now());
        }
        let pause = match whole(&edges, |edges| async move { drain_once(&edges).await }).await {
            Ok(0) => IDLE,
            Ok(_) => Duration::ZERO,
            Err(error) => {
                tracing::error!(%error, "jobs");
                IDLE
            }
        };
        tokio::select! {
            () = &mut stop => return Ok(()),
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Runs a piece of work in a task of its own: a panic in it is an error of this round, and never the end of the worker.
async fn whole<T, F>(edges: &Arc<Edges>, piece: impl FnOnce(Arc<Edges>) -> F) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    tokio::spawn(piece(edges.clone())).await.unwrap_or_else(|broken| Err(Error::Internal(broken.to_string())))
}

/// Does everything that is ready now; for plays and tests.
///
/// # Errors
/// The first job that failed.
pub async fn drain(edges: &Arc<Edges>) -> Result<()> {
    while drain_once(edges).await? > 0 {}
    Ok(())
}

async fn drain_once(edges: &Arc<Edges>) -> Result<usize> {
    let jobs = outbox::lease(edges).await?;
    for job in jobs.iter().filter(|job| outbox::in_hand(edges, job)) {
        let outcome = run(edges, job).await;
        if let Err(error) = &outcome {
            tracing::warn!(job = job.id.0, kind = job.kind, %error, "job failed");
        }
        outbox::settle(edges, job, outcome.map_err(|error| error.to_string())).await?;
    }
    Ok(jobs.len())
}

/// One job. On the heap, like a change: it may be any of them.
fn run<'a>(edges: &'a Arc<Edges>, job: &'a job::Model) -> Door<'a, ()> {
    Box::pin(kind(edges, job))
}

async fn kind(edges: &Arc<Edges>, job: &job::Model) -> Result<()> {
    match job.kind.as_str() {
        letters::JOB => {
            let letter = letters::render(edges, &serde_json::from_value(job.payload.clone())?).await?;
            edges.mail.send(&letter, job.id.0).await
        }
        orders::service::OPEN_JOB => orders::service::opening::open(edges, payload(job)?).await,
        orders::service::LOOK_JOB => orders::service::truth::look(edges, payload(job)?).await,
        orders::service::REFUND_JOB => orders::service::refunds::send(edges, payload(job)?).await,
        orders::service::EVENT_JOB => orders::service::events::follow(edges, &payload::<String>(job)?).await,
        orders::service::POLL_JOB => orders::service::asking::poll(edges).await,
        other => Err(Error::Internal(format!("no worker for {other}"))),
    }
}

/// What a job was promised with.
fn payload<T: serde::de::DeserializeOwned>(job: &job::Model) -> Result<T> {
    Ok(serde_json::from_value(job.payload.clone())?)
}

/// Calls each of these for itself: one that fails, or breaks, keeps none of the others from its turn.
macro_rules! each {
    ($edges:ident: $($tick:path),+ $(,)?) => {{
        let mut failed = Vec::new();
        $(
            let piece: fn(&Arc<Edges>) -> Door<'_, ()> = |edges| Box::pin($tick(edges));
            if let Err(error) = whole($edges, move |edges| async move { piece(&edges).await }).await {
                failed.push((stringify!($tick), error));
            }
        )+
        failed
    }};
}

/// Moves what the clock moves, in the order of a grant's life. Whatever fails is named, after the others had their turn.
///
/// # Errors
/// When the database refuses one of them, or the key that seals is missing.
pub fn tick(edges: &Arc<Edges>) -> Door<'_, ()> {
    Box::pin(ticked(edges))
}

async fn ticked(edges: &Arc<Edges>) -> Result<()> {
    let mut failed = each!(edges:
        payees::tick,
        funds::service::tick,
        committees::service::tick,
        gifts::service::tick,
        pledges::service::clock::tick,
        orders::service::tick,
        calls::service::tick,
        applications::service::tick,
        applications::scratch::tick,
        reviews::service::tick,
        polls::service::tick,
        decisions::service::tick,
        awards::service::tick,
        tranches::service::tick,
        reports::service::tick,
        super::holds::tick,
        seal::tick,
        sweep::tick,
    );
    match failed.len() {
        0 => Ok(()),
        1 => failed.pop().map_or(Ok(()), |(_, error)| Err(error)),
        _ => {
            let told: Vec<String> = failed.iter().map(|(tick, error)| format!("{tick}: {error}")).collect();
            Err(Error::Internal(told.join("; ")))
        }
    }
}
