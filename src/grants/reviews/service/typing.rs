//! What a reviewer has typed and not saved: kept as it was typed, whatever it is worth, shown again when they come back, and gone once
//! they save. It never touches the review, so that no half sentence counts.

use super::{AssignedReviewer, load};
use crate::commons::policies;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context};
use chrono::Duration;
use entities::kinds::{ReviewId, ReviewScratchId, ReviewStage};
use entities::review_scratch;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most that is kept of one form, in bytes: a long rubric with all its comments has a quarter of it.
const MAX_BYTES: usize = 256 * 1024;
/// Rows forgotten in one round.
const BATCH: u64 = 500;

/// Keeps what was typed into the form that showed a version of the review.
///
/// # Errors
/// A refusal when the review is not being written, or it is too much.
pub async fn keep(by: &As<AssignedReviewer>, version: i32, typed: &BTreeMap<String, String>) -> Result<()> {
    let fields = serde_json::to_value(typed)?;
    if fields.to_string().len() > MAX_BYTES {
        return Err(Error::refused("refused-form-too-large"));
    }
    let (fields, id) = (&fields, by.permission().review().id);
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if !matches!(row.stage, ReviewStage::Accepted | ReviewStage::InProgress | ReviewStage::Reopened) {
            return Err(Error::refused("refused-stage"));
        }
        clear(tx, id).await?;
        let kept = review_scratch::ActiveModel {
            review_id: Set(id),
            person_id: Set(row.reviewer_id),
            version: Set(version),
            fields: Set(fields.clone()),
            at: Set(tx.now()),
            ..Default::default()
        };
        review_scratch::Entity::insert(kept).exec_without_returning(tx).await?;
        Ok(())
    })
    .await
}

/// Forgets what was typed, in the transaction that saves it.
pub(super) async fn clear(tx: &Tx, id: ReviewId) -> Result<()> {
    review_scratch::Entity::delete_many().filter(review_scratch::Column::ReviewId.eq(id)).exec(tx).await?;
    Ok(())
}

/// What was typed into the form of a review, if anything.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, id: ReviewId) -> Result<Option<review_scratch::Model>> {
    Ok(review_scratch::Entity::find().filter(review_scratch::Column::ReviewId.eq(id)).one(db).await?)
}

/// What was typed and never saved is forgotten in time, by the policy. A bounded number a round; the next takes the rest.
///
/// # Errors
/// When the database refuses.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let db = edges.db.read();
    let days = policies::on(db, edges.today()).await?.retain_typed_days;
    let old = &review_scratch::Entity::find()
        .select_only()
        .column(review_scratch::Column::Id)
        .filter(review_scratch::Column::At.lt(edges.clock.now() - Duration::days(days)))
        .limit(BATCH)
        .into_tuple::<ReviewScratchId>()
        .all(db)
        .await?;
    if old.is_empty() {
        return Ok(());
    }
    Context::system(edges.clone())
        .write(|tx| async move {
            let old = review_scratch::Column::Id.is_in(old.iter().copied());
            review_scratch::Entity::delete_many().filter(old).exec(&tx).await?;
            Ok(())
        })
        .await
}
