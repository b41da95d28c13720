//! The proof that an entry is sealed: its lines, their places, and what has to be hashed together to reach a signed root.

use super::{export, rows};
use crate::core::merkle::{self, Hash};
use crate::edges::Edges;
use crate::error::{Error, Result};
use entities::kinds::PostingId;
use entities::{seal_head, transfer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

/// Transfers of one entry that are proved; no recipe posts a tenth of it.
const MOST: u64 = 64;

/// Everything that proves one transfer, without a database.
#[derive(Debug, Clone, Serialize)]
pub struct Proof {
    /// Number of the transfer.
    pub transfer: i64,
    /// The line that is sealed.
    pub line: String,
    /// Its place in the batch, from 0.
    pub place: u64,
    /// What is hashed with it, from the bottom up, hex.
    pub path: Vec<String>,
    /// What the key signed, verbatim.
    pub head: String,
    /// Number of the batch.
    pub batch: i64,
    /// Transfers in the batch.
    pub transfers: i64,
    /// Root of the batch, hex.
    pub root: String,
    /// Ed25519 over the head, hex.
    pub signature: String,
    /// The public key, hex.
    pub public_key: String,
    /// When it was sealed, in UTC.
    pub at: String,
}

/// The proofs of an entry's transfers, in their order; fewer than it has while some wait to be sealed.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_entry(edges: &Edges, entry: PostingId) -> Result<Vec<Proof>> {
    let db = edges.db.read();
    let transfers = transfer::Entity::find()
        .filter(transfer::Column::PostingId.eq(entry))
        .order_by_asc(transfer::Column::Id)
        .limit(MOST)
        .all(db)
        .await?;
    let (Some(first), Some(last)) = (transfers.first(), transfers.last()) else { return Ok(Vec::new()) };
    let (first, last) = (first.id, last.id);
    // An entry stands in one batch, or in two where a batch was full. Found by where they end: that is in an index, and a head is a large row.
    let mut heads = seal_head::Entity::find()
        .filter(seal_head::Column::LastTransferId.gte(first))
        .order_by_asc(seal_head::Column::LastTransferId)
        .limit(2)
        .all(db)
        .await?;
    heads.retain(|head| head.first_transfer_id <= last);
    let Some(secret) = rows::secret(db).await? else { return Ok(Vec::new()) };
    let lines = rows::all_written(db, &secret, &transfers).await?;
    let mut proofs = Vec::new();
    for head in &heads {
        let (ids, leaves) = batch(head)?;
        for row in &lines {
            let Some(place) = ids.iter().position(|known| *known == row.id) else { continue };
            let path = merkle::proof(&leaves, place);
            proofs.push(Proof {
                transfer: row.id,
                line: row.line()?,
                place: place as u64,
                path: path.iter().map(hex::encode).collect(),
                ..about(head)?
            });
        }
    }
    Ok(proofs)
}

/// What a proof tells of its head.
fn about(row: &seal_head::Model) -> Result<Proof> {
    let known = super::sealer::Known::of(row);
    let head = known.head()?;
    Ok(Proof {
        transfer: 0,
        line: String::new(),
        place: 0,
        path: Vec::new(),
        head: head.text(),
        batch: head.batch,
        transfers: head.transfers,
        root: known.root,
        signature: known.signature,
        public_key: known.public_key,
        at: head.at,
    })
}

/// Numbers and hashes of a batch.
pub(super) fn batch(row: &seal_head::Model) -> Result<(Vec<i64>, Vec<Hash>)> {
    let first = row.first_transfer_id.0;
    let ids = export::ids(row).unwrap_or_else(|| (first..first + row.transfers).collect());
    let hash = |digits: &[u8]| -> Result<Hash> {
        let mut bytes = [0; 32];
        let read = hex::decode_to_slice(digits, &mut bytes);
        read.map(|()| bytes).map_err(|_| Error::Internal(format!("head {} holds no hashes", row.id)))
    };
    Ok((ids, row.leaves.as_bytes().chunks(64).map(hash).collect::<Result<_>>()?))
}
