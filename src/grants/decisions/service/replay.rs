//! What decided is reckoned again: the tools are asked what they were asked then, and must answer to the byte what they answered then.

use super::portfolio;
use crate::core::voting::{self, Completion, Rule};
use crate::error::Result;
use crate::grants::reviews::scores;
use crate::grants::reviews::service::plans;
use entities::kinds::BatchStage;
use entities::{assignment_plan, decision_batch, poll_result};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

/// Records of each kind that are reckoned again, the newest: a year of a large house.
const NEWEST: u64 = 200;

/// Whether a batch was drafted from scores, and so fixed them.
fn is_fixed(batch: &decision_batch::Model) -> bool {
    batch.scores.get("input").is_some()
}

/// Whether what a batch fixed comes out again.
///
/// # Errors
/// When a file that was kept cannot be read any more.
pub fn of_batch(batch: &decision_batch::Model) -> Result<bool> {
    let input = serde_json::from_value(batch.scores.get("input").cloned().unwrap_or_default())?;
    let mut same = serde_json::to_value(scores::answer(&input)?)? == batch.scores["answer"];
    if let Some(kept) = batch.scores.get("portfolio") {
        same &= portfolio::solve(&kept["input"])? == kept["answer"];
    }
    Ok(same)
}

fn of_plan(plan: &assignment_plan::Model) -> bool {
    plans::answered(&plan.question).is_ok_and(|answer| answer == plan.answer)
}

fn of_vote(result: &poll_result::Model) -> bool {
    let same = |rule: Rule, kept: &Value| {
        let outcome = voting::outcome(&result.pabulib, rule, Completion::Add1u).ok();
        outcome.and_then(|outcome| serde_json::to_value(outcome).ok()).as_ref() == Some(kept)
    };
    same(Rule::EqualShares, &result.shares) && same(Rule::Greedy, &result.greedy)
}

/// How many records were reckoned again, and those that came out otherwise.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(db: &impl ConnectionTrait) -> Result<(usize, Vec<String>)> {
    let batches = decision_batch::Entity::find()
        .filter(decision_batch::Column::Stage.is_in([BatchStage::Submitted, BatchStage::Approved, BatchStage::Decided]))
        .order_by_desc(decision_batch::Column::Id)
        .limit(NEWEST)
        .all(db)
        .await?;
    let batches: Vec<decision_batch::Model> = batches.into_iter().filter(is_fixed).collect();
    let plans =
        assignment_plan::Entity::find().order_by_desc(assignment_plan::Column::Id).limit(NEWEST).all(db).await?;
    let votes = poll_result::Entity::find().order_by_desc(poll_result::Column::Id).limit(NEWEST).all(db).await?;
    let mut other = Vec::new();
    other.extend(batches.iter().filter(|row| !of_batch(row).unwrap_or(false)).map(|row| format!("batch {}", row.id)));
    other.extend(plans.iter().filter(|row| !of_plan(row)).map(|row| format!("plan {}", row.id)));
    other.extend(votes.iter().filter(|row| !of_vote(row)).map(|row| format!("poll {}", row.poll_id)));
    Ok((batches.len() + plans.len() + votes.len(), other))
}
