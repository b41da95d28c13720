//! The doctor's look at the seals: whether the rows that are there are the rows that were sealed, batch by batch.

use super::sealer::Known;
use super::{proof, rows, sealer};
use crate::core::merkle;
use crate::core::sealed::{Head, Row};
use crate::edges::Edges;
use crate::error::Result;
use entities::seal_head;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Heads read at once, each with its thousand hashes.
const HEADS: u64 = 16;
/// Findings told one by one.
const TOLD: usize = 20;

/// What does not fit; a batch whose rows differ names the first of them. Memory is that of a page.
///
/// # Errors
/// When the database cannot be read.
pub async fn wrong_batches(edges: &Edges) -> Result<Vec<String>> {
    let db = edges.db.read();
    let Some(secret) = rows::secret(db).await? else { return Ok(Vec::new()) };
    let mut wrong = Vec::new();
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
