//! The heads as a file: `/data/heads.json`, written head by head and read whole.

use super::head::{Head, Signed};
use crate::core::merkle::{self, Hash};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Name of the format of both files.
pub const FORMAT: &str = "tributary-heads-1";

/// A head as the file tells it, with the hashes of its lines: the root proves that they are the right ones, and they name the line
/// that is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told<'a> {
    /// Number of the batch.
    pub batch: i64,
    /// First transfer of the batch.
    pub first: i64,
    /// Last transfer of the batch.
    pub last: i64,
    /// Transfers in the batch.
    pub transfers: i64,
    /// Transfers in all batches up to this one.
    pub total: i64,
    /// Root, hex.
    #[serde(borrow)]
    pub root: Cow<'a, str>,
    /// Hash of the head before, hex.
    #[serde(borrow)]
    pub previous: Cow<'a, str>,
    /// When it was sealed, in UTC.
    #[serde(borrow)]
    pub at: Cow<'a, str>,
    /// Public key that signs it, hex.
    #[serde(borrow)]
    pub key: Cow<'a, str>,
    /// Ed25519 over the written form of the head, hex.
    #[serde(borrow)]
    pub signature: Cow<'a, str>,
    /// Numbers of the transfers; `null` when there is none missing between the first and the last.
    pub ids: Option<Vec<i64>>,
    /// The hashes of the lines one after the other, hex.
    #[serde(borrow)]
    pub leaves: Cow<'a, str>,
}

impl Told<'static> {
    /// A signed head with the hashes of its lines; `ids` where a number is missing between its first and its last.
    pub fn of(signed: &Signed, ids: Option<Vec<i64>>, leaves: &[Hash]) -> Self {
        let head = &signed.head;
        Self {
            batch: head.batch,
            first: head.first,
            last: head.last,
            transfers: head.transfers,
            total: head.total,
            root: hex::encode(head.root).into(),
            previous: hex::encode(head.previous).into(),
            at: head.at.clone().into(),
            key: hex::encode(head.key).into(),
            signature: hex::encode(signed.signature).into(),
            ids,
            leaves: leaves.iter().map(hex::encode).collect::<String>().into(),
        }
    }
}

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    format: String,
    #[serde(borrow)]
    public_key: Cow<'a, str>,
    #[serde(borrow)]
    heads: Vec<Told<'a>>,
}

/// The beginning of the file, before its first head.
pub fn opening(public_key: &str) -> String {
    format!("{{\"format\":\"{FORMAT}\",\"public_key\":\"{public_key}\",\"heads\":[\n")
}

/// The end of the file, after its last head.
pub const CLOSING: &str = "\n]}\n";

/// What stands between two heads.
pub const BETWEEN: &str = ",\n";

/// Why a file of heads cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is no such file.
    #[error("the heads cannot be read: {0}")]
    Json(String),
    /// Another format.
    #[error("the heads are written as `{0}`, which this version does not know")]
    Format(String),
    /// A head contradicts itself.
    #[error("head {0} cannot be read")]
    Head(i64),
}

/// A batch, read.
#[derive(Debug)]
pub struct Batch<'a> {
    /// Its head.
    pub signed: Signed,
    /// Numbers of its transfers, where one is missing between the first and the last.
    ids: Option<Vec<i64>>,
    /// Hex.
    leaves: Cow<'a, str>,
}

impl Batch<'_> {
    /// Number and hash of every transfer; `None` where the file tells no hash.
    pub fn rows(&self) -> impl Iterator<Item = (i64, Option<Hash>)> {
        let head = &self.signed.head;
        let leaves = self.leaves.as_bytes().chunks(64).map(|digits| {
            let mut hash = [0; 32];
            hex::decode_to_slice(digits, &mut hash).ok().map(|()| hash)
        });
        let first = head.first;
        leaves.enumerate().map(move |(place, leaf)| {
            let consecutive = i64::try_from(place).ok().and_then(|place| first.checked_add(place)).unwrap_or(first);
            (self.ids.as_ref().map_or(consecutive, |ids| ids[place]), leaf)
        })
    }

    /// Whether the hashes it tells are those of its root.
    pub fn fits_its_root(&self) -> bool {
        let leaves: Option<Vec<Hash>> = self.rows().map(|(_, leaf)| leaf).collect();
        leaves.is_some_and(|leaves| merkle::root(&leaves) == self.signed.head.root)
    }
}

/// Reads the file. The public key it names as its own is answered beside the batches.
///
/// # Errors
/// Says what of it cannot be read.
pub fn read(text: &str) -> Result<(String, Vec<Batch<'_>>), Unreadable> {
    let file: File<'_> = serde_json::from_str(text).map_err(|error| Unreadable::Json(error.to_string()))?;
    if file.format != FORMAT {
        return Err(Unreadable::Format(file.format));
    }
    let batches = file.heads.into_iter().map(batch).collect::<Result<_, _>>()?;
    Ok((file.public_key.into_owned(), batches))
}

fn batch(told: Told<'_>) -> Result<Batch<'_>, Unreadable> {
    let wrong = || Unreadable::Head(told.batch);
    let hash = |text: &str| -> Result<Hash, Unreadable> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map(|()| bytes).map_err(|_| wrong())
    };
    let mut signature = [0; 64];
    hex::decode_to_slice(told.signature.as_bytes(), &mut signature).map_err(|_| wrong())?;
    let head = Head {
        batch: told.batch,
        first: told.first,
        last: told.last,
        transfers: told.transfers,
        total: told.total,
        root: hash(&told.root)?,
        previous: hash(&told.previous)?,
        at: told.at.clone().into_owned(),
        key: hash(&told.key)?,
    };
    let count = usize::try_from(head.transfers).map_err(|_| wrong())?;
    let whole = match &told.ids {
        Some(ids) => ids.len() == count && ids.windows(2).all(|pair| pair[0] < pair[1]),
        None => head.last.checked_sub(head.first).and_then(|span| span.checked_add(1)) == Some(head.transfers),
    };
    if !whole || told.leaves.len() != count.checked_mul(64).ok_or_else(wrong)? || !told.leaves.is_ascii() {
        return Err(wrong());
    }
    Ok(Batch { signed: Signed { head, signature }, ids: told.ids, leaves: told.leaves })
}

/// One head as the file tells it.
///
/// # Errors
/// Never for this type; the serializer's signature has one.
pub fn written(told: &Told<'_>) -> serde_json::Result<String> {
    serde_json::to_string(told)
}
