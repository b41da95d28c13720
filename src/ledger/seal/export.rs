//! The two files, piece by piece: whoever asks for the whole ledger costs one page of memory.

use super::{key, rows, sealer};
use crate::core::merkle::Hash;
use crate::core::sealed::heads::{self, Told};
use crate::edges::Edges;
use crate::error::Result;
use entities::seal_head;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// Rows in a piece of the ledger.
const ROWS: u64 = 512;
/// Heads in a piece of their file; each tells up to a thousand hashes.
const HEADS: u64 = 16;

/// A file that is asked for piece by piece.
#[derive(Debug)]
pub struct Export {
    edges: Arc<Edges>,
    what: What,
}

#[derive(Debug)]
enum What {
    Rows { secret: Hash, after: i64, upto: i64 },
    Heads { after: i64, upto: i64, public_key: String, begun: bool, ended: bool },
}

/// Every sealed transfer up to a batch, the newest where none is named: a line each, in their order.
///
/// # Errors
/// When the database cannot be read.
pub async fn ledger(edges: &Arc<Edges>, batch: Option<i64>) -> Result<Export> {
    let head = last_of(edges, batch).await?;
    let upto = head.map_or(0, |head| head.last_transfer_id.0);
    // Without a head there is no row, and no secret is needed.
    let secret = rows::secret(edges.db.read()).await?.unwrap_or_default();
    Ok(Export { edges: edges.clone(), what: What::Rows { secret, after: 0, upto } })
}

/// Every head up to a batch, the newest where none is named.
///
/// # Errors
/// When the database cannot be read.
pub async fn all_heads(edges: &Arc<Edges>, batch: Option<i64>) -> Result<Export> {
    let head = last_of(edges, batch).await?;
    let upto = head.as_ref().map_or(0, |head| head.id.0);
    let public_key = match head {
        Some(head) => head.public_key,
        None => key::load(&key::path(edges))?.as_ref().map(key::public).unwrap_or_default(),
    };
    let what = What::Heads { after: 0, upto, public_key, begun: false, ended: false };
    Ok(Export { edges: edges.clone(), what })
}

async fn last_of(edges: &Edges, batch: Option<i64>) -> Result<Option<sealer::Known>> {
    Ok(sealer::heads(edges.db.read(), batch.map(|batch| batch.saturating_add(1)), 1).await?.pop())
}

impl Export {
    /// The next piece; `None` after the last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let db = self.edges.db.read();
        match &mut self.what {
            What::Rows { secret, after, upto } => {
                let page = rows::page(db, secret, *after, *upto, ROWS).await?;
                let Some(last) = page.last() else { return Ok(None) };
                *after = last.id;
                let mut piece = Vec::new();
                for row in &page {
                    piece.extend_from_slice(row.line()?.as_bytes());
                    piece.push(b'\n');
                }
                Ok(Some(piece))
            }
            What::Heads { ended: true, .. } => Ok(None),
            What::Heads { after, upto, public_key, begun, ended } => {
                let mut text = String::new();
                if !*begun {
                    text.push_str(&heads::opening(public_key));
                    *begun = true;
                }
                let page = seal_head::Entity::find()
                    .filter(seal_head::Column::Id.gt(*after))
                    .filter(seal_head::Column::Id.lte(*upto))
                    .order_by_asc(seal_head::Column::Id)
                    .limit(HEADS)
                    .all(db)
                    .await?;
                for row in &page {
                    if *after > 0 {
                        text.push_str(heads::BETWEEN);
                    }
                    *after = row.id.0;
                    text.push_str(&heads::written(&told(row))?);
                }
                if *after == *upto || page.is_empty() {
                    text.push_str(heads::CLOSING);
                    *ended = true;
                }
                Ok(Some(text.into_bytes()))
            }
        }
    }

    /// All of it at once, for tests and small books.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub async fn whole(mut self) -> Result<String> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            bytes.extend(piece);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// A head as the file tells it.
pub(super) fn told(row: &seal_head::Model) -> Told<'_> {
    Told {
        batch: row.id.0,
        first: row.first_transfer_id.0,
        last: row.last_transfer_id.0,
        transfers: row.transfers,
        total: row.total,
        root: row.root.as_str().into(),
        previous: row.previous.as_str().into(),
        at: rows::moment(row.at).into(),
        key: row.public_key.as_str().into(),
        signature: row.signature.as_str().into(),
        ids: ids(row),
        leaves: row.leaves.as_str().into(),
    }
}

/// The numbers of a batch where one is missing between the first and the last.
pub(super) fn ids(row: &seal_head::Model) -> Option<Vec<i64>> {
    (!row.ids.is_empty()).then(|| row.ids.split(',').filter_map(|id| id.parse().ok()).collect())
}
