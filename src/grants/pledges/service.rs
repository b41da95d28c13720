//! What can be done with pledges for a time: promise, declare a profit, cancel; what the clock brings; what partial receipts do.

pub mod clock;
pub mod parts;
pub mod profits;

use super::rules::{self, Due};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::gifts::service as gifts;
use crate::people::permission::{As, Context, Permission, Signatory};
use entities::kinds::{
    Anonymity, Currency, FundId, GiftStage, InstalmentId, InstalmentStage, NeedId, PlanKind, PlanStage, PledgePlanId,
    Role, Subject,
};
use entities::{gift, instalment_gift, pledge_instalment, pledge_plan};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// What both kinds of pledge say.
#[derive(Debug, Clone)]
pub struct Terms {
    /// To which fund.
    pub fund: FundId,
    /// Currency.
    pub currency: Currency,
    /// What the public may see of the gifts.
    pub anonymity: Anonymity,
    /// Or waived.
    pub receipt_wanted: bool,
    /// Only for this need.
    pub restriction: Option<NeedId>,
    /// Number or name of the agreement, or `""`.
    pub agreement: String,
}

/// A share of each year's profit.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Of the profit, in basis points.
    pub share_bps: i32,
    /// Month of the day by which it is due, in the year after.
    pub due_month: i32,
    /// Day of that month.
    pub due_day: i32,
    /// First business year.
    pub first_year: i32,
    /// Last business year.
    pub last_year: i32,
    /// Whether the agreement lets the public read what was declared.
    pub figures_public: bool,
}

/// Promises a sum in instalments, in the name of the signatory's organisation; each waits as a gift of its own.
///
/// # Errors
/// Names the field: a schedule that does not add up, is past or in no order; a refusal when the fund takes no such gift.
pub async fn promise_sum(
    by: &As<Signatory>,
    terms: Terms,
    amount_minor: i64,
    schedule: Vec<Due>,
) -> Result<PledgePlanId> {
    if let Some(code) = rules::wrong_with(&schedule, amount_minor, by.edges.today()) {
        return Err(Error::field("schedule", code));
    }
    let (terms, schedule) = (&terms, &schedule);
    by.write(|tx| async move {
        let tx = &tx;
        let row = pledge_plan::ActiveModel {
            kind: Set(PlanKind::Instalments),
            amount_minor: Set(Some(amount_minor)),
            figures_public: Set(false),
            ..begun(tx, by, terms).await?
        };
        let plan = pledge_plan::Entity::insert(row).exec_with_returning(tx).await?;
        for part in schedule {
            parts::add(tx, by, &plan, *part).await?;
        }
        events::record(tx, by, Subject::PledgePlan, plan.id.0, Note::act("promise")).await?;
        Ok(plan.id)
    })
    .await
}

/// Promises a share of each year's profit. It becomes a sum when the enterprise declares what it earned.
///
/// # Errors
/// Names the field that is wrong; a refusal when the fund takes no such gift.
pub async fn promise_share(by: &As<Signatory>, terms: Terms, share: Share) -> Result<PledgePlanId> {
    use crate::error::Violation;
    let mut wrong = Vec::new();
    if !(1..=10_000).contains(&share.share_bps) {
        wrong.push(Violation::at("share", "refused-share"));
    }
    if rules::share_due(share.first_year, share.due_month, share.due_day).is_none() || share.due_day > 31 {
        wrong.push(Violation::at("due_day", "refused-not-a-date"));
    }
    if share.last_year < share.first_year || share.last_year - share.first_year >= rules::YEARS_AHEAD as i32 {
        wrong.push(Violation::at("last_year", "refused-plan-years"));
    }
    crate::commons::texts::all_well(wrong)?;
    let terms = &terms;
    by.write(|tx| async move {
        let tx = &tx;
        let row = pledge_plan::ActiveModel {
            kind: Set(PlanKind::Profit),
            share_bps: Set(Some(share.share_bps)),
            due_month: Set(Some(share.due_month)),
            due_day: Set(Some(share.due_day)),
            first_year: Set(Some(share.first_year)),
            last_year: Set(Some(share.last_year)),
            figures_public: Set(share.figures_public),
            ..begun(tx, by, terms).await?
        };
        let plan = pledge_plan::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::PledgePlan, plan.id.0, Note::act("promise")).await?;
        Ok(plan.id)
    })
    .await
}

/// What both kinds begin with, once the fund was found to take it.
async fn begun(tx: &Tx, by: &As<Signatory>, terms: &Terms) -> Result<pledge_plan::ActiveModel> {
    gifts::accepting(tx, terms.fund, terms.currency, true).await?;
    gifts::restricted(tx, terms.restriction).await?;
    Ok(pledge_plan::ActiveModel {
        fund_id: Set(terms.fund),
        stage: Set(PlanStage::Active),
        donor_organisation_id: Set(by.permission().organisation()),
        currency: Set(terms.currency),
        anonymity: Set(terms.anonymity),
        receipt_wanted: Set(terms.receipt_wanted),
        restriction_need_id: Set(terms.restriction),
        agreement: Set(terms.agreement.trim().to_owned()),
        created_by: Set(by.permission().person()),
        created_at: Set(tx.now()),
        ..Default::default()
    })
}

