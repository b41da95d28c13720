//! Closing batches. One sealer at a time, and nothing is sealed that an earlier number could still join.

use super::{key, rows};
use crate::core::merkle::{self, Hash};
use crate::core::sealed::{Head, Signed, head::NONE_BEFORE};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::SigningKey;
use entities::kinds::{SealHeadId, TransferId};
use entities::{seal_head, transfer};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};
use std::collections::BTreeSet;

/// Transfers in a batch at most: a proof of ten hashes, and a page of memory to seal it.
pub const MOST: u64 = 1024;
/// New transfers that are sealed at once, however young.
pub const ENOUGH: u64 = 256;
/// How long a transfer waits for others before it is sealed: a head a minute at most on a quiet day.
pub const PERIOD: Duration = Duration::seconds(60);
/// How long the writers of PostgreSQL are waited for before the next round tries again.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);
/// Pause between two looks at them.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(20);
/// The lock by which one of several copies seals.
const ONE_SEALER: i64 = 0x7365_616c;

/// A head without its list of hashes, as the next one and the pages need it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Known {
    /// Number of the batch.
    pub id: SealHeadId,
    /// First transfer of the batch.
    pub first_transfer_id: TransferId,
    /// Last transfer of the batch.
    pub last_transfer_id: TransferId,
    /// Transfers in the batch.
    pub transfers: i64,
    /// Transfers in all batches up to this one.
    pub total: i64,
    /// Root, hex.
    pub root: String,
    /// Hash of the head before, hex.
    pub previous: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Public key, hex.
    pub public_key: String,
    /// Ed25519, hex.
    pub signature: String,
}

impl Known {
    /// Of a row that was read whole.
    pub fn of(row: &seal_head::Model) -> Self {
        Self {
            id: row.id,
            first_transfer_id: row.first_transfer_id,
            last_transfer_id: row.last_transfer_id,
            transfers: row.transfers,
            total: row.total,
            root: row.root.clone(),
            previous: row.previous.clone(),
            at: row.at,
            public_key: row.public_key.clone(),
            signature: row.signature.clone(),
        }
    }

    /// The head as it was signed.
    ///
    /// # Errors
    /// When the row holds no hashes.
    pub fn head(&self) -> Result<Head> {
        let hash = |text: &str| -> Result<Hash> {
            let mut bytes = [0; 32];
            let read = hex::decode_to_slice(text, &mut bytes);
            read.map(|()| bytes).map_err(|_| Error::Internal(format!("head {} holds no hash", self.id)))
        };
        Ok(Head {
            batch: self.id.0,
            first: self.first_transfer_id.0,
            last: self.last_transfer_id.0,
            transfers: self.transfers,
            total: self.total,
            root: hash(&self.root)?,
            previous: hash(&self.previous)?,
            at: rows::moment(self.at),
            key: hash(&self.public_key)?,
        })
    }

    /// The head with its signature.
    ///
    /// # Errors
    /// When the row holds no hashes or no signature.
    pub fn signed(&self) -> Result<Signed> {
        let mut signature = [0; 64];
        hex::decode_to_slice(&self.signature, &mut signature)
            .map_err(|_| Error::Internal(format!("head {} holds no signature", self.id)))?;
        Ok(Signed { head: self.head()?, signature })
    }
}

/// Heads without their lists, newest first, from before a number.
///
/// # Errors
/// When the database cannot be read.
pub async fn heads(db: &impl ConnectionTrait, before: Option<i64>, limit: u64) -> Result<Vec<Known>> {
    use seal_head::Column as C;
    let mut query = seal_head::Entity::find()
        .select_only()
        .columns([
            C::Id,
            C::FirstTransferId,
            C::LastTransferId,
            C::Transfers,
            C::Total,
            C::Root,
            C::Previous,
            C::At,
            C::PublicKey,
            C::Signature,
        ])
        .order_by_desc(C::Id)
        .limit(limit);
    if let Some(before) = before {
        query = query.filter(C::Id.lt(before));
    }
    Ok(query.into_model::<Known>().all(db).await?)
}

/// The newest head.
///
/// # Errors
/// When the database cannot be read.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Option<Known>> {
    Ok(heads(db, None, 1).await?.pop())
}

/// Seals when enough is new, or something waited long enough.
///
/// # Errors
/// As [`seal`].
pub async fn tick(edges: &Edges) -> Result<()> {
    let db = edges.db.read();
    let sealed = newest(db).await?.map_or(TransferId(0), |head| head.last_transfer_id);
    let fresh = transfer::Entity::find().filter(transfer::Column::Id.gt(sealed)).order_by_asc(transfer::Column::Id);
    let Some(oldest) = fresh.clone().one(db).await? else { return Ok(()) };
    let waited = edges.clock.now() - oldest.at >= PERIOD;
    if waited || fresh.limit(ENOUGH).count(db).await? >= ENOUGH {
        seal(edges, false).await?;
    }
    Ok(())
}

/// Seals everything that can no longer be joined by an earlier number. Answers how many heads that made.
///
/// # Errors
/// When the key is not the one that sealed so far, and `anew` does not say that it takes over; when the database refuses.
pub async fn seal(edges: &Edges, anew: bool) -> Result<u64> {
    let db = edges.db.read();
    let upto = settled(edges).await?;
    let mut before = newest(db).await?;
    let Some(upto) = upto.filter(|upto| before.as_ref().is_none_or(|head| head.last_transfer_id < *upto)) else {
        return Ok(0);
    };
    let signing = &signing_key(edges, before.as_ref(), anew)?;
    let secret = rows::secret_or_draw(edges).await?;
    let mut made = 0;
    loop {
        let after = before.as_ref().map_or(0, |head| head.last_transfer_id.0);
        let batch = &Batch::of(&rows::page(db, &secret, after, upto.0, MOST).await?)?;
        if batch.ids.is_empty() {
            return Ok(made);
        }
        let last = &before;
        let kept = edges.db.write(|tx| async move { close(&tx, last.as_ref(), batch, signing).await }).await?;
        if !kept {
            return Ok(made);
        }
        made += 1;
        before = newest(db).await?;
    }
}

