//! What a formula gives each community of a call: by the figures of the policy in force on the day it is recorded.

use super::service::load;
use crate::commons::events::{self, Note};
use crate::commons::{policies, texts};
use crate::core::formula::{Formula, MAX_PEOPLE, Rate, Rounding};
use crate::core::policy::Policy;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Officer};
use chrono::NaiveDate;
use entities::allocation;
use entities::kinds::{AllocationId, CallId, CallKind, CallStage, Setting, Subject};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Communities of one call: more than a city has.
const MOST: u64 = 2_000;

/// A community as it was counted.
#[derive(Debug, Clone)]
pub struct Counted {
    /// Its name.
    pub community: String,
    /// Which rate.
    pub setting: Setting,
    /// People.
    pub people: i64,
    /// Day of the count.
    pub counted_on: NaiveDate,
}

/// The formula of a policy.
pub const fn formula(policy: &Policy) -> Formula {
    Formula {
        urban: Rate { base_minor: policy.formula_urban_base_minor, hundred_minor: policy.formula_urban_hundred_minor },
        rural: Rate { base_minor: policy.formula_rural_base_minor, hundred_minor: policy.formula_rural_hundred_minor },
        rounding: Rounding::of(policy.formula_rounding),
    }
}

/// Records a community with what the formula gives it today. The figure stays when the policy changes later.
///
/// # Errors
/// By the field: no name, no people, a count of tomorrow; refusals for a call of another kind or one that is over, a community
/// that is there already, and what would go above the envelope.
pub async fn allocate(by: &As<Officer>, id: CallId, counted: Counted) -> Result<AllocationId> {
    let today = by.edges.today();
    let mut wrong = Vec::new();
    let community = &texts::required(&mut wrong, "community", &counted.community, texts::TITLE);
    if !(1..=MAX_PEOPLE).contains(&counted.people) {
        wrong.push(Violation::at("people", "refused-out-of-range").with("least", 1).with("most", MAX_PEOPLE));
    }
    if counted.counted_on > today {
        wrong.push(Violation::at("counted_on", "refused-gift-future"));
    }
    texts::all_well(wrong)?;
    let counted = &counted;
    by.write(|tx| async move {
        let tx = &tx;
        let row = super::service::take(tx, id).await?;
        if row.kind != CallKind::Formula {
            return Err(Error::refused("refused-call-no-formula"));
        }
        if !matches!(row.stage, CallStage::Draft | CallStage::Scheduled | CallStage::Open) {
            return Err(Error::refused("refused-call-fixed"));
        }
        let policy = policies::on(tx, by.day_of(tx.now())).await?;
        let amount = formula(&policy).amount_minor(counted.setting, counted.people);
        let amount = amount.ok_or_else(|| Error::field("people", "money-too-large"))?;
        let there = list(tx, id).await?;
        if there.iter().any(|one| one.community == *community) {
            return Err(Error::field("community", "refused-call-community-twice"));
        }
        let given: i128 = there.iter().map(|one| i128::from(one.amount_minor)).sum();
        if given + i128::from(amount) > i128::from(row.envelope_minor) {
            return Err(Error::field("people", "refused-call-above-envelope"));
        }
        let told = allocation::ActiveModel {
            call_id: Set(id),
            community: Set(community.clone()),
            setting: Set(counted.setting),
            population: Set(counted.people),
            counted_on: Set(counted.counted_on),
            amount_minor: Set(amount),
            recorded_by: Set(by.person()?),
            recorded_at: Set(tx.now()),
            ..Default::default()
        };
        let told = allocation::Entity::insert(told).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Call, id.0, Note::act("allocate")).await?;
        Ok(told.id)
    })
    .await
}

/// The communities of a call by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, id: CallId) -> Result<Vec<allocation::Model>> {
    load(db, id).await?;
    Ok(allocation::Entity::find()
        .filter(allocation::Column::CallId.eq(id))
        .order_by_asc(allocation::Column::Community)
        .limit(MOST)
        .all(db)
        .await?)
}
