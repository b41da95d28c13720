//! The doctor's look at the seals: whether the rows that are there are the rows that were sealed, batch by batch, by the key of the
//! house; whether heads that somebody kept are still here; and whether anything waits for too long.

use super::sealer::Known;
use super::{key, proof, rows, sealer};
use crate::core::merkle;
use crate::core::sealed::verify::{Finding, not_as_kept as missing};
use crate::core::sealed::{Head, Row, heads};
use crate::edges::Edges;
use crate::error::Result;
use chrono::Duration;
use entities::{seal_head, transfer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Heads read at once, each with its thousand hashes.
const HEADS: u64 = 16;
/// Findings told one by one.
const TOLD: usize = 20;
/// A transfer is sealed after a minute. One that waits longer than this waits for somebody: the key is missing, or the jobs rest.
pub const LATE: Duration = Duration::minutes(30);

/// What does not fit; a batch whose rows differ names the first of them. Memory is that of a page.
///
/// # Errors
/// When the database cannot be read.
pub async fn wrong_batches(edges: &Edges) -> Result<Vec<String>> {
    let db = edges.db.read();
    let Some(newest) = sealer::newest(db).await? else { return Ok(Vec::new()) };
    let mut wrong = Vec::from_iter(foreign(edges, &newest));
    let Some(secret) = rows::secret(db).await? else {
        wrong.push("the secret of the salts is gone: no sealed row can be examined, and none proved".into());
        return Ok(wrong);
    };
    let mut before: Option<Head> = None;
    loop {
        let page = seal_head::Entity::find()
            .filter(seal_head::Column::Id.gt(before.as_ref().map_or(0, |head| head.batch)))
            .order_by_asc(seal_head::Column::Id)
            .limit(HEADS)
            .all(db)
            .await?;
        if page.is_empty() || wrong.len() >= TOLD {
            return Ok(wrong);
        }
        for row in &page {
            let signed = Known::of(row).signed()?;
            if !signed.holds() {
                wrong.push(format!("head {}: the signature does not hold", row.id));
            }
            if !signed.follows(before.as_ref()) {
                wrong.push(format!("head {}: does not follow the head before it", row.id));
            }
            // Whatever stands after the head before belongs to this one, whether it was counted or not.
            let after = before.as_ref().map_or(0, |head| head.last);
            let found = rows::page(db, &secret, after, signed.head.last, sealer::MOST + 1).await?;
            wrong.extend(different(row, &signed.head, &found)?);
            before = Some(signed.head);
        }
    }
}

/// The first row of a batch that is not what was sealed.
fn different(row: &seal_head::Model, head: &Head, found: &[Row]) -> Result<Option<String>> {
    let leaves = found.iter().map(Row::leaf).collect::<serde_json::Result<Vec<_>>>()?;
    if merkle::root(&leaves) == head.root {
        return Ok(None);
    }
    let (ids, hashes) = proof::batch(row)?;
    let sealed: Vec<_> = ids.into_iter().zip(hashes).collect();
    let own: Vec<_> = found.iter().map(|row| row.id).zip(leaves).collect();
    let odd = own.iter().zip(&sealed).find(|(one, other)| one != other).map(|(one, other)| one.0.min(other.0));
    // All that both have is the same: one of them goes on.
    let rest = own.get(sealed.len()).or_else(|| sealed.get(own.len())).map(|one| one.0);
    Ok(Some(format!("head {}: transfer {} is not what was sealed", head.batch, odd.or(rest).unwrap_or(head.first))))
}

/// Whether the newest head is signed by another key than the house's. It names every head before it by hash, so one look is enough:
/// whoever signed all of them anew has no key of ours.
fn foreign(edges: &Edges, newest: &Known) -> Option<String> {
    let place = key::path(edges);
    let said = |what: &str| {
        let (id, key) = (newest.id, &newest.public_key);
        Some(format!("head {id}: is signed by the key {key}, and {} {what}", place.display()))
    };
    match key::load(&place) {
        Ok(Some(own)) if key::public(&own) == newest.public_key => None,
        Ok(Some(_)) => said("holds another"),
        Ok(None) => said("holds none"),
        Err(error) => Some(error.to_string()),
    }
}

/// How long the oldest transfer that no head seals has waited, where that is too long.
///
/// # Errors
/// When the database cannot be read.
pub async fn late(edges: &Edges) -> Result<Option<Duration>> {
    let db = edges.db.read();
    let sealed = sealer::newest(db).await?.map_or(0, |head| head.last_transfer_id.0);
    let fresh = transfer::Entity::find().filter(transfer::Column::Id.gt(sealed)).order_by_asc(transfer::Column::Id);
    let waited = fresh.one(db).await?.map(|oldest| edges.clock.now() - oldest.at);
    Ok(waited.filter(|waited| *waited > LATE))
}

/// Heads that somebody kept, as the file tells them, and that are not here as they were.
///
/// # Errors
/// When the database cannot be read.
pub async fn not_as_kept(edges: &Edges, file: &str) -> Result<Vec<Finding>> {
    let db = edges.db.read();
    let kept = match heads::read(file) {
        Ok((_, kept)) => kept,
        Err(error) => return Ok(vec![error.into()]),
    };
    let mut found = Vec::new();
    for part in kept.chunks(HEADS as usize) {
        let numbers = part.iter().map(|batch| batch.signed.head.batch);
        let here = seal_head::Entity::find().filter(seal_head::Column::Id.is_in(numbers)).all(db).await?;
        let here = here.iter().map(|row| Known::of(row).signed()).collect::<Result<Vec<_>>>()?;
        found.extend(missing(part, &here));
    }
    Ok(found)
}
