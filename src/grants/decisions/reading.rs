//! Batches and items as they stand, and who stands too near to them: what every act on a decision asks first.

use crate::core::fees::fee_through;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::applications::rules::JUDGED;
use crate::grants::reviews::conflicts;
use crate::grants::reviews::panel::Reaches;
use crate::people::permission::{As, Permission};
use entities::kinds::{
    ApplicationId, AwardKind, BatchStage, CallId, DecisionBatchId, DecisionItemId, ItemStage, PersonId, Subject,
};
use entities::{application, call, decision_batch, decision_item, event, fund};
use sea_orm::sea_query::{ExprTrait, LockType};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Acts on a batch that make it somebody's work.
const HANDS: [&str; 5] = ["draft", "refresh", "portfolio", "minutes", "submit"];

/// Everybody who had a hand in a batch: drafted, proposed again, wrote minutes, submitted, or set one of its items.
pub(super) async fn hands(tx: &Tx, batch: &decision_batch::Model) -> Result<Vec<Option<PersonId>>> {
    let items = items_of(tx, batch.id).await?;
    let on_batch = event::Column::Subject
        .eq(Subject::DecisionBatch)
        .and(event::Column::SubjectId.eq(batch.id.0))
        .and(event::Column::Act.is_in(HANDS));
    let on_items = event::Column::Subject
        .eq(Subject::DecisionItem)
        .and(event::Column::SubjectId.is_in(items.iter().map(|row| row.id.0)))
        .and(event::Column::Act.eq("set"));
    let mut people: Vec<Option<PersonId>> = event::Entity::find()
        .select_only()
        .column(event::Column::ActorId)
        .distinct()
        .filter(Condition::any().add(on_batch).add(on_items))
        .into_tuple()
        .all(tx)
        .await?;
    people.push(Some(batch.drafted_by));
    Ok(people)
}

/// Everybody who had a hand in a batch about an application, or approved it.
///
/// # Errors
/// When the database cannot be read.
pub async fn deciders(tx: &Tx, of: ApplicationId) -> Result<Vec<Option<PersonId>>> {
    let items = decision_item::Entity::find().filter(decision_item::Column::ApplicationId.eq(of)).all(tx).await?;
    let mut people = Vec::new();
    for item in items {
        let batch = load(tx, item.batch_id).await?;
        people.push(batch.approved_by);
        people.extend(hands(tx, &batch).await?);
    }
    Ok(people)
}

/// The items that stand: of a batch that was approved, and not released. Nobody has two of them.
pub(super) async fn standing(tx: &Tx, of: &[ApplicationId]) -> Result<Vec<decision_item::Model>> {
    let items = decision_item::Entity::find()
        .filter(decision_item::Column::ApplicationId.is_in(of.iter().copied()))
        .filter(decision_item::Column::Stage.is_in([ItemStage::Noticed, ItemStage::Held, ItemStage::Final]))
        .order_by_asc(decision_item::Column::Id)
        .all(tx)
        .await?;
    let batches: Vec<DecisionBatchId> = decision_batch::Entity::find()
        .select_only()
        .column(decision_batch::Column::Id)
        .filter(decision_batch::Column::Id.is_in(items.iter().map(|row| row.batch_id)))
        .filter(decision_batch::Column::Stage.is_in([BatchStage::Approved, BatchStage::Decided]))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(items.into_iter().filter(|row| batches.contains(&row.batch_id)).collect())
}

/// What every change of a draft asks first: whether the permission reaches its panel and no conflict stands in the way.
/// Answers the batch with its call.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] for another panel's chair or in a conflict.
pub(super) async fn to_change<P: Reaches>(
    tx: &Tx,
    by: &As<P>,
    id: DecisionBatchId,
) -> Result<(decision_batch::Model, call::Model)> {
    let batch = take(tx, id).await?;
    P::reaches(by, batch.call_id)?;
    let call = call::Entity::find_by_id(batch.call_id).one(tx).await?.ok_or(Error::NotFound)?;
    no_conflict(tx, by, &call).await?;
    Ok((batch, call))
}

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

/// The fee committed with an amount. An award that becomes a fund bears none: the new fund's own payments do.
pub(super) fn fee(amount_minor: i64, kind: AwardKind, fund: &fund::Model) -> Result<i64> {
    if kind == AwardKind::SeedFund {
        return Ok(0);
    }
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

/// An item about to change, with its batch and call. The batch's row is taken first: of two changes to items of one batch at once
/// the second waits and then sees what the first left, so the last one knows that it is the last.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) async fn take_item(
    tx: &Tx,
    id: DecisionItemId,
) -> Result<(decision_item::Model, decision_batch::Model, call::Model)> {
    let item = decision_item::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
    take(tx, item.batch_id).await?;
    load_item(tx, id).await
}

/// Takes a batch's row until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) async fn take(tx: &Tx, id: DecisionBatchId) -> Result<decision_batch::Model> {
    // SQLite has one writer at a time and ignores the lock.
    let taken = decision_batch::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?;
    taken.ok_or(Error::NotFound)
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
