//! The best set of projects under what is left of the envelope, proven, with why each is in or out: one way to propose a draft's items.
//!
//! What was asked and what was answered stay with the batch's scores, so that anybody reckons it again with `decide portfolio`.

use super::Drafts;
use crate::commons::events::{self, Note};
use crate::core::portfolio;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::decisions::items;
use crate::grants::decisions::reading::{fee, items_of, to_change};
use crate::people::permission::As;
use entities::kinds::{ApplicationId, BatchStage, DecisionBatchId, Outcome, Subject};
use entities::{application, call, decision_batch, decision_item, fund};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a project with partial funding grows by, in minor units: one unit of the currency is fine enough, and keeps the programme small.
const STEP_MINOR: i64 = 100;

/// What the best set is to be best at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objective {
    /// Every unit of money earns the score of the project it goes to.
    MeritMoney,
    /// Every project funded earns its score.
    MeritCount,
}

impl Objective {
    /// As the tool and the form name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MeritMoney => "merit-money",
            Self::MeritCount => "merit-count",
        }
    }

    /// The objective of this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::MeritMoney, Self::MeritCount].into_iter().find(|one| one.as_str() == text)
    }
}

/// What a proposal is asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What is best.
    pub objective: Objective,
    /// Most that is spent, in minor units; at most what is left of the envelope.
    pub budget_minor: i64,
    /// The least share of what a project asks for, in basis points; 10,000 funds wholly or not at all.
    pub least_bps: i64,
    /// Projects that are in whatever it costs.
    pub funded: BTreeSet<ApplicationId>,
    /// Projects that are out.
    pub rejected: BTreeSet<ApplicationId>,
}

/// What the tool says of one project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Told {
    /// Application id.
    pub project: String,
    /// What it gets, in minor units.
    pub amount: i64,
    /// The lowest score with which it would be in, in hundredths.
    pub threshold_score: Option<i64>,
    /// What stops it.
    #[serde(default)]
    pub blocked_by: Vec<String>,
    /// How much money is lacking for it.
    pub extra_money: Option<i64>,
}

/// What a batch keeps of the proposal its items come from, by application; empty where they come from the ranking.
pub fn fixed(batch: &decision_batch::Model) -> BTreeMap<String, Told> {
    let rows = batch.scores.pointer("/portfolio/answer/projects").cloned().unwrap_or_default();
    let rows: Vec<Told> = serde_json::from_value(rows).unwrap_or_default();
    rows.into_iter().map(|row| (row.project.clone(), row)).collect()
}

/// The answer of the tool to a question that was kept.
///
/// # Errors
/// When a rule of the file is broken, which the form prevents.
pub fn solve(input: &Value) -> Result<Value> {
    let outcome = portfolio::outcome(&input.to_string());
    Ok(serde_json::to_value(outcome.map_err(|refusal| Error::Internal(format!("portfolio: {refusal}")))?)?)
}

/// What is left of a call's envelope for this batch, in minor units.
///
/// # Errors
/// When the database cannot be read.
pub async fn left(tx: &Tx, call: &call::Model, batch: DecisionBatchId) -> Result<i64> {
    items::envelope_left(tx, call, Some(batch)).await
}

/// Proposes the items of a draft anew: the best set under these wishes is approved, the others stand in reserve by rank. What was set
/// by hand is lost, as with every new proposal.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Stale`]; [`Error::Forbidden`] in a conflict; by the field; a refusal that names what contradicts
/// itself, and once the batch is submitted.
pub async fn propose<P: Drafts>(by: &As<P>, id: DecisionBatchId, version: i32, wish: &Wish) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (batch, call) = to_change(tx, by, id).await?;
        if batch.stage != BatchStage::Draft {
            return Err(Error::refused("refused-stage"));
        }
        if batch.version != version {
            return Err(Error::Stale);
        }
        let most = left(tx, &call, id).await?;
        if !(1..=most).contains(&wish.budget_minor) {
            let most = crate::core::money::Money::new(most, call.currency.0).format("en");
            return Err(Violation::at("budget", "refused-portfolio-budget").with("most", most).into());
        }
        let rows = items_of(tx, id).await?;
        let input = question(tx, &call, &rows, wish).await?;
        let answer = solve(&input)?;
        if answer["status"] == "infeasible" {
            let conflict: Vec<&str> =
                answer["conflict"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            return Err(Violation::whole("refused-portfolio-infeasible").with("conflict", conflict.join(", ")).into());
        }
        rewrite(tx, &call, rows, &answer).await?;
        let mut scores = batch.scores.clone();
        scores["portfolio"] = json!({ "input": input, "answer": answer });
        let change = decision_batch::ActiveModel {
            id: Set(id),
            scores: Set(scores),
            version: Set(version + 1),
            ..Default::default()
        };
        decision_batch::Entity::update(change).exec(tx).await?;
        events::record(tx, by, Subject::DecisionBatch, id.0, Note::act("portfolio")).await
    })
    .await
}

