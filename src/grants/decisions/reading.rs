//! Batches and items as they stand, and who stands too near to them: what every act on a decision asks first.

use crate::core::fees::fee_through;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::applications::rules::JUDGED;
use crate::grants::reviews::conflicts;
use crate::people::permission::{As, Permission};
use entities::kinds::{ApplicationId, CallId, DecisionBatchId, DecisionItemId};
use entities::{application, call, decision_batch, decision_item, fund};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// Nobody drafts or approves about an application that a conflict ties them to.
pub(super) async fn no_conflict<P: Permission>(tx: &Tx, by: &As<P>, call: &call::Model) -> Result<()> {
    let judged = application::Entity::find()
        .filter(application::Column::CallId.eq(call.id))
        .filter(application::Column::Stage.is_in(JUDGED))
        .all(tx)
        .await?;
    let person = by.person()?;
    let found = conflicts::derive_all(tx, call, &judged, &[person], by.day_of(tx.now())).await?;
    let ids: Vec<ApplicationId> = judged.iter().map(|row| row.id).collect();
    let declared = conflicts::recorded(tx, &ids, &[person]).await?;
    let tied = found.values().any(|found| !found.is_empty()) || declared.iter().any(|row| row.recorded_by.is_some());
    if tied { Err(Error::Forbidden("forbidden-decision-conflict")) } else { Ok(()) }
}

/// The fee committed with an amount.
pub(super) fn fee(amount_minor: i64, fund: &fund::Model) -> Result<i64> {
    fee_through(amount_minor, i64::from(fund.fee_bps)).map_err(|error| Error::Internal(format!("fee: {error:?}")))
}

/// A batch by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: DecisionBatchId) -> Result<decision_batch::Model> {
    decision_batch::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// An item with its batch and call.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load_item(
    db: &impl ConnectionTrait,
    id: DecisionItemId,
) -> Result<(decision_item::Model, decision_batch::Model, call::Model)> {
    let item = decision_item::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let batch = load(db, item.batch_id).await?;
    let call = call::Entity::find_by_id(batch.call_id).one(db).await?.ok_or(Error::NotFound)?;
    Ok((item, batch, call))
}

/// The items of a batch by rank.
///
/// # Errors
/// When the database cannot be read.
pub async fn items_of(db: &impl ConnectionTrait, id: DecisionBatchId) -> Result<Vec<decision_item::Model>> {
    Ok(decision_item::Entity::find()
        .filter(decision_item::Column::BatchId.eq(id))
        .order_by_asc(decision_item::Column::Rank)
        .order_by_asc(decision_item::Column::Id)
        .all(db)
        .await?)
}

/// The newest batch of a call.
///
/// # Errors
/// When the database cannot be read.
pub async fn newest(db: &impl ConnectionTrait, call: CallId) -> Result<Option<decision_batch::Model>> {
    Ok(decision_batch::Entity::find()
        .filter(decision_batch::Column::CallId.eq(call))
        .order_by_desc(decision_batch::Column::Id)
        .one(db)
        .await?)
}

/// A refusal about one application, with its title.
pub(super) fn about(code: &'static str, application: &application::Model) -> Error {
    Violation::whole(code).with("title", &application.title).into()
}
