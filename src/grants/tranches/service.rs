//! What becomes of tranches: due by their gates, cut and cancelled with their award, waiting again when an account changes.

use super::rules::{self, Facts, Seen, next_due};
use crate::commons::events::Note;
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::core::money::Money;
use crate::core::plan::Gate;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::awards::rules as award_rules;
use crate::grants::needs;
use crate::grants::reports::rules::done;
use crate::ledger::recipes::{self, Sum, TranchePlace};
use crate::people::permission::{As, Context, Permission};
use chrono::NaiveDate;
use entities::kinds::{
    AwardId, EvaluationKind, EvaluationStage, OrganisationId, PaymentId, PaymentOutcome, ReportKind, TrancheId,
    TrancheStage,
};
use entities::{award, call, evaluation, need, payment, report, tranche};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// Tranches an award may have at most.
const MOST: i32 = 24;

/// A tranche with the award it belongs to.
#[derive(Debug, Clone)]
pub struct Part {
    /// The tranche.
    pub tranche: tranche::Model,
    /// Its award.
    pub award: award::Model,
}

impl Part {
    /// Where its money is in the books.
    pub fn place(&self) -> TranchePlace {
        TranchePlace {
            fund: self.award.fund_id,
            award: self.award.id,
            item: self.award.item_id,
            tranche: self.tranche.id,
        }
    }

    /// Its amount on a day.
    pub fn sum(&self, on: NaiveDate) -> Sum {
        Sum { amount_minor: self.tranche.amount_minor, currency: self.tranche.currency, on }
    }

    /// Its amount in figures, for letters.
    pub fn figures(&self) -> String {
        figures(self.tranche.amount_minor, &self.award)
    }

    /// Its page.
    pub fn link(&self) -> String {
        format!("/tranches/{}", self.tranche.id)
    }
}

/// An amount of an award in figures that read the same in both languages.
pub fn figures(minor: i64, award: &award::Model) -> String {
    Money::new(minor, award.currency.0).format("en")
}

/// A tranche with its award.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: TrancheId) -> Result<Part> {
    let tranche = tranche::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let award = award::Entity::find_by_id(tranche.award_id).one(db).await?.ok_or(Error::NotFound)?;
    Ok(Part { tranche, award })
}

/// The tranches of an award in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_award(db: &impl ConnectionTrait, award: AwardId) -> Result<Vec<tranche::Model>> {
    Ok(tranche::Entity::find()
        .filter(tranche::Column::AwardId.eq(award))
        .order_by_asc(tranche::Column::Ordinal)
        .all(db)
        .await?)
}

/// The payment under way for a tranche.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_payment(db: &impl ConnectionTrait, tranche: TrancheId) -> Result<Option<payment::Model>> {
    Ok(payment::Entity::find()
        .filter(payment::Column::TrancheId.eq(tranche))
        .filter(payment::Column::Outcome.is_null())
        .one(db)
        .await?)
}

/// The attempts to pay a tranche, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn payments_of(db: &impl ConnectionTrait, tranche: TrancheId) -> Result<Vec<payment::Model>> {
    Ok(payment::Entity::find()
        .filter(payment::Column::TrancheId.eq(tranche))
        .order_by_desc(payment::Column::Id)
        .limit(20)
        .all(db)
        .await?)
}

/// The gates of a tranche; what cannot be read is our own fault and opens nothing.
///
/// # Errors
/// When the plan cannot be read.
pub fn gates(tranche: &tranche::Model) -> Result<Vec<Gate>> {
    Ok(serde_json::from_value(tranche.gates.clone())?)
}

/// What holds for the gates of an award now.
///
/// # Errors
/// When the database cannot be read.
pub async fn facts(db: &impl ConnectionTrait, award: &award::Model) -> Result<Facts> {
    let reports = report::Entity::find().filter(report::Column::AwardId.eq(award.id)).all(db).await?;
    let evaluations = evaluation::Entity::find()
        .filter(evaluation::Column::AwardId.eq(award.id))
        .filter(evaluation::Column::Kind.eq(EvaluationKind::MidTerm))
        .filter(evaluation::Column::Stage.eq(EvaluationStage::Published))
        .all(db)
        .await?;
    let accepted = |kind: ReportKind| {
        let mut of_kind = reports.iter().filter(|row| row.kind == kind).peekable();
        of_kind.peek().is_some() && of_kind.all(|row| done(row.stage))
    };
    Ok(Facts {
        signed: award.grantee_signed_at.is_some() && award.foundation_signed_at.is_some(),
        consents: consents(db, award).await?,
        mid_term_report: accepted(ReportKind::MidTerm),
        mid_term_evaluation: evaluations.iter().any(|row| row.score.is_some_and(|score| score >= row.pass_mark)),
        final_report: accepted(ReportKind::Final),
    })
}

