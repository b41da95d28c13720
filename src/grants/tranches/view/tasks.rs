//! What waits for the reader among tranches.

use super::super::service;
use crate::core::lifecycle;
use crate::error::Result;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::parts::Task;
use entities::kinds::{AwardKind, PaymentId, ProposalKind, ProposalStage, Role, TrancheId, TrancheStage};
use entities::{award, payment, payment_batch_line, proposal, tranche};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Tasks shown.
const TASKS: u64 = 20;

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let db = context.edges.db.read();
    let mut stages = Vec::new();
    for (role, of) in [
        (Role::ProgrammeOfficer, &[TrancheStage::Requested][..]),
        (
            Role::FinanceOfficer,
            &[
                TrancheStage::ProgrammeApproved,
                TrancheStage::FinanceApproved,
                TrancheStage::Batched,
                TrancheStage::Sent,
            ][..],
        ),
        (Role::Approver, &[TrancheStage::FinancePrepared][..]),
    ] {
        if context.actor.has(role) {
            stages.extend_from_slice(of);
        }
    }
    let signs = context.actor.memberships.iter().filter(|row| row.role == entities::kinds::MemberRole::Signatory);
    let mine: Vec<_> = signs.map(|row| row.organisation_id).collect();
    let own = award::Entity::find()
        .select_only()
        .column(award::Column::Id)
        .filter(award::Column::OrganisationId.is_in(mine))
        .order_by_desc(award::Column::Id)
        .limit(200)
        .into_tuple::<entities::kinds::AwardId>()
        .all(db)
        .await?;
    let due =
        Condition::all().add(tranche::Column::Stage.eq(TrancheStage::Due)).add(tranche::Column::AwardId.is_in(own));
    let rows = tranche::Entity::find()
        .filter(Condition::any().add(tranche::Column::Stage.is_in(stages)).add(due))
        .order_by_asc(tranche::Column::DueOn)
        .order_by_asc(tranche::Column::Id)
        .limit(TASKS)
        .all(db)
        .await?;
    let mut tasks = tasks(context, rows).await?;
    if context.actor.has(Role::Approver) {
        tasks.extend(said(context).await?);
    }
    Ok(tasks)
}

/// What finance said the bank tells against a payment, for another to confirm.
async fn said(context: &Context) -> Result<Vec<Task>> {
    let db = context.edges.db.read();
    let open = proposal::Entity::find()
        .filter(proposal::Column::Kind.eq(ProposalKind::BankStatement))
        .filter(proposal::Column::Stage.eq(ProposalStage::Open))
        .filter(proposal::Column::ProposedBy.ne(context.actor.person.map_or(0, |person| person.0)))
        .order_by_asc(proposal::Column::Id)
        .limit(TASKS)
        .all(db)
        .await?;
    let mut tasks = Vec::new();
    for row in open {
        let part = service::load(db, TrancheId(row.subject_id)).await?;
        let amount = context.money(part.tranche.amount_minor, part.tranche.currency);
        tasks.push(Task {
            href: format!("{}/confirm-said", part.link()),
            title: context.t_with("act-tranche-confirm-said-title", &[("amount", &amount)]),
            detail: part.award.title,
            chip: context.day(context.day_of(row.proposed_at)),
            tone: "wait",
        });
    }
    Ok(tasks)
}

async fn tasks(context: &Context, rows: Vec<tranche::Model>) -> Result<Vec<Task>> {
    let db = context.edges.db.read();
    let awards =
        award::Entity::find().filter(award::Column::Id.is_in(rows.iter().map(|row| row.award_id))).all(db).await?;
    let payments = payment::Entity::find()
        .filter(payment::Column::TrancheId.is_in(rows.iter().map(|row| row.id)))
        .filter(payment::Column::Outcome.is_null())
        .all(db)
        .await?;
    let batched: Vec<PaymentId> = payment_batch_line::Entity::find()
        .select_only()
        .column(payment_batch_line::Column::PaymentId)
        .filter(payment_batch_line::Column::PaymentId.is_in(payments.iter().map(|row| row.id)))
        .filter(payment_batch_line::Column::LeftAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    let payees = organisations::names(context, awards.iter().map(|award| award.organisation_id)).await?;
    let mut tasks = Vec::new();
    for row in rows {
        let Some(award) = awards.iter().find(|award| award.id == row.award_id) else { continue };
        let open = payments.iter().find(|payment| payment.tranche_id == row.id);
        // What is in a batch waits with its batch.
        if row.stage == TrancheStage::Batched && open.is_some_and(|open| batched.contains(&open.id)) {
            continue;
        }
        let Some(act) = next(context, award, &row, open) else { continue };
        let amount = context.money(row.amount_minor, row.currency);
        let payee = payees.get(&award.organisation_id).map(String::as_str).unwrap_or_default();
        let args = [("amount", amount.as_str()), ("payee", payee), ("title", award.title.as_str())];
        tasks.push(Task {
            href: format!("/tranches/{}/{act}", row.id),
            title: context.t_with(&format!("act-tranche-{act}-title"), &args),
            detail: format!("{} · {payee}", award.title),
            chip: row
                .due_on
                .map(|day| context.t_with("tranche-since", &[("day", &context.day(day))]))
                .unwrap_or_default(),
            tone: "wait",
        });
    }
    Ok(tasks)
}

/// The step that waits for the reader, if it is theirs to take.
fn next(
    context: &Context,
    award: &award::Model,
    row: &tranche::Model,
    open: Option<&payment::Model>,
) -> Option<&'static str> {
    let me = context.actor.person;
    let parts = context.actor.parts(Some(award.organisation_id));
    let has = |part: lifecycle::Part| parts.contains(&part);
    let took = |open: &payment::Model| {
        [open.programme_by, open.prepared_by, open.approved_by, open.third_by, Some(open.requested_by)].contains(&me)
    };
    match (row.stage, open) {
        (TrancheStage::Due, None) if has(lifecycle::Part::Signatory) => Some("request"),
        (TrancheStage::Requested, Some(open)) if has(lifecycle::Part::Officer) && !took(open) => {
            Some("approve-programme")
        }
        (TrancheStage::ProgrammeApproved, Some(open)) if has(lifecycle::Part::Finance) && !took(open) => {
            Some("prepare")
        }
        (TrancheStage::FinancePrepared, Some(open)) if has(lifecycle::Part::Approver) && !took(open) => {
            Some(if open.approved_by.is_none() { "approve" } else { "approve-third" })
        }
        (TrancheStage::FinanceApproved, _) if has(lifecycle::Part::Finance) => Some("batch"),
        (TrancheStage::Batched, _) if has(lifecycle::Part::Finance) => {
            Some(if award.kind == AwardKind::SeedFund { "open-fund" } else { "send" })
        }
        (TrancheStage::Sent, Some(open)) if has(lifecycle::Part::Finance) && open.prepared_by != me => Some("confirm"),
        _ => None,
    }
}
