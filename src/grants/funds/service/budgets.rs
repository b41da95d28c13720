//! A fund's budget of a year: proposed by its initiator, confirmed by a programme officer, replaced as a whole by the next revision.

use super::{is_over, load, own};
use crate::commons::events::{self, Note};
use crate::commons::{letters, proposals};
use crate::error::{Error, Result, Violation};
use crate::ledger::years::Year;
use crate::people::permission::{As, Officer, Signatory};
use chrono::Datelike;
use entities::fund_budget_line;
use entities::kinds::{BudgetHead, FundId, ProposalKind, Role, Subject};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Lines read at once: forty revisions of all heads.
const LINES: u64 = 200;

/// A budget of a year.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Budget {
    /// Calendar year.
    pub year: i32,
    /// Planned by head, in minor units.
    pub lines: Vec<(BudgetHead, i64)>,
}

impl Budget {
    fn check(&self, this_year: i32) -> Result<()> {
        let mut wrong = Vec::new();
        if !(this_year - 1..=this_year + 1).contains(&self.year) {
            let violation = Violation::at("year", "refused-out-of-range");
            wrong.push(violation.with("least", this_year - 1).with("most", this_year + 1));
        }
        if self.lines.iter().any(|(_, amount)| *amount < 0) {
            wrong.push(Violation::at("budget_grants", "refused-negative"));
        }
        if self.lines.iter().all(|(_, amount)| *amount == 0) {
            wrong.push(Violation::at("budget_grants", "refused-budget-empty"));
        }
        crate::commons::texts::all_well(wrong)
    }
}

/// Proposes a year's budget.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; by the field: another year than the last, this or the next, nothing planned; a
/// refusal once the fund is over or while one is proposed.
pub async fn propose(by: &As<Signatory>, id: FundId, budget: Budget) -> Result<()> {
    budget.check(by.edges.today().year())?;
    let budget = &budget;
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, by, id).await?;
        if is_over(row.stage) {
            return Err(Error::refused("refused-stage"));
        }
        proposals::propose(tx, by, ProposalKind::FundBudget, Subject::Fund, id.0, budget).await?;
        letters::to_role(tx, Role::ProgrammeOfficer, "fund-budget", &letters::of_fund(&row), &super::page(id)).await
    })
    .await
}

/// Confirms the proposed budget: from now on it is the year's.
///
/// # Errors
/// [`Error::NotFound`] when none is proposed; forbidden for the initiator's people.
pub async fn confirm(by: &As<Officer>, id: FundId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if by.actor.belongs_to(row.initiator_id) {
            return Err(Error::Forbidden("forbidden-fund-initiator"));
        }
        if is_over(row.stage) {
            return Err(Error::refused("refused-stage"));
        }
        let open = proposals::open(tx, ProposalKind::FundBudget, Subject::Fund, id.0).await?.ok_or(Error::NotFound)?;
        let budget: Budget = proposals::confirm(tx, by, ProposalKind::FundBudget, Subject::Fund, id.0).await?;
        let before: Option<i32> = fund_budget_line::Entity::find()
            .select_only()
            .column(fund_budget_line::Column::Revision)
            .filter(fund_budget_line::Column::FundId.eq(id))
            .filter(fund_budget_line::Column::Year.eq(budget.year))
            .order_by_desc(fund_budget_line::Column::Revision)
            .limit(1)
            .into_tuple()
            .one(tx)
            .await?;
        let confirmed_by = by.person()?;
        let rows = budget.lines.iter().map(|(head, amount)| fund_budget_line::ActiveModel {
            fund_id: Set(id),
            year: Set(budget.year),
            revision: Set(before.unwrap_or_default() + 1),
            head: Set(*head),
            amount_minor: Set(*amount),
            proposed_by: Set(open.proposed_by),
            confirmed_by: Set(confirmed_by),
            at: Set(tx.now()),
            ..Default::default()
        });
        fund_budget_line::Entity::insert_many(rows).exec_without_returning(tx).await?;
        events::record(tx, by, Subject::Fund, id.0, Note::act("set-budget").because(budget.year.to_string())).await
    })
    .await
}

/// Declines the proposed budget.
///
/// # Errors
/// [`Error::NotFound`] when none is proposed.
pub async fn decline(by: &As<Officer>, id: FundId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        proposals::decline(tx, by, ProposalKind::FundBudget, Subject::Fund, id.0, reason).await?;
        letters::to_organisation(
            tx,
            row.initiator_id,
            "fund-budget-declined",
            &letters::of_fund(&row),
            &super::page(id),
        )
        .await
    })
    .await
}

/// The budgets of a fund by year, the highest revision of each.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_fund(db: &impl ConnectionTrait, id: FundId) -> Result<BTreeMap<i32, BTreeMap<BudgetHead, i64>>> {
    let rows = fund_budget_line::Entity::find()
        .filter(fund_budget_line::Column::FundId.eq(id))
        .order_by_desc(fund_budget_line::Column::Year)
        .order_by_desc(fund_budget_line::Column::Revision)
        .limit(LINES)
        .all(db)
        .await?;
    let mut latest: BTreeMap<i32, i32> = BTreeMap::new();
    let mut budgets: BTreeMap<i32, BTreeMap<BudgetHead, i64>> = BTreeMap::new();
    for row in rows {
        if *latest.entry(row.year).or_insert(row.revision) == row.revision {
            budgets.entry(row.year).or_default().insert(row.head, row.amount_minor);
        }
    }
    Ok(budgets)
}

/// What a year has brought under a head.
pub const fn actual(year: &Year, head: BudgetHead) -> i64 {
    match head {
        BudgetHead::Gifts => year.gifts_minor,
        BudgetHead::Matching => year.matching_minor,
        BudgetHead::Grants => year.grants_minor,
        BudgetHead::SeedFunds => year.seed_funds_minor,
        BudgetHead::Fee => year.fee_minor,
    }
}