async fn consents(db: &impl ConnectionTrait, award: &award::Model) -> Result<bool> {
    let call = call::Entity::find_by_id(award.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let Some(id) = call.need_id else { return Ok(true) };
    let need = need::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    if !need.consents_required {
        return Ok(true);
    }
    let (given, asked) = needs::service::consent_count(db, id).await?;
    Ok(asked > 0 && given == asked)
}

/// Looks at the gates of an award's planned tranches again and makes those due whose gates are met. Called after signatures,
/// consents, accepted reports and published evaluations. Two of them at once come one after the other here, so that the second
/// sees what the first did.
///
/// # Errors
/// When the database refuses.
pub async fn gates_changed<P: Permission>(tx: &Tx, by: &As<P>, award: AwardId) -> Result<()> {
    let award = crate::grants::awards::service::locked(tx, award).await?;
    if !award_rules::payable(award.stage) {
        return Ok(());
    }
    let tranches = of_award(tx, award.id).await?;
    let mut seen = Vec::with_capacity(tranches.len());
    for row in &tranches {
        seen.push(Seen { stage: row.stage, gates: gates(row)? });
    }
    let facts = facts(tx, &award).await?;
    let Some(next) = next_due(&seen, facts, award.allowable_cost_minor.is_some()) else { return Ok(()) };
    let Some(tranche) = tranches.into_iter().nth(next) else { return Ok(()) };
    fall_due(tx, by, Part { tranche, award }).await
}

async fn fall_due<P: Permission>(tx: &Tx, by: &As<P>, part: Part) -> Result<()> {
    let system = Context::system(by.edges.clone());
    let today = by.day_of(tx.now());
    let turn = part.tranche.version.to_string();
    recipes::tranche_due(tx, &system, part.place(), part.sum(today), &turn).await?;
    advance(tx, &system, &part.tranche, "fall-due", Note::act("")).await?;
    touch(tx, &part.tranche, Some(today)).await?;
    tell(tx, &part, "tranche-due").await
}

/// What came back of a paid tranche is taken off it.
pub(super) async fn take_off<P: Permission>(tx: &Tx, by: &As<P>, part: &Part, amount_minor: i64) -> Result<()> {
    let row = &part.tranche;
    let change = tranche::ActiveModel {
        id: Set(row.id),
        amount_minor: Set(row.amount_minor - amount_minor),
        version: Set(row.version + 1),
        ..Default::default()
    };
    tranche::Entity::update(change).exec(tx).await?;
    let data = serde_json::json!({ "from_minor": row.amount_minor, "to_minor": row.amount_minor - amount_minor });
    let note = Note::act("return-part").with(data);
    crate::commons::events::record(tx, by, entities::kinds::Subject::Tranche, row.id.0, note).await
}

/// What came back of a paid tranche becomes the award's last tranche, due at once.
pub(super) async fn again_due<P: Permission>(tx: &Tx, by: &As<P>, part: &Part, amount_minor: i64) -> Result<()> {
    let last = of_award(tx, part.award.id).await?.last().map_or(0, |last| last.ordinal);
    if last >= MOST {
        return Err(Error::refused("refused-returned-no-room"));
    }
    let again = tranche::ActiveModel {
        award_id: Set(part.award.id),
        ordinal: Set(last + 1),
        planned_minor: Set(amount_minor),
        amount_minor: Set(amount_minor),
        currency: Set(part.tranche.currency),
        gates: Set(serde_json::json!([])),
        stage: Set(TrancheStage::Planned),
        version: Set(1),
        ..Default::default()
    };
    let again = tranche::Entity::insert(again).exec_with_returning(tx).await?;
    fall_due(tx, by, Part { tranche: again, award: part.award.clone() }).await
}

/// Counts a save of a tranche and notes the day it fell due.
pub(super) async fn touch(tx: &Tx, row: &tranche::Model, due_on: Option<NaiveDate>) -> Result<()> {
    let change = tranche::ActiveModel {
        id: Set(row.id),
        version: Set(row.version + 1),
        due_on: Set(due_on.or(row.due_on)),
        ..Default::default()
    };
    tranche::Entity::update(change).exec(tx).await?;
    Ok(())
}

/// Writes to the grantee about a tranche.
pub(super) async fn tell(tx: &Tx, part: &Part, name: &str) -> Result<()> {
    let args = [
        ("title", part.award.title.clone()),
        ("ordinal", part.tranche.ordinal.to_string()),
        ("amount", part.figures()),
    ];
    letters::to_organisation(tx, part.award.organisation_id, name, &args, &part.link()).await
}

/// Ends a payment that was never sent: its approvals are void, and the next request makes a new one.
pub(super) async fn reject_payment(tx: &Tx, id: PaymentId, reason: &str) -> Result<()> {
    let done = payment::Entity::update_many()
        .col_expr(payment::Column::Outcome, Expr::value(PaymentOutcome::Rejected))
        .col_expr(payment::Column::EndedAt, Expr::value(tx.now()))
        .col_expr(payment::Column::Reason, Expr::value(reason))
        .filter(payment::Column::Id.eq(id))
        .filter(payment::Column::Outcome.is_null())
        .filter(payment::Column::PendingTransferId.is_null())
        .exec(tx)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
}

/// Voids an unsent payment and lets its tranche wait to be asked for again. Answers the tranche as it stands then.
async fn void<P: Permission>(tx: &Tx, by: &As<P>, part: Part, reason: &str) -> Result<Part> {
    if !rules::unsent(part.tranche.stage) {
        return Ok(part);
    }
    let open = open_payment(tx, part.tranche.id).await?.ok_or(Error::Stale)?;
    reject_payment(tx, open.id, reason).await?;
    let system = Context::system(by.edges.clone());
    advance(tx, &system, &part.tranche, "void", Note::act("").because(reason)).await?;
    touch(tx, &part.tranche, None).await?;
    load(tx, part.tranche.id).await
}

/// A payee account of the organisation was replaced or revoked: approvals of unsent payments fall, their tranches wait.
///
/// # Errors
/// When the database refuses.
pub async fn payee_changed<P: Permission>(tx: &Tx, by: &As<P>, organisation: OrganisationId) -> Result<()> {
    let awards = award::Entity::find()
        .select_only()
        .column(award::Column::Id)
        .filter(award::Column::OrganisationId.eq(organisation))
        .into_tuple::<AwardId>()
        .all(tx)
        .await?;
    let tranches = tranche::Entity::find()
        .filter(tranche::Column::AwardId.is_in(awards))
        .filter(tranche::Column::Stage.is_in([
            TrancheStage::Requested,
            TrancheStage::ProgrammeApproved,
            TrancheStage::FinancePrepared,
            TrancheStage::FinanceApproved,
            TrancheStage::Batched,
        ]))
        .all(tx)
        .await?;
    // An organisation has a handful of payments under way at most.
    for row in tranches {
        let part = void(tx, by, load(tx, row.id).await?, "payee-changed").await?;
        tell(tx, &part, "tranche-void").await?;
    }
    Ok(())
}

/// Cuts an award's unsent tranches so that it pays `total_minor` in all; a tranche cut to nothing is cancelled. What was paid
/// above it cannot be cut: the grantee owes it.
///
/// # Errors
/// When the database refuses.
pub async fn cut_to<P: Permission>(tx: &Tx, by: &As<P>, award: &award::Model, total_minor: i64) -> Result<()> {
    let rows: Vec<tranche::Model> =
        of_award(tx, award.id).await?.into_iter().filter(|row| row.stage != TrancheStage::Cancelled).collect();
    let amounts: Vec<(i64, bool)> = rows
        .iter()
        .map(|row| {
            let open = rules::unsent(row.stage) || matches!(row.stage, TrancheStage::Planned | TrancheStage::Due);
            (row.amount_minor, open)
        })
        .collect();
    let whole: i64 = amounts.iter().map(|(amount, _)| amount).sum();
    let (kept, _) = rules::cut(&amounts, whole - total_minor);
    for (row, kept) in rows.into_iter().zip(kept).filter(|(row, kept)| *kept != row.amount_minor) {
        let part = void(tx, by, Part { tranche: row, award: award.clone() }, "award-changed").await?;
        shrink(tx, by, part, kept).await?;
    }
    Ok(())
}

/// Cancels every tranche that was not sent; the money of those that were due is committed again.
///
/// # Errors
/// A refusal when a payment is on its way.
pub async fn cancel_unsent<P: Permission>(tx: &Tx, by: &As<P>, award: &award::Model) -> Result<()> {
    for row in of_award(tx, award.id).await? {
        match row.stage {
            TrancheStage::Paid | TrancheStage::Cancelled => {}
            TrancheStage::Sent => return Err(Error::refused("refused-payment-in-flight")),
            _ => {
                let part = void(tx, by, Part { tranche: row, award: award.clone() }, "award-terminated").await?;
                shrink(tx, by, part, 0).await?;
            }
        }
    }
    Ok(())
}

/// Cancels a tranche that is due: its money is committed again.
pub(super) async fn cancel<P: Permission>(tx: &Tx, by: &As<P>, part: Part) -> Result<()> {
    shrink(tx, by, part, 0).await
}

async fn shrink<P: Permission>(tx: &Tx, by: &As<P>, part: Part, kept_minor: i64) -> Result<()> {
    let row = &part.tranche;
    let system = Context::system(by.edges.clone());
    if rules::payable(row.stage) {
        let sum = Sum { amount_minor: row.amount_minor - kept_minor, ..part.sum(by.day_of(tx.now())) };
        recipes::tranche_reduced(tx, by, part.place(), sum, &row.version.to_string()).await?;
    }
    if kept_minor == 0 {
        advance(tx, &system, row, "cancel", Note::act("")).await?;
        return touch(tx, row, None).await;
    }
    let change = tranche::ActiveModel {
        id: Set(row.id),
        amount_minor: Set(kept_minor),
        version: Set(row.version + 1),
        ..Default::default()
    };
    tranche::Entity::update(change).exec(tx).await?;
    let data = serde_json::json!({ "from_minor": row.amount_minor, "to_minor": kept_minor });
    crate::commons::events::record(
        tx,
        &system,
        entities::kinds::Subject::Tranche,
        row.id.0,
        Note::act("reduce").with(data),
    )
    .await
}

/// What the clock brings: nothing; tranches move with signatures, reports, evaluations and payments.
///
/// # Errors
/// Never.
pub async fn tick(_edges: &Arc<Edges>) -> Result<()> {
    Ok(())
}