/// The key that signs. A key that the heads do not know is most often the key of another copy, or a lost one made anew: it signs
/// nothing until somebody says that it takes over.
fn signing_key(edges: &Edges, before: Option<&Known>, anew: bool) -> Result<SigningKey> {
    let Some(head) = before else { return key::load_or_make(edges) };
    let place = key::path(edges);
    let missing = |what: &str| {
        Error::Internal(format!(
            "{}: {what} the sealing key {} that signed head {}: copy it there or name it in `seal_key`; if it is lost, `tributary seal --new-key`",
            place.display(),
            head.public_key,
            head.id
        ))
    };
    if anew {
        return key::load_or_make(edges);
    }
    let found = key::load(&place)?.ok_or_else(|| missing("does not hold"))?;
    if key::public(&found) == head.public_key { Ok(found) } else { Err(missing("is not")) }
}

/// The newest transfer such that no smaller number can still come; `None` when the writers did not end in time.
///
/// SQLite has one writer, so numbers are committed in their order. On PostgreSQL a smaller number may be committed after a larger
/// one. Whoever draws a number has written its posting before, so has a transaction number; every smaller number was drawn before
/// the newest one that is seen. So its transaction has ended, or is one of those under way after that look; once these have ended,
/// every smaller number is there or never will be. Nobody is locked out for it. (The snapshot's own bounds would not do: they do
/// not know a transaction beyond the newest that ended, and they wait for those of other databases.)
async fn settled(edges: &Edges) -> Result<Option<TransferId>> {
    let db = edges.db.read();
    let upto = rows::newest(db).await?;
    if upto.0 == 0 {
        return Ok(None);
    }
    if edges.db.backend() != DbBackend::Postgres {
        return Ok(Some(upto));
    }
    let waited_for = under_way(db).await?;
    let begun = std::time::Instant::now();
    while !under_way(db).await?.is_disjoint(&waited_for) {
        if begun.elapsed() > PATIENCE {
            return Ok(None);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(Some(upto))
}

/// The transactions of this database that have written something and not ended: each holds a lock on its own number.
async fn under_way(db: &impl ConnectionTrait) -> Result<BTreeSet<String>> {
    let sql = "select l.transactionid::text from pg_locks l left join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.granted and (a.pid is null or a.datname = current_database())";
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, _>>()?)
}

/// A batch about to be closed.
#[derive(Debug)]
struct Batch {
    ids: Vec<i64>,
    leaves: Vec<Hash>,
}

impl Batch {
    fn of(rows: &[crate::core::sealed::Row]) -> Result<Self> {
        let leaves = rows.iter().map(|row| row.leaf()).collect::<serde_json::Result<_>>()?;
        Ok(Self { ids: rows.iter().map(|row| row.id).collect(), leaves })
    }

    fn count(&self) -> i64 {
        i64::try_from(self.ids.len()).unwrap_or(i64::MAX)
    }
}

/// Writes the head of a batch after `before`. Answers whether it did: another sealer may be at work, or was first.
async fn close(tx: &Tx, before: Option<&Known>, batch: &Batch, key: &SigningKey) -> Result<bool> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = format!("select pg_try_advisory_xact_lock({ONE_SEALER})");
        let row = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
        if !row.map(|row| row.try_get_by_index::<bool>(0)).transpose()?.unwrap_or(false) {
            return Ok(false);
        }
    }
    if newest(tx).await?.map(|head| head.id) != before.map(|head| head.id) {
        return Ok(false);
    }
    let (Some(first), Some(last)) = (batch.ids.first().copied(), batch.ids.last().copied()) else { return Ok(false) };
    let previous = before.map(Known::head).transpose()?.map_or(NONE_BEFORE, |head| head.hash());
    let head = Head {
        batch: before.map_or(1, |head| head.id.0 + 1),
        first,
        last,
        transfers: batch.count(),
        total: before.map_or(0, |head| head.total) + batch.count(),
        root: merkle::root(&batch.leaves),
        previous,
        at: rows::moment(tx.now()),
        key: [0; 32],
    };
    let signed = head.sign(key);
    let whole = last - first + 1 == batch.count();
    let ids: Vec<String> = batch.ids.iter().map(ToString::to_string).collect();
    let row = seal_head::ActiveModel {
        id: Set(SealHeadId(signed.head.batch)),
        first_transfer_id: Set(TransferId(first)),
        last_transfer_id: Set(TransferId(last)),
        transfers: Set(signed.head.transfers),
        total: Set(signed.head.total),
        root: Set(hex::encode(signed.head.root)),
        previous: Set(hex::encode(signed.head.previous)),
        at: Set(tx.now()),
        public_key: Set(hex::encode(signed.head.key)),
        signature: Set(hex::encode(signed.signature)),
        leaves: Set(batch.leaves.iter().map(hex::encode).collect()),
        ids: Set(if whole { String::new() } else { ids.join(",") }),
    };
    total(tx, first, last).await?;
    seal_head::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(true)
}

/// Adds what the batch moved to the totals, in the transaction that takes its rows out of what is read one by one.
async fn total(tx: &Tx, first: i64, last: i64) -> Result<()> {
    let which = format!("t.id between {first} and {last}");
    for sql in migrations::totals(tx.get_database_backend(), &which) {
        tx.execute_unprepared(&sql).await?;
    }
    Ok(())
}
