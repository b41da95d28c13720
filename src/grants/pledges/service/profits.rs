//! Declared profits: the enterprise's own number, signed; the share of it becomes an instalment. What was said stays beside what
//! is said anew.

use super::{load, own, parts, progress, tell};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::pledges::rules::{self, Due};
use crate::people::permission::{As, Signatory};
use chrono::{Datelike, NaiveDate};
use entities::kinds::{InstalmentId, PlanKind, PlanStage, PledgePlanId, Subject};
use entities::{pledge_instalment, pledge_plan, profit_declaration};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Declarations shown of one plan: every year's, and as many again that were changed.
const MANY: u64 = 100;

/// What is declared.
#[derive(Debug, Clone)]
pub struct Declared {
    /// Business year.
    pub year: i32,
    /// Its profit in minor units; a loss is below zero.
    pub profit_minor: i64,
    /// Why it is declared anew, or `""`.
    pub note: String,
}

/// The business years of a plan, each with the day by which its share is due.
pub fn years(plan: &pledge_plan::Model) -> Vec<(i32, NaiveDate)> {
    let (Some(first), Some(last)) = (plan.first_year, plan.last_year) else { return Vec::new() };
    let (Some(month), Some(day)) = (plan.due_month, plan.due_day) else { return Vec::new() };
    (first..=last).filter_map(|year| Some((year, rules::share_due(year, month, day)?))).collect()
}

/// Every declaration of a plan, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn history(db: &impl ConnectionTrait, plan: PledgePlanId) -> Result<Vec<profit_declaration::Model>> {
    Ok(profit_declaration::Entity::find()
        .filter(profit_declaration::Column::PlanId.eq(plan))
        .order_by_desc(profit_declaration::Column::Id)
        .limit(MANY)
        .all(db)
        .await?)
}

/// Declares a year's profit: its share, rounded half up to the minor unit, becomes an instalment; of a loss nothing is due. Said
/// anew, with a reason, it takes the place of what was said, as long as nothing came for that.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; names the field: a year that is not of the plan or not over, no reason for
/// saying it anew; a refusal when money came already.
pub async fn declare(by: &As<Signatory>, id: PledgePlanId, declared: Declared) -> Result<()> {
    let declared = &declared;
    by.decide(|tx| async move {
        let tx = &tx;
        let plan = own(tx, by, id).await?;
        let (Some(share_bps), PlanKind::Profit) = (plan.share_bps, plan.kind) else { return Err(Error::NotFound) };
        if plan.stage != PlanStage::Active {
            return Err(Error::refused("refused-stage"));
        }
        let today = by.day_of(tx.now());
        let due_on = due_day(&plan, declared.year, today)?;
        let before = history(tx, id).await?.into_iter().find(|row| row.year == declared.year);
        if let Some(before) = &before {
            if declared.note.trim().is_empty() {
                return Err(Error::field("note", "refused-declared-note"));
            }
            withdraw(tx, by, before.instalment_id).await?;
        }
        let due_minor = rules::share_of(declared.profit_minor, share_bps);
        // A share that is declared late is due at once: no day of a promise lies behind it.
        let part = Due { due_on: due_on.max(today), amount_minor: due_minor };
        let instalment = if due_minor > 0 { Some(parts::add(tx, by, &plan, part).await?) } else { None };
        let row = profit_declaration::ActiveModel {
            plan_id: Set(id),
            year: Set(declared.year),
            profit_minor: Set(declared.profit_minor),
            due_minor: Set(due_minor),
            instalment_id: Set(instalment),
            note: Set(declared.note.trim().to_owned()),
            declared_by: Set(by.permission().person()),
            declared_at: Set(tx.now()),
            ..Default::default()
        };
        profit_declaration::Entity::insert(row).exec_without_returning(tx).await?;
        let data = serde_json::json!({ "year": declared.year });
        events::record(tx, by, Subject::PledgePlan, id.0, Note::act("declare").with(data)).await?;
        tell(tx, by, &plan, "profit-declared", &[("year", declared.year.to_string())]).await
    })
    .await
}

fn due_day(plan: &pledge_plan::Model, year: i32, today: NaiveDate) -> Result<NaiveDate> {
    let named = years(plan).into_iter().find(|(named, _)| *named == year);
    let (_, due_on) = named.ok_or_else(|| Error::field("year", "refused-plan-year"))?;
    if year >= today.year() {
        return Err(Violation::at("year", "refused-plan-year-runs").into());
    }
    Ok(due_on)
}

/// What was declared before is withdrawn, as long as nothing came for it.
async fn withdraw(tx: &Tx, by: &As<Signatory>, instalment: Option<InstalmentId>) -> Result<()> {
    let Some(id) = instalment else { return Ok(()) };
    let row = pledge_instalment::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)?;
    let known = progress(tx, std::iter::once(id)).await?.remove(&id).unwrap_or_default();
    if known.received_minor + known.on_its_way_minor > 0 {
        return Err(Error::refused("refused-declared-paid"));
    }
    if parts::end(tx, by, &row, "cancel").await? {
        advance(tx, by, &row, "cancel", Note::act("")).await?;
    }
    Ok(())
}

/// Whether a plan still waits for a declaration of a year that is over.
///
/// # Errors
/// When the database cannot be read.
pub async fn waits(db: &impl ConnectionTrait, id: PledgePlanId, today: NaiveDate) -> Result<Vec<(i32, NaiveDate)>> {
    let plan = load(db, id).await?;
    let said = history(db, id).await?;
    let open = years(&plan).into_iter().filter(|(year, _)| *year < today.year());
    Ok(open.filter(|(year, _)| !said.iter().any(|row| row.year == *year)).collect())
}
