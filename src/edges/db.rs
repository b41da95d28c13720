//! The one write door.
//!
//! Every change goes through [`Db::write`]: on SQLite one writer at a time (an in-process gate, then BEGIN IMMEDIATE, so that
//! nobody waits blindly on the file lock); on PostgreSQL READ COMMITTED with a whole retry when it reports 40001 or 40P01.
//! Inside the door only the transaction is used: a query on the pool there would wait for ever on a small pool.

use super::clock::Clock;
use super::wall::Wall;
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{ConnectOptions as _, Row, SqliteConnection};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, IsolationLevel, QueryResult, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};

/// Readers at once. SQLite reads are in memory most of the time; more connections only cost memory.
const POOL: u32 = 8;
/// What SQLite's one writing connection keeps in memory: pages, in KiB, and statements. Nobody else writes, so what it has read stays
/// true from one change to the next; a connection that comes back after another's commit reads all of it again.
const WRITER_PAGES_KIB: u32 = 16_384;
const WRITER_STATEMENTS: usize = 512;
/// How long a request waits for a connection or for the write gate before it is told to come back.
const WAIT: Duration = Duration::from_secs(10);
/// A transaction that loses this often against others is refused as busy rather than tried for ever.
const RETRIES: u32 = 12;

/// The database: reads on a pool, writes through one door.
#[derive(Clone, Debug)]
pub struct Db {
    pool: Pool,
    /// Where changes begin: on SQLite a connection of their own, on PostgreSQL the pool.
    writer: Wall<DatabaseConnection>,
    gate: Arc<Mutex<()>>,
    watch: Option<Wall<Mutex<SqliteConnection>>>,
    clock: Arc<Clock>,
}

/// A change under way. On the heap and without the type of what it carries: changes call each other deeply, and the compiler would walk
/// through all of them again wherever one is sent to another thread.
pub type Door<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A mark of what is committed: between two equal marks nothing was written, by this process or by any other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(String);

/// An open write transaction with the time it happens at: everything in it has the same `now`.
///
/// It is a handle: a change takes it whole and lets it go before the door commits.
#[derive(Debug, Clone)]
pub struct Tx {
    inner: Wall<Arc<DatabaseTransaction>>,
    asked: Arc<AtomicU64>,
    now: DateTime<Utc>,
}

/// The connections for reading.
#[derive(Clone, Debug)]
pub struct Pool {
    inner: Wall<DatabaseConnection>,
    asked: Arc<AtomicU64>,
}

impl Db {
    /// Opens the database at a `sqlite:` or `postgres:` address and asserts that it keeps what it acknowledges.
    ///
    /// # Errors
    /// When it cannot be opened, or is not durable as set up.
    pub async fn open(url: &str, clock: Arc<Clock>) -> Result<Self> {
        let options = pooled(url, POOL);
        let pool = Pool { inner: Wall::around(Database::connect(options).await?), asked: Arc::default() };
        let writer = if url.starts_with("sqlite:") {
            let mut options = pooled(url, 1);
            options.map_sqlx_sqlite_opts(|sqlite| {
                durable(sqlite)
                    .pragma("cache_size", format!("-{WRITER_PAGES_KIB}"))
                    .statement_cache_capacity(WRITER_STATEMENTS)
            });
            Wall::around(Database::connect(options).await?)
        } else {
            pool.inner.clone()
        };
        let watch = if url.starts_with("sqlite:") { Some(watch(url).await?) } else { None };
        let db = Self { pool, writer, gate: Arc::new(Mutex::new(())), watch, clock };
        db.assert_durable().await?;
        Ok(db)
    }

    /// For reading. Never to be used inside [`Db::write`].
    pub fn read(&self) -> &Pool {
        &self.pool
    }

    /// How many statements were sent since the database was opened: a page asks no more of them for more rows.
    pub fn asked(&self) -> u64 {
        self.pool.asked.load(Ordering::Relaxed)
    }

    /// The connections themselves, for whatever opens transactions of its own: migrations, an examination of each connection.
    pub fn connections(&self) -> &DatabaseConnection {
        &self.pool.inner
    }

