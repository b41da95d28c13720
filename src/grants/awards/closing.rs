//! Closing an award: the allowable cost, the checklist the ledger answers, the release of what is left, the residue decision.

use super::rules::Pair;
use super::service::{home, load, locked, paid, tell};
use super::{repayments, separation};
use crate::commons::events::{self, Note};
use crate::commons::lives::{advance_with, permitted};
use crate::commons::{holds, letters, policies, proposals};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::needs;
use crate::grants::tranches::service as tranches;
use crate::ledger::accounts::Account;
use crate::ledger::{balances, recipes};
use crate::people::permission::{Approver, As, Context, Finance, Officer, Permission};
use chrono::Months;
use entities::kinds::{
    AwardId, AwardStage, ChangeStage, ProposalKind, ReportKind, ReportStage, Role, Subject, TrancheStage,
};
use entities::{award, call, change_request, report, residue_decision, tranche};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Allowable {
    allowable_minor: i64,
}

/// Finance proposes the allowable cost.
///
/// # Errors
/// Refusals: a payment under way that is more, raised after it was confirmed, the stage.
pub async fn propose_allowable(by: &As<Finance>, id: AwardId, allowable_minor: i64) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        allowable_fits(tx, &row, allowable_minor).await?;
        let told = Allowable { allowable_minor };
        proposals::propose(tx, by, ProposalKind::AllowableCost, Subject::Award, id.0, &told).await?;
        let args = [("title", row.title.clone())];
        letters::to_role(tx, Role::Approver, "award-allowable", &args, &format!("/awards/{id}")).await
    })
    .await
}

async fn allowable_fits(tx: &Tx, row: &award::Model, allowable_minor: i64) -> Result<()> {
    if !super::rules::payable(row.stage) {
        return Err(Error::refused("refused-award-not-active"));
    }
    if row.allowable_cost_minor.is_some_and(|before| allowable_minor > before) {
        return Err(Error::field("amount", "refused-allowable-raised"));
    }
    let under_way: i64 = tranches::of_award(tx, row.id)
        .await?
        .iter()
        .filter(|tranche| tranche.stage == TrancheStage::Sent)
        .map(|tranche| tranche.amount_minor)
        .sum();
    // What is paid above it the grantee sends back; what is on its way may still fail, so that is waited for.
    if under_way > 0 && allowable_minor < paid(tx, row.id).await? + under_way {
        return Err(Error::refused("refused-payment-in-flight"));
    }
    Ok(())
}

/// A different person confirms the allowable cost: the award pays the lesser, so its last tranches are cut. Where more is paid
/// already, the grantee owes the difference.
///
/// # Errors
/// [`Error::Forbidden`] for the proposer, reviewers and the grantee's people.
pub async fn confirm_allowable(by: &As<Approver>, id: AwardId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = locked(tx, id).await?;
        separation::untouched(tx, by, &row).await?;
        let told: Allowable = proposals::confirm(tx, by, ProposalKind::AllowableCost, Subject::Award, id.0).await?;
        allowable_fits(tx, &row, told.allowable_minor).await?;
        let pays = told.allowable_minor.min(row.amount_minor);
        tranches::cut_to(tx, by, &row, pays).await?;
        let change = award::ActiveModel {
            id: Set(id),
            allowable_cost_minor: Set(Some(pays)),
            allowable_by: Set(Some(by.person()?)),
            version: Set(row.version + 1),
            ..Default::default()
        };
        award::Entity::update(change).exec(tx).await?;
        tell(tx, &row, "award-allowable-confirmed", "").await?;
        tranches::gates_changed(tx, by, id).await
    })
    .await
}

