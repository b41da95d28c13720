//! The story of a fund: need, gifts, call, award, tranches.

use crate::error::Result;
use crate::ledger::balances::Flow;
use crate::ledger::books::number;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::parts::Step;
use crate::web::sheet::stage_text;
use chrono::NaiveDate;
use entities::kinds::{AwardId, CallStage, PostingId, Recipe, Subject, TrancheId, TrancheStage};
use entities::{award, call, fund, need, posting, tranche};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;

/// The steps of the fund's latest award, or of its latest call while there is none.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn of_fund(context: &Context, row: &fund::Model, flow: Flow) -> Result<Vec<Step>> {
    let db = context.edges.db.read();
    let latest =
        award::Entity::find().filter(award::Column::FundId.eq(row.id)).order_by_desc(award::Column::Id).one(db).await?;
    let of_call = match &latest {
        Some(award) => call::Entity::find_by_id(award.call_id).one(db).await?,
        None => {
            call::Entity::find()
                .filter(call::Column::FundId.eq(row.id))
                .filter(call::Column::Stage.is_not_in([CallStage::Draft, CallStage::Scheduled, CallStage::Cancelled]))
                .order_by_desc(call::Column::Id)
                .one(db)
                .await?
        }
    };
    let mut steps = Vec::new();
    let step = |state, key: &str, detail: String, href: String| Step {
        state,
        title: context.t(key),
        detail,
        href,
        date: String::new(),
    };
    let Some(of_call) = of_call else { return Ok(steps) };
    if let Some(id) = of_call.need_id
        && let Some(need) = need::Entity::find_by_id(id).one(db).await?
    {
        let title = context.pick(&need.title_zh, &need.title_en);
        steps.push(step("done", "fund-step-need", title, format!("/needs/{id}")));
    }
    let received = context.money(flow.received_minor, row.currency);
    steps.push(step("done", "fund-step-gifts", received, String::new()));
    let decided = matches!(of_call.stage, CallStage::Decided | CallStage::Archived) || latest.is_some();
    let title = context.pick(&of_call.title_zh, &of_call.title_en);
    let state = if decided { "done" } else { "now" };
    steps.push(step(state, "fund-step-call", title, format!("/calls/{}", of_call.id)));
    let Some(award) = latest else { return Ok(steps) };
    let names = organisations::names(context, [award.organisation_id].into_iter()).await?;
    let to = names.get(&award.organisation_id).cloned().unwrap_or_default();
    let amount = context.money(award.amount_minor, award.currency);
    let said = context.t_with("fund-step-award-detail", &[("amount", &amount), ("organisation", &to)]);
    steps.push(step("done", "fund-step-award", said, format!("/projects/{}", award.id)));
    steps.extend(tranches(context, &award).await?);
    Ok(steps)
}

/// The payment entry of each tranche with its day, the last one if it was paid again.
async fn entries(context: &Context, award: AwardId) -> Result<BTreeMap<TrancheId, (PostingId, NaiveDate)>> {
    let rows = posting::Entity::find()
        .filter(posting::Column::AwardId.eq(award))
        .filter(posting::Column::Subject.eq(Subject::Tranche))
        .filter(posting::Column::Recipe.is_in([Recipe::PaymentPosted, Recipe::SeedFund]))
        .order_by_asc(posting::Column::Id)
        .all(context.edges.db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (TrancheId(row.subject_id), (row.id, row.occurred_on))).collect())
}

async fn tranches(context: &Context, award: &award::Model) -> Result<Vec<Step>> {
    let rows = tranche::Entity::find()
        .filter(tranche::Column::AwardId.eq(award.id))
        .filter(tranche::Column::Stage.ne(TrancheStage::Cancelled))
        .order_by_asc(tranche::Column::Ordinal)
        .all(context.edges.db.read())
        .await?;
    let mut entries = entries(context, award.id).await?;
    let mut current = "now";
    let step = |row: tranche::Model| {
        let paid = row.stage == TrancheStage::Paid;
        let state = if paid { "done" } else { std::mem::replace(&mut current, "later") };
        let stage = stage_text(context, "tranche", row.stage.as_str());
        let entry = entries.remove(&row.id).filter(|_| paid);
        let day = entry.map(|(_, day)| day).or(row.due_on);
        Step {
            state,
            title: context.t_with("fund-step-tranche", &[("n", &row.ordinal.to_string())]),
            detail: format!("{} · {stage}", context.money(row.amount_minor, row.currency)),
            href: entry.map(|(id, _)| format!("/ledger/{}", number(id))).unwrap_or_default(),
            date: day.map(|day| context.day(day)).unwrap_or_default(),
        }
    };
    Ok(rows.into_iter().map(step).collect())
}