    /// What is committed now. What is read after asking is at least as new as the mark.
    ///
    /// SQLite counts the commits of others on a connection that never writes; PostgreSQL names the transactions that a
    /// reader sees, and two readers that see the same ones read the same rows.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mark(&self) -> Result<Mark> {
        if let Some(watch) = &self.watch {
            let row = sea_orm::sqlx::query("pragma data_version").fetch_one(&mut *watch.lock().await).await;
            let version: i64 = row.and_then(|row| row.try_get(0)).map_err(unreadable)?;
            return Ok(Mark(version.to_string()));
        }
        let sql = "select pg_current_snapshot()::text";
        let row = self.pool.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
        let row = row.ok_or_else(|| Error::Internal("no snapshot".into()))?;
        Ok(Mark(row.try_get_by_index(0)?))
    }

    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    /// Runs `change` in one transaction: all of it is kept, or nothing.
    ///
    /// `change` may run more than once; it must touch nothing but its transaction.
    ///
    /// # Errors
    /// Whatever `change` answers; [`Error::Busy`] when the gate or the database stays occupied.
    pub fn write<'a, T, F, W>(&'a self, change: F) -> Door<'a, T>
    where
        F: Fn(Tx) -> W + Send + Sync + 'a,
        W: Future<Output = Result<T>> + Send + 'a,
        T: Send + 'a,
    {
        Box::pin(async move { self.through(&change).await })
    }

    #[allow(clippy::disallowed_methods, reason = "the one write door")]
    async fn through<T, F, W>(&self, change: &F) -> Result<T>
    where
        F: Fn(Tx) -> W + Send + Sync,
        W: Future<Output = Result<T>> + Send,
        T: Send,
    {
        for attempt in 0..RETRIES {
            let gate = self.enter().await?;
            let inner = self.writer.begin_with_options(self.options()).await.map_err(busy_or_broken)?;
            let inner = Arc::new(inner);
            let tx = Tx { inner: Wall::around(inner.clone()), asked: self.pool.asked.clone(), now: self.clock.now() };
            let answer = Box::pin(change(tx)).await;
            let inner =
                Arc::into_inner(inner).ok_or_else(|| Error::Internal("a transaction outlived its change".into()))?;
            match answer {
                Ok(value) => match inner.commit().await {
                    Ok(()) => return Ok(value),
                    Err(error) if lost_a_race(&error) => {}
                    Err(error) => return Err(error.into()),
                },
                Err(error) => {
                    let again = matches!(&error, Error::Internal(text) if is_race(text) || (attempt == 0 && met_its_twin(text)));
                    inner.rollback().await.ok();
                    if !again {
                        return Err(error);
                    }
                }
            }
            drop(gate);
            tokio::time::sleep(Duration::from_millis(u64::from(attempt) * 5)).await;
        }
        Err(Error::Busy)
    }

    /// A view of PostgreSQL that stands still while others write, for a copy of it.
    ///
    /// # Errors
    /// When the database cannot be read.
    #[allow(clippy::disallowed_methods, reason = "reads only; the one write door stands above")]
    pub async fn still(&self) -> Result<Still> {
        let options = TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            ..Default::default()
        };
        Ok(Still(self.pool.inner.begin_with_options(options).await?))
    }

    async fn enter(&self) -> Result<Option<MutexGuard<'_, ()>>> {
        if self.backend() != DbBackend::Sqlite {
            return Ok(None);
        }
        tokio::time::timeout(WAIT, self.gate.lock()).await.map(Some).map_err(|_| Error::Busy)
    }

    fn options(&self) -> TransactionOptions {
        match self.backend() {
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            _ => TransactionOptions { isolation_level: Some(IsolationLevel::ReadCommitted), ..Default::default() },
        }
    }

    async fn assert_durable(&self) -> Result<()> {
        if self.backend() != DbBackend::Sqlite {
            return self.assert_synced().await;
        }
        for (pragma, wanted) in
            [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("recursive_triggers", "1")]
        {
            let asked = || Statement::from_string(DbBackend::Sqlite, format!("pragma {pragma}"));
            for row in [self.pool.query_one_raw(asked()).await?, self.writer.query_one_raw(asked()).await?] {
                let found = row.map(|row| {
                    row.try_get_by_index::<String>(0).or_else(|_| row.try_get_by_index::<i64>(0).map(|n| n.to_string()))
                });
                if !matches!(&found, Some(Ok(text)) if text == wanted) {
                    return Err(Error::Internal(format!("sqlite: {pragma} is {found:?}, not {wanted}")));
                }
            }
        }
        Ok(())
    }
}

