//! The policy of a day: versions with an effective date and a source; proposed by one administrator, confirmed by another.

use super::events::{self, Note};
use crate::core::lifecycle::Part;
use crate::core::policy::{Figure, POLICY, Policy};
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{Administrator, As};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{PolicyStage, PolicyVersionId, Subject};
use entities::policy_version;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

/// The figures in force on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn on(db: &impl ConnectionTrait, day: NaiveDate) -> Result<Policy> {
    let rows = policy_version::Entity::find()
        .filter(policy_version::Column::Stage.eq(PolicyStage::Confirmed))
        .filter(policy_version::Column::EffectiveOn.lte(day))
        .order_by_asc(policy_version::Column::EffectiveOn)
        .order_by_asc(policy_version::Column::Id)
        .all(db)
        .await?;
    Ok(Policy::from_figures(rows.iter().filter_map(|row| row.value.as_i64().map(|value| (row.key.as_str(), value)))))
}

/// Seeds a profile when the foundation is set up.
///
/// # Errors
/// When the rows cannot be written.
pub async fn seed(tx: &Tx, figures: &[Figure], from: NaiveDate) -> Result<()> {
    let rows = figures.iter().map(|figure| policy_version::ActiveModel {
        key: Set(figure.key.to_owned()),
        value: Set(figure.value.into()),
        source: Set(figure.source.to_owned()),
        effective_on: Set(from),
        stage: Set(PolicyStage::Confirmed),
        proposed_by: Set(None),
        proposed_at: Set(tx.now()),
        ..Default::default()
    });
    policy_version::Entity::insert_many(rows).exec(tx).await?;
    Ok(())
}

/// Proposes a figure from a day on; never for a day that has begun.
///
/// # Errors
/// Names the field: unknown key, negative figure, day not in the future, no source.
pub async fn propose(
    by: &As<Administrator>,
    key: &str,
    value: i64,
    source: &str,
    effective_on: NaiveDate,
) -> Result<PolicyVersionId> {
    if !crate::core::policy::CN.iter().any(|figure| figure.key == key) {
        return Err(Error::field("key", "refused-unknown"));
    }
    let most = crate::core::policy::most(key);
    if !(0..=most).contains(&value) {
        return Err(Violation::at("value", "refused-out-of-range").with("least", 0).with("most", most).into());
    }
    if source.trim().is_empty() {
        return Err(Error::field("source", "refused-empty"));
    }
    if effective_on <= by.edges.today() {
        return Err(Error::field("effective_on", "refused-not-future"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = policy_version::ActiveModel {
            key: Set(key.to_owned()),
            value: Set(value.into()),
            source: Set(source.to_owned()),
            effective_on: Set(effective_on),
            stage: Set(PolicyStage::Proposed),
            proposed_by: Set(Some(by.person()?)),
            proposed_at: Set(tx.now()),
            ..Default::default()
        };
        let row = policy_version::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Policy, row.id.0, Note::act("propose").because(key)).await?;
        Ok(row.id)
    })
    .await
}

/// Confirms or declines a proposed figure; never by its proposer.
///
/// # Errors
/// [`Error::NotFound`] when it is not open; a refusal for the proposer or when its day has begun.
pub async fn decide(by: &As<Administrator>, version: PolicyVersionId, confirm: bool) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = policy_version::Entity::find_by_id(version).one(tx).await?.ok_or(Error::NotFound)?;
        let act = if confirm { "confirm" } else { "decline" };
        let stage = POLICY.step(row.stage, act, Part::Administrator).map_err(|_| Error::NotFound)?;
        roles::apart(tx, by, &[row.proposed_by]).await?;
        if confirm && row.effective_on <= by.edges.today() {
            return Err(Error::refused("refused-not-future"));
        }
        let mut row = row.into_active_model();
        row.stage = Set(stage);
        row.confirmed_by = Set(by.actor.person);
        row.confirmed_at = Set(Some(tx.now()));
        policy_version::Entity::update(row).exec(tx).await?;
        events::record(tx, by, Subject::Policy, version.0, Note::act(act)).await
    })
    .await
}

/// Figures that wait for a second administrator, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn proposed(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<policy_version::Model>> {
    Ok(policy_version::Entity::find()
        .filter(policy_version::Column::Stage.eq(PolicyStage::Proposed))
        .order_by_asc(policy_version::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Every version, newest first, older than `before`.
///
/// # Errors
/// When the database cannot be read.
pub async fn versions(
    db: &impl ConnectionTrait,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<policy_version::Model>> {
    let mut query = policy_version::Entity::find().order_by_desc(policy_version::Column::Id).limit(limit);
    if let Some(before) = before {
        query = query.filter(policy_version::Column::Id.lt(before));
    }
    Ok(query.all(db).await?)
}

/// Days on which the policy may ever have changed: one a day for a generation.
const CHANGES: u64 = 10_000;

/// The number of the policy that is in force on a day: how many days brought it a change so far. No figure is confirmed for a day that has
/// begun, so a number that was written down never means another policy later.
///
/// # Errors
/// When the database cannot be read.
pub async fn number_on(db: &impl ConnectionTrait, day: NaiveDate) -> Result<i32> {
    let changes: Vec<NaiveDate> = policy_version::Entity::find()
        .select_only()
        .column(policy_version::Column::EffectiveOn)
        .distinct()
        .filter(policy_version::Column::Stage.eq(PolicyStage::Confirmed))
        .filter(policy_version::Column::EffectiveOn.lte(day))
        .limit(CHANGES)
        .into_tuple()
        .all(db)
        .await?;
    Ok(i32::try_from(changes.len()).unwrap_or(i32::MAX))
}

/// The version of one figure that counts on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn version_on(db: &impl ConnectionTrait, key: &str, day: NaiveDate) -> Result<Option<policy_version::Model>> {
    Ok(policy_version::Entity::find()
        .filter(policy_version::Column::Key.eq(key))
        .filter(policy_version::Column::Stage.eq(PolicyStage::Confirmed))
        .filter(policy_version::Column::EffectiveOn.lte(day))
        .order_by_desc(policy_version::Column::EffectiveOn)
        .order_by_desc(policy_version::Column::Id)
        .one(db)
        .await?)
}