/// What must hold before an award is closed, each point answered from the rows and the ledger.
///
/// # Errors
/// When the database cannot be read.
pub async fn checklist(db: &impl ConnectionTrait, row: &award::Model) -> Result<Vec<(&'static str, bool)>> {
    let rows = tranches::of_award(db, row.id).await?;
    let over = rows.iter().all(|t| matches!(t.stage, TrancheStage::Paid | TrancheStage::Cancelled));
    let (payable, held) = owed(db, row, &rows).await?;
    let changes = change_request::Entity::find()
        .filter(change_request::Column::AwardId.eq(row.id))
        .filter(change_request::Column::Stage.is_not_in([ChangeStage::Declined, ChangeStage::Applied]))
        .count(db)
        .await?;
    let holds = holds::standing(db, Subject::Award, row.id.0).await?;
    let settled = repayments::owed(db, row).await? == 0;
    let mut points = if row.stage == AwardStage::Terminated {
        vec![("clawback", settled)]
    } else {
        vec![
            ("final-report", tranches::facts(db, row).await?.final_report),
            ("allowable", row.allowable_cost_minor.is_some()),
            ("repaid", settled),
        ]
    };
    points.extend([
        ("final-tranche", over),
        ("nothing-payable", payable == 0),
        ("nothing-held", held == 0),
        ("no-open-change", changes == 0),
        ("no-open-hold", holds.is_empty()),
    ]);
    Ok(points)
}

/// Payable and held on an award's tranches. An award has at most 24 tranches.
async fn owed(db: &impl ConnectionTrait, row: &award::Model, rows: &[tranche::Model]) -> Result<(i64, i64)> {
    let (mut payable, mut held) = (0, 0);
    for tranche in rows {
        let account = Account::AwardPayable(tranche.id);
        let posted = balances::posted(db, account, row.currency).await?;
        payable += posted;
        held += posted - balances::available(db, account, row.currency).await?;
    }
    Ok((payable, held))
}

#[derive(Debug, Serialize, Deserialize)]
struct Nothing {}

/// An officer proposes to close an award whose checklist holds.
///
/// # Errors
/// `refused-award-checklist` naming the first point that does not hold.
pub async fn propose_close(by: &As<Officer>, id: AwardId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        permitted(&row, by, "close")?;
        all_hold(tx, &row).await?;
        proposals::propose(tx, by, ProposalKind::Closing, Subject::Award, id.0, &Nothing {}).await?;
        let args = [("title", row.title.clone())];
        letters::to_role(tx, Role::FinanceOfficer, "award-close", &args, &format!("/awards/{id}")).await
    })
    .await
}

async fn all_hold(tx: &Tx, row: &award::Model) -> Result<()> {
    if checklist(tx, row).await?.iter().all(|(_, ok)| *ok) {
        Ok(())
    } else {
        Err(Error::refused("refused-award-checklist"))
    }
}

/// Finance, a different person, closes the award: what is still committed is the fund's again, and what becomes of it is due.
///
/// # Errors
/// As [`propose_close`]; [`Error::Forbidden`] for the proposer.
pub async fn confirm_close(by: &As<Finance>, id: AwardId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = locked(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        let first = proposals::open(tx, ProposalKind::Closing, Subject::Award, id.0).await?.ok_or(Error::NotFound)?;
        let Nothing {} = proposals::confirm(tx, by, ProposalKind::Closing, Subject::Award, id.0).await?;
        all_hold(tx, &row).await?;
        let left = release_rest(tx, by, &row, "closed").await?;
        let closed = [
            (award::Column::ClosedBy, first.proposed_by.into()),
            (award::Column::ClosedFinanceBy, by.person()?.into()),
            (award::Column::ClosedAt, tx.now().into()),
            (award::Column::Version, (row.version + 1).into()),
        ];
        advance_with(tx, by, &row, ("close", &closed), Note::act("")).await?;
        if left > 0 {
            residue_due(tx, by, &row, left).await?;
        }
        meet_need(tx, by, &row).await?;
        tell(tx, &row, "award-closed", "").await
    })
    .await
}

/// Gives back what is committed and not payable. Answers how much. `turn` tells this time from others.
///
/// # Errors
/// When no fund takes it.
pub async fn release_rest<P: Permission>(tx: &Tx, by: &As<P>, row: &award::Model, turn: &str) -> Result<i64> {
    let left = balances::available(tx, Account::AwardCommitted(row.item_id), row.currency).await?;
    if left > 0 {
        let sum = recipes::Sum { amount_minor: left, currency: row.currency, on: by.day_of(tx.now()) };
        recipes::released(tx, by, row.item_id, home(tx, row.fund_id).await?, Some(row.id), sum, turn).await?;
    }
    Ok(left)
}