/// Takes back what has not come yet. What came stays, and what is on its way at the bank is still received.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; a refusal without a reason, or when it was cancelled before.
pub async fn cancel(by: &As<Signatory>, id: PledgePlanId, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let plan = own(tx, by, id).await?;
        advance(tx, by, &plan, "cancel", Note::act("").because(reason)).await?;
        for row in instalments(tx, id).await? {
            if row.stage == InstalmentStage::Promised && parts::end(tx, by, &row, "cancel").await? {
                advance(tx, by, &row, "cancel", Note::act("")).await?;
            }
        }
        Ok(())
    })
    .await
}

/// A plan by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: PledgePlanId) -> Result<pledge_plan::Model> {
    pledge_plan::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// A plan of the signatory's organisation, that nobody else changes until this transaction ends.
async fn own(tx: &Tx, by: &As<Signatory>, id: PledgePlanId) -> Result<pledge_plan::Model> {
    let row = pledge_plan::Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    row.filter(|row| row.donor_organisation_id == by.permission().organisation()).ok_or(Error::NotFound)
}

/// The instalments of a plan, in their order.
///
/// # Errors
/// When the database cannot be read.
pub async fn instalments(db: &impl ConnectionTrait, plan: PledgePlanId) -> Result<Vec<pledge_instalment::Model>> {
    Ok(pledge_instalment::Entity::find()
        .filter(pledge_instalment::Column::PlanId.eq(plan))
        .order_by_asc(pledge_instalment::Column::Ordinal)
        .all(db)
        .await?)
}

/// What is known of an instalment from its gifts.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Came in and stayed, or was given back by agreement, in minor units.
    pub received_minor: i64,
    /// At the bank, and not confirmed yet.
    pub on_its_way_minor: i64,
    /// The gift that waits for the rest.
    pub waiting: Option<gift::Model>,
}

impl Progress {
    /// What of an amount is open: neither received nor on its way.
    pub fn open_minor(&self, row: &pledge_instalment::Model) -> i64 {
        match row.stage {
            InstalmentStage::Promised => (row.amount_minor - self.received_minor - self.on_its_way_minor).max(0),
            InstalmentStage::Cancelled | InstalmentStage::Lapsed => 0,
        }
    }

    fn take(&mut self, row: gift::Model) {
        match row.stage {
            // The promise was kept; what two people gave back is not asked for again.
            GiftStage::Received | GiftStage::Disputed | GiftStage::Refunded => self.received_minor += row.amount_minor,
            GiftStage::Processing if row.recorded_by.is_some() => self.on_its_way_minor += row.amount_minor,
            GiftStage::Pledged | GiftStage::Processing => self.waiting = Some(row),
            _ => {}
        }
    }
}

/// What is known of some instalments, in two queries.
///
/// # Errors
/// When the database cannot be read.
pub async fn progress(
    db: &impl ConnectionTrait,
    instalments: impl Iterator<Item = InstalmentId>,
) -> Result<BTreeMap<InstalmentId, Progress>> {
    let links = instalment_gift::Entity::find()
        .filter(instalment_gift::Column::InstalmentId.is_in(instalments))
        .order_by_asc(instalment_gift::Column::GiftId)
        .all(db)
        .await?;
    let of: BTreeMap<_, _> = links.iter().map(|row| (row.gift_id, row.instalment_id)).collect();
    let rows = gift::Entity::find()
        .filter(gift::Column::Id.is_in(of.keys().copied()))
        .order_by_asc(gift::Column::Id)
        .all(db)
        .await?;
    let mut known: BTreeMap<InstalmentId, Progress> = BTreeMap::new();
    for row in rows {
        if let Some(instalment) = of.get(&row.id) {
            known.entry(*instalment).or_default().take(row);
        }
    }
    Ok(known)
}

/// Whether the reader may see a plan: its donor's people, finance and approvers; everybody what the agreement opens.
pub fn sees(context: &Context, plan: &pledge_plan::Model) -> bool {
    works(context) || context.actor.belongs_to(plan.donor_organisation_id) || is_public(plan)
}

/// Whether the reader works on everybody's pledges.
pub fn works(context: &Context) -> bool {
    context.actor.has(Role::FinanceOfficer) || context.actor.has(Role::Approver)
}

/// Whether everybody may read what was declared: the agreement says so, and the donor is named.
pub fn is_public(plan: &pledge_plan::Model) -> bool {
    plan.kind == PlanKind::Profit && plan.figures_public && plan.anonymity == Anonymity::Named
}

/// What the donor's gift is promised with.
fn promise_of(plan: &pledge_plan::Model, part: Due) -> gifts::pledges::Promise {
    gifts::pledges::Promise {
        fund: plan.fund_id,
        amount_minor: part.amount_minor,
        currency: plan.currency,
        due_on: part.due_on,
        anonymity: plan.anonymity,
        receipt_wanted: plan.receipt_wanted,
        restriction: plan.restriction_need_id,
    }
}

/// Tells the donor's people of a plan.
async fn tell<P: Permission>(
    tx: &Tx,
    _by: &As<P>,
    plan: &pledge_plan::Model,
    letter: &str,
    args: &[(&str, String)],
) -> Result<()> {
    let fund = crate::grants::funds::service::load(tx, plan.fund_id).await?;
    let mut told: Vec<(&str, String)> = crate::commons::letters::of_fund(&fund).into();
    told.extend(args.iter().cloned());
    let link = format!("/promises/{}", plan.id);
    crate::commons::letters::to_organisation(tx, plan.donor_organisation_id, letter, &told, &link).await
}