impl Db {
    /// PostgreSQL keeps what it acknowledges unless it was told not to. A database that acknowledges before it wrote is refused; of a
    /// server that does not sync at all (its operator's word, kept for throw-away servers) the log warns. What merely speaks its
    /// protocol has none of these settings.
    async fn assert_synced(&self) -> Result<()> {
        let sql =
            "select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit')";
        for row in self.pool.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await? {
            let (name, setting): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            match (name.as_str(), setting.as_str()) {
                ("synchronous_commit", "off") => {
                    return Err(Error::Internal(
                        "postgres: synchronous_commit is off: what was acknowledged could be lost".into(),
                    ));
                }
                (name, "off") => {
                    tracing::warn!(name, "postgres does not sync: what was acknowledged could be lost with the power")
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A view that stands still, until it is let go.
#[derive(Debug)]
pub struct Still(DatabaseTransaction);

impl Still {
    /// The name by which another connection sees the same view.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn name(&self) -> Result<String> {
        let sql = "select pg_export_snapshot()";
        let row = self.0.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
        Ok(row.ok_or_else(|| Error::Internal("no snapshot".into()))?.try_get_by_index(0)?)
    }

    /// Reads in this view.
    pub fn read(&self) -> &DatabaseTransaction {
        &self.0
    }

    /// Lets it go.
    ///
    /// # Errors
    /// When the connection broke meanwhile.
    pub async fn end(self) -> Result<()> {
        Ok(self.0.rollback().await?)
    }
}

impl Tx {
    /// When this transaction happens.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
}

/// So many connections to the database at an address.
fn pooled(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options.max_connections(connections).min_connections(1).acquire_timeout(WAIT).sqlx_logging(false);
    if url.starts_with("sqlite:") {
        // No network lies between: asking each time whether the connection still stands would double every short read.
        options.test_before_acquire(false).map_sqlx_sqlite_opts(durable);
    }
    options
}

/// FULL: NORMAL loses acknowledged rows with the page cache. recursive_triggers: OR REPLACE must fire DELETE triggers.
fn durable(sqlite: SqliteConnectOptions) -> SqliteConnectOptions {
    sqlite
        .create_if_missing(true)
        .pragma("journal_mode", "WAL")
        .pragma("synchronous", "FULL")
        .pragma("foreign_keys", "ON")
        .pragma("recursive_triggers", "ON")
        .busy_timeout(WAIT)
}

/// A connection of its own, never pooled: a count of commits means something on one connection only.
async fn watch(url: &str) -> Result<Wall<Mutex<SqliteConnection>>> {
    let options: SqliteConnectOptions = url.parse().map_err(unreadable)?;
    let connection = options.busy_timeout(WAIT).disable_statement_logging().connect().await.map_err(unreadable)?;
    Ok(Wall::around(Mutex::new(connection)))
}

fn unreadable(error: sea_orm::sqlx::Error) -> Error {
    Error::Internal(format!("sqlite: {error}"))
}

/// The states in which PostgreSQL asks for the whole transaction again: serialization failure, deadlock.
const RACE_STATES: [&str; 2] = ["40001", "40P01"];

fn lost_a_race(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(e))
    | DbErr::Query(RuntimeErr::SqlxError(e))
    | DbErr::Conn(RuntimeErr::SqlxError(e))) = error
    else {
        return false;
    };
    e.as_database_error().and_then(|d| d.code()).is_some_and(|code| RACE_STATES.contains(&code.as_ref()))
}

/// By the time it is our error only the words are left; these are PostgreSQL's for [`RACE_STATES`].
fn is_race(text: &str) -> bool {
    text.contains("could not serialize access") || text.contains("deadlock detected")
}

/// Two copies of one event at once on PostgreSQL: the second ran into the first's row before it could see it. Run again, it
/// sees it and answers as it would have a moment later.
fn met_its_twin(text: &str) -> bool {
    text.contains("posted_form_pkey") || text.contains("transfer_idempotency_key_key")
}

fn busy_or_broken(error: DbErr) -> Error {
    match error {
        DbErr::ConnectionAcquire(_) => Error::Busy,
        other if other.to_string().contains("database is locked") => Error::Busy,
        other => other.into(),
    }
}

/// Sends what is asked to the connections behind, and counts it.
macro_rules! asks {
    ($($asker:ty),+) => {$(
        #[async_trait::async_trait]
        impl ConnectionTrait for $asker {
            fn get_database_backend(&self) -> DbBackend {
                self.inner.get_database_backend()
            }
            async fn execute_raw(&self, statement: Statement) -> std::result::Result<ExecResult, DbErr> {
                self.asked.fetch_add(1, Ordering::Relaxed);
                self.inner.execute_raw(statement).await
            }
            async fn execute_unprepared(&self, sql: &str) -> std::result::Result<ExecResult, DbErr> {
                self.asked.fetch_add(1, Ordering::Relaxed);
                self.inner.execute_unprepared(sql).await
            }
            async fn query_one_raw(&self, statement: Statement) -> std::result::Result<Option<QueryResult>, DbErr> {
                self.asked.fetch_add(1, Ordering::Relaxed);
                self.inner.query_one_raw(statement).await
            }
            async fn query_all_raw(&self, statement: Statement) -> std::result::Result<Vec<QueryResult>, DbErr> {
                self.asked.fetch_add(1, Ordering::Relaxed);
                self.inner.query_all_raw(statement).await
            }
        }
    )+};
}

asks!(Tx, Pool);
