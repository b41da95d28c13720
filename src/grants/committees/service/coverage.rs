//! Whether a fund's committee has resolved what is about to be granted from it.

use crate::error::Result;
use crate::grants::committees::rules::{Word, first_uncovered};
use entities::kinds::{ApplicationId, BatchStage, FundId, MotionStage, Outcome};
use entities::{call, decision_batch, decision_item, fund, motion};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// The first approval of these items that the fund's agreement asks a resolution for and none covers; none where the agreement asks
/// for no resolution.
///
/// # Errors
/// When the database cannot be read.
pub async fn uncovered(
    db: &impl ConnectionTrait,
    fund: &fund::Model,
    call: &call::Model,
    items: &[decision_item::Model],
) -> Result<Option<ApplicationId>> {
    if !fund.needs_resolution {
        return Ok(None);
    }
    let approvals: Vec<(ApplicationId, i64)> = items
        .iter()
        .filter(|item| item.outcome == Outcome::Approved)
        .map(|item| (item.application_id, item.amount_minor))
        .collect();
    let committed = committed(db, call, items).await?;
    let concerned = approvals.iter().chain(&committed).map(|(application, _)| *application).collect();
    let (own, of_call) = words(db, fund.id, call, concerned).await?;
    let promised = committed.iter().filter(|(application, _)| !own.contains_key(application)).map(|(_, sum)| *sum);
    Ok(first_uncovered(&approvals, &own, of_call, promised.sum()))
}

/// What other items of the call have promised already.
async fn committed(
    db: &impl ConnectionTrait,
    call: &call::Model,
    but: &[decision_item::Model],
) -> Result<Vec<(ApplicationId, i64)>> {
    let batches: Vec<entities::kinds::DecisionBatchId> = decision_batch::Entity::find()
        .select_only()
        .column(decision_batch::Column::Id)
        .filter(decision_batch::Column::CallId.eq(call.id))
        .filter(decision_batch::Column::Stage.is_in([BatchStage::Approved, BatchStage::Decided]))
        .into_tuple()
        .all(db)
        .await?;
    Ok(decision_item::Entity::find()
        .select_only()
        .column(decision_item::Column::ApplicationId)
        .column(decision_item::Column::AmountMinor)
        .filter(decision_item::Column::BatchId.is_in(batches))
        .filter(decision_item::Column::Outcome.eq(Outcome::Approved))
        .filter(decision_item::Column::Committed.eq(true))
        .filter(decision_item::Column::Id.is_not_in(but.iter().map(|item| item.id)))
        .into_tuple()
        .all(db)
        .await?)
}

/// The committee's last word on each application and on the call. A motion that lapsed or was withdrawn said nothing.
async fn words(
    db: &impl ConnectionTrait,
    fund: FundId,
    call: &call::Model,
    applications: Vec<ApplicationId>,
) -> Result<(BTreeMap<ApplicationId, Word>, Option<Word>)> {
    let decided = motion::Entity::find()
        .filter(motion::Column::FundId.eq(fund))
        .filter(motion::Column::Stage.is_in([MotionStage::Passed, MotionStage::Rejected]))
        .filter(
            Condition::any()
                .add(motion::Column::CallId.eq(call.id))
                .add(motion::Column::ApplicationId.is_in(applications)),
        )
        .order_by_asc(motion::Column::ClosedAt)
        .order_by_asc(motion::Column::Id)
        .all(db)
        .await?;
    let (mut own, mut of_call) = (BTreeMap::new(), None);
    for row in decided {
        let word = Word { passed: row.stage == MotionStage::Passed, most_minor: row.amount_minor };
        match row.application_id {
            Some(application) => {
                own.insert(application, word);
            }
            None => of_call = Some(word),
        }
    }
    Ok((own, of_call))
}
