//! The story of a fund: need, gifts, call, award, tranches.

use crate::commons::texts::Name;
use crate::error::Result;
use crate::ledger::balances::Flow;
use crate::ledger::books::number;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::parts::Step;
use crate::web::sheet::stage_text;
use chrono::NaiveDate;
use entities::kinds::{AwardId, CallStage, FundId, PostingId, Recipe, Subject, TrancheId, TrancheStage};
use entities::{award, call, fund, need, posting, tranche};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;

/// The rows of the fund's latest award, or of its latest call while there is none.
#[derive(Debug)]
pub(super) struct Story {
    call: Option<call::Model>,
    need: Option<need::Model>,
    award: Option<award::Model>,
    grantee: Name,
    tranches: Vec<tranche::Model>,
    /// The payment entry of each tranche with its day, the last one if it was paid again.
    payments: BTreeMap<TrancheId, (PostingId, NaiveDate)>,
}

impl Story {
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn load(db: &impl ConnectionTrait, fund: FundId) -> Result<Self> {
        let award = award::Entity::find()
            .filter(award::Column::FundId.eq(fund))
            .order_by_desc(award::Column::Id)
            .one(db)
            .await?;
        let call = told_call(db, fund, award.as_ref()).await?;
        let need = match call.as_ref().and_then(|call| call.need_id) {
            Some(id) => need::Entity::find_by_id(id).one(db).await?,
            None => None,
        };
        let mut story =
            Self { call, need, award: None, grantee: Name::default(), tranches: Vec::new(), payments: BTreeMap::new() };
        if let Some(award) = award {
            let names = organisations::both_names(db, [award.organisation_id].into_iter()).await?;
            story.grantee = names.into_values().next().unwrap_or_default();
            story.tranches = tranches(db, award.id).await?;
            story.payments = payments(db, award.id).await?;
            story.award = Some(award);
        }
        Ok(story)
    }

    /// The steps in words.
    pub(super) fn tell(&self, context: &Context, row: &fund::Model, flow: Flow) -> Vec<Step> {
        let mut steps = Vec::new();
        let Some(call) = &self.call else { return steps };
        let step = |state, key: &str, detail: String, href: String| Step {
            state,
            title: context.t(key),
            detail,
            href,
            date: String::new(),
        };
        if let Some(need) = &self.need {
            let title = context.pick(&need.title_zh, &need.title_en);
            steps.push(step("done", "fund-step-need", title, format!("/needs/{}", need.id)));
        }
        let received = context.money(flow.received_minor, row.currency);
        steps.push(step("done", "fund-step-gifts", received, String::new()));
        let decided = matches!(call.stage, CallStage::Decided | CallStage::Archived) || self.award.is_some();
        let title = context.pick(&call.title_zh, &call.title_en);
        let state = if decided { "done" } else { "now" };
        steps.push(step(state, "fund-step-call", title, format!("/calls/{}", call.id)));
        let Some(award) = &self.award else { return steps };
        let amount = context.money(award.amount_minor, award.currency);
        let to = self.grantee.pick(context.locale);
        let said = context.t_with("fund-step-award-detail", &[("amount", &amount), ("organisation", &to)]);
        steps.push(step("done", "fund-step-award", said, format!("/projects/{}", award.id)));
        steps.extend(self.tell_tranches(context));
        steps
    }

    fn tell_tranches(&self, context: &Context) -> Vec<Step> {
        let mut current = "now";
        let step = |row: &tranche::Model| {
            let paid = row.stage == TrancheStage::Paid;
            let state = if paid { "done" } else { std::mem::replace(&mut current, "later") };
            let stage = stage_text(context, "tranche", row.stage.as_str());
            let entry = self.payments.get(&row.id).filter(|_| paid);
            let day = entry.map(|(_, day)| *day).or(row.due_on);
            Step {
                state,
                title: context.t_with("fund-step-tranche", &[("n", &row.ordinal.to_string())]),
                detail: format!("{} · {stage}", context.money(row.amount_minor, row.currency)),
                href: entry.map(|(id, _)| format!("/ledger/{}", number(*id))).unwrap_or_default(),
                date: day.map(|day| context.day(day)).unwrap_or_default(),
            }
        };
        self.tranches.iter().map(step).collect()
    }
}

/// The call of the award, or the fund's latest one that the public knows of.
async fn told_call(
    db: &impl ConnectionTrait,
    fund: FundId,
    award: Option<&award::Model>,
) -> Result<Option<call::Model>> {
    if let Some(award) = award {
        return Ok(call::Entity::find_by_id(award.call_id).one(db).await?);
    }
    Ok(call::Entity::find()
        .filter(call::Column::FundId.eq(fund))
        .filter(call::Column::Stage.is_not_in([CallStage::Draft, CallStage::Scheduled, CallStage::Cancelled]))
        .order_by_desc(call::Column::Id)
        .one(db)
        .await?)
}

async fn tranches(db: &impl ConnectionTrait, award: AwardId) -> Result<Vec<tranche::Model>> {
    Ok(tranche::Entity::find()
        .filter(tranche::Column::AwardId.eq(award))
        .filter(tranche::Column::Stage.ne(TrancheStage::Cancelled))
        .order_by_asc(tranche::Column::Ordinal)
        .all(db)
        .await?)
}

async fn payments(db: &impl ConnectionTrait, award: AwardId) -> Result<BTreeMap<TrancheId, (PostingId, NaiveDate)>> {
    let rows = posting::Entity::find()
        .filter(posting::Column::AwardId.eq(award))
        .filter(posting::Column::Subject.eq(Subject::Tranche))
        .filter(posting::Column::Recipe.is_in([Recipe::PaymentPosted, Recipe::SeedFund]))
        .order_by_asc(posting::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (TrancheId(row.subject_id), (row.id, row.occurred_on))).collect())
}