async fn residue_due(tx: &Tx, by: &Context, row: &award::Model, amount_minor: i64) -> Result<()> {
    let today = by.day_of(tx.now());
    let months = u32::try_from(policies::on(tx, today).await?.residue_months).unwrap_or(0);
    let decision = residue_decision::ActiveModel {
        award_id: Set(Some(row.id)),
        amount_minor: Set(amount_minor),
        currency: Set(row.currency),
        decision: Set(String::new()),
        due_on: Set(today.checked_add_months(Months::new(months)).unwrap_or(today)),
        ..Default::default()
    };
    residue_decision::Entity::insert(decision).exec_without_returning(tx).await?;
    Ok(())
}

async fn meet_need(tx: &Tx, by: &Context, row: &award::Model) -> Result<()> {
    let call = call::Entity::find_by_id(row.call_id).one(tx).await?.ok_or(Error::NotFound)?;
    let accepted = report::Entity::find()
        .filter(report::Column::AwardId.eq(row.id))
        .filter(report::Column::Kind.eq(ReportKind::Final))
        .filter(report::Column::Stage.eq(ReportStage::Accepted))
        .count(tx)
        .await?;
    match call.need_id.filter(|_| accepted > 0) {
        Some(need) => needs::service::meet(tx, &Context::system(by.edges.clone()), need).await,
        None => Ok(()),
    }
}

/// The residue decision of an award.
///
/// # Errors
/// When the database cannot be read.
pub async fn residue(db: &impl ConnectionTrait, id: AwardId) -> Result<Option<residue_decision::Model>> {
    Ok(residue_decision::Entity::find().filter(residue_decision::Column::AwardId.eq(id)).one(db).await?)
}

#[derive(Debug, Serialize, Deserialize)]
struct Residue {
    decision: String,
}

/// An officer proposes what becomes of the residue.
///
/// # Errors
/// [`Error::NotFound`] when nothing was left or it is decided.
pub async fn propose_residue(by: &As<Officer>, id: AwardId, decision: &str) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        residue(tx, id).await?.filter(|row| row.published_at.is_none()).ok_or(Error::NotFound)?;
        let told = Residue { decision: decision.to_owned() };
        proposals::propose(tx, by, ProposalKind::Residue, Subject::Award, id.0, &told).await?;
        let args = [("title", row.title.clone())];
        letters::to_role(tx, Role::Approver, "award-residue", &args, &format!("/awards/{id}")).await
    })
    .await
}

/// A different person confirms the residue decision, which is public from then on.
///
/// # Errors
/// [`Error::Forbidden`] for the proposer, reviewers and the grantee's people.
pub async fn confirm_residue(by: &As<Approver>, id: AwardId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::untouched(tx, by, &row).await?;
        let first = proposals::open(tx, ProposalKind::Residue, Subject::Award, id.0).await?.ok_or(Error::NotFound)?;
        let told: Residue = proposals::confirm(tx, by, ProposalKind::Residue, Subject::Award, id.0).await?;
        let due = residue(tx, id).await?.ok_or(Error::NotFound)?;
        let change = residue_decision::ActiveModel {
            id: Set(due.id),
            decision: Set(told.decision),
            proposed_by: Set(Some(first.proposed_by)),
            decided_by: Set(Some(by.person()?)),
            published_at: Set(Some(tx.now())),
            ..Default::default()
        };
        residue_decision::Entity::update(change).exec(tx).await?;
        events::record(tx, by, Subject::Award, id.0, Note::act("publish-residue")).await
    })
    .await
}

/// Declines an open proposal about an award, or takes one's own back.
///
/// # Errors
/// [`Error::NotFound`] when none is open; [`Error::Forbidden`] for parts that neither propose nor confirm it.
pub async fn decline_proposal<P: Permission>(by: &As<P>, id: AwardId, pair: &Pair, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        let open = proposals::open(tx, pair.kind, Subject::Award, id.0).await?.ok_or(Error::NotFound)?;
        let own = P::PART == pair.first && open.proposed_by == by.person()?;
        if !own && P::PART != pair.second {
            return Err(Error::Forbidden("forbidden-part"));
        }
        proposals::decline(tx, by, pair.kind, Subject::Award, id.0, reason).await?;
        if own {
            return Ok(());
        }
        let args = [("title", row.title.clone()), ("reason", reason.to_owned())];
        letters::to_person(tx, open.proposed_by, "award-not-confirmed", &args, &format!("/awards/{id}")).await
    })
    .await
}