/// The file of the tool: the scored projects with what they ask for, at most the call's cap.
async fn question(tx: &Tx, call: &call::Model, rows: &[decision_item::Model], wish: &Wish) -> Result<Value> {
    let asked: BTreeMap<ApplicationId, i64> = application::Entity::find()
        .filter(application::Column::Id.is_in(rows.iter().map(|row| row.application_id)))
        .all(tx)
        .await?
        .into_iter()
        .map(|row| (row.id, row.ask_minor.min(call.cap_minor)))
        .collect();
    let mut projects = Vec::new();
    for row in rows {
        let (Some(ask), Some(score)) = (asked.get(&row.application_id).copied().filter(|ask| *ask > 0), row.score)
        else {
            continue;
        };
        let mut project = json!({ "id": row.application_id.to_string(), "score": score, "ask": ask });
        let least = least(ask, wish.least_bps);
        if least < ask {
            project["partial"] = json!(true);
            project["min"] = json!(least);
        }
        if wish.funded.contains(&row.application_id) {
            project["decision"] = json!("fund");
        } else if wish.rejected.contains(&row.application_id) {
            project["decision"] = json!("reject");
        }
        projects.push(project);
    }
    Ok(json!({
        "budget": wish.budget_minor,
        "objective": wish.objective.as_str(),
        "step": STEP_MINOR,
        "projects": projects,
    }))
}

/// The least amount of a project: its share of what it asks for, rounded up so that whole steps lead from it to the whole.
fn least(ask_minor: i64, least_bps: i64) -> i64 {
    let share = i128::from(ask_minor) * i128::from(least_bps.clamp(0, 10_000));
    let share = i64::try_from((share + 9_999) / 10_000).unwrap_or(ask_minor).clamp(1, ask_minor);
    ask_minor - (ask_minor - share) / STEP_MINOR * STEP_MINOR
}

async fn rewrite(tx: &Tx, call: &call::Model, rows: Vec<decision_item::Model>, answer: &Value) -> Result<()> {
    let Some(batch) = rows.first().map(|row| row.batch_id) else { return Ok(()) };
    let fund = fund::Entity::find_by_id(call.fund_id).one(tx).await?.ok_or(Error::NotFound)?;
    let told: Vec<Told> = serde_json::from_value(answer["projects"].clone())?;
    let told: BTreeMap<String, i64> = told.into_iter().map(|row| (row.project, row.amount)).collect();
    let asked = application::Entity::find()
        .filter(application::Column::Id.is_in(rows.iter().map(|row| row.application_id)))
        .all(tx)
        .await?;
    let mut written = Vec::with_capacity(rows.len());
    for row in rows {
        let given = told.get(&row.application_id.to_string()).copied().unwrap_or(0);
        let whole =
            asked.iter().find(|of| of.id == row.application_id).map_or(0, |of| of.ask_minor.min(call.cap_minor));
        let (outcome, amount) = match (given, whole) {
            (given, _) if given > 0 => (Outcome::Approved, given),
            (_, 0) => (Outcome::Declined, 0),
            (_, whole) => (Outcome::Reserved, whole),
        };
        written.push(decision_item::ActiveModel {
            batch_id: Set(row.batch_id),
            application_id: Set(row.application_id),
            outcome: Set(outcome),
            award_kind: Set(call.award_kind),
            amount_minor: Set(amount),
            fee_minor: Set(fee(amount, call.award_kind, &fund)?),
            currency: Set(row.currency),
            stage: Set(row.stage),
            score: Set(row.score),
            rank: Set(row.rank),
            reserve_order: Set(row.rank.filter(|_| outcome == Outcome::Reserved)),
            reason: Set(String::new()),
            committed: Set(false),
            ..Default::default()
        });
    }
    decision_item::Entity::delete_many().filter(decision_item::Column::BatchId.eq(batch)).exec(tx).await?;
    decision_item::Entity::insert_many(written).exec_without_returning(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_share_leaves_whole_steps_to_the_whole() {
        for ask in [1, 99, 100, 101, 8_300_000, 8_300_050] {
            for bps in [0, 1, 3_333, 5_000, 9_999, 10_000] {
                let least = least(ask, bps);
                assert!((1..=ask).contains(&least) && (ask - least) % STEP_MINOR == 0, "{ask} {bps} {least}");
                assert!(i128::from(least) * 10_000 >= i128::from(ask) * i128::from(bps), "{ask} {bps} {least}");
            }
        }
        assert_eq!(least(8_300_000, 10_000), 8_300_000);
        assert_eq!(least(8_300_000, 5_000), 4_150_000);
    }
}
