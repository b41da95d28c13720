//! A payment before it is sent: asked for by the payee, approved by the programme, prepared by finance, checked by others.
//!
//! Every step is another person, none of them the payee's, and each looks again at credit lists, holds and the account.

use super::service::{Part, facts, gates, load, open_payment, reject_payment, tell, touch};
use crate::commons::documents::{self, Kept};
use crate::commons::events::{self, Note};
use crate::commons::lives::{advance, permitted};
use crate::commons::{holds, letters, policies};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::awards::{rules as award_rules, separation};
use crate::people::permission::{Approver, As, Context, Finance, Officer, Permission, Signatory};
use crate::people::roles;
use crate::people::{payees, records};
use entities::kinds::{AwardStage, DocumentPurpose, PaymentId, PersonId, Role, Subject, TrancheId, TrancheStage};
use entities::{award, payee_account, payment};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

/// The payee asks for a tranche that is due, with its payment request when there is one on paper.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's tranche; refusals by stage, hold, credit list and account.
pub async fn request(by: &As<Signatory>, id: TrancheId, paper: Option<&Kept>) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let part = load(tx, id).await?;
        if part.award.organisation_id != by.permission().organisation() {
            return Err(Error::NotFound);
        }
        if part.tranche.stage == TrancheStage::Planned {
            return Err(Error::refused("refused-tranche-gates"));
        }
        payable_now(tx, by, &part).await?;
        by.saw(part.tranche.version)?;
        let account = account_now(tx, &part).await?;
        let document = match paper {
            Some(kept) => {
                let payee = Some(part.award.organisation_id);
                Some(documents::file(tx, by, kept, DocumentPurpose::PaymentRequest, payee).await?)
            }
            None => None,
        };
        advance(tx, by, &part.tranche, "request", Note::act("")).await?;
        touch(tx, &part.tranche, None).await?;
        let row = payment::ActiveModel {
            tranche_id: Set(id),
            amount_minor: Set(part.tranche.amount_minor),
            currency: Set(part.tranche.currency),
            payee_account_id: Set(account.id),
            payee_entered_by: Set(account.entered_by),
            request_document_id: Set(document),
            requested_by: Set(by.person()?),
            requested_at: Set(tx.now()),
            third_required: Set(third_required(tx, by, &part).await?),
            reason: Set(String::new()),
            ..Default::default()
        };
        payment::Entity::insert(row).exec_without_returning(tx).await?;
        let change = award::ActiveModel {
            id: Set(part.award.id),
            payee_account_id: Set(Some(account.id)),
            ..Default::default()
        };
        award::Entity::update(change).exec(tx).await?;
        let args = [("title", part.award.title.clone()), ("amount", part.figures())];
        letters::to_role(tx, Role::ProgrammeOfficer, "tranche-requested", &args, &part.link()).await
    })
    .await
}

async fn third_required(tx: &Tx, by: &Context, part: &Part) -> Result<bool> {
    let policy = policies::on(tx, by.day_of(tx.now())).await?;
    Ok(part.tranche.amount_minor >= policy.third_approval_minor)
}

/// The officer confirms that the work behind the tranche is as agreed.
///
/// # Errors
/// [`Error::Forbidden`] for the payee's people and for reviewers; refusals as every step.
pub async fn approve_programme(by: &As<Officer>, id: TrancheId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let (part, open) = step(tx, by, id, "approve-programme").await?;
        separation::untouched(tx, by, &part.award).await?;
        advance(tx, by, &part.tranche, "approve-programme", Note::act("")).await?;
        touch(tx, &part.tranche, None).await?;
        sign(tx, open.id, payment::Column::ProgrammeBy, by.person()?, &[]).await?;
        waits_for(tx, &part, Role::FinanceOfficer, "tranche-prepare").await
    })
    .await
}

/// Finance prepares the payment.
///
/// # Errors
/// As [`approve_programme`].
pub async fn prepare(by: &As<Finance>, id: TrancheId) -> Result<()> {
    by.pay(|tx| async move {
        let tx = &tx;
        let (part, open) = step(tx, by, id, "prepare").await?;
        let third = open.third_required || third_required(tx, by, &part).await?;
        advance(tx, by, &part.tranche, "prepare", Note::act("")).await?;
        touch(tx, &part.tranche, None).await?;
        let more = [
            (payment::Column::PreparedAt, Expr::value(tx.now())),
            (payment::Column::ThirdRequired, Expr::value(third)),
        ];
        sign(tx, open.id, payment::Column::PreparedBy, by.person()?, &more).await?;
        waits_for(tx, &part, Role::Approver, "tranche-approve").await
    })
    .await
}

/// A different person approves what finance prepared. Above the threshold a third approval is still needed.
///
/// # Errors
/// As [`approve_programme`]; [`Error::Stale`] when somebody else approved first.
pub async fn approve(by: &As<Approver>, id: TrancheId) -> Result<()> {
    by.pay(|tx| async move {
        let tx = &tx;
        let (part, open) = step(tx, by, id, "approve").await?;
        separation::untouched(tx, by, &part.award).await?;
        let more = [(payment::Column::ApprovedAt, Expr::value(tx.now()))];
        if open.third_required {
            events::record(tx, by, Subject::Tranche, id.0, Note::act("approve")).await?;
        } else {
            advance(tx, by, &part.tranche, "approve", Note::act("")).await?;
        }
        touch(tx, &part.tranche, None).await?;
        sign(tx, open.id, payment::Column::ApprovedBy, by.person()?, &more).await?;
        let next = if open.third_required { Role::Approver } else { Role::FinanceOfficer };
        waits_for(tx, &part, next, "tranche-next").await
    })
    .await
}

/// A third person approves an amount from the threshold on.
///
/// # Errors
/// As [`approve`]; a refusal when the second approval is missing or a third is not needed.
pub async fn approve_third(by: &As<Approver>, id: TrancheId) -> Result<()> {
    by.pay(|tx| async move {
        let tx = &tx;
        let (part, open) = step(tx, by, id, "approve-third").await?;
        separation::untouched(tx, by, &part.award).await?;
        if !open.third_required || open.approved_by.is_none() {
            return Err(Error::refused("refused-stage"));
        }
        advance(tx, by, &part.tranche, "approve-third", Note::act("")).await?;
        touch(tx, &part.tranche, None).await?;
        sign(tx, open.id, payment::Column::ThirdBy, by.person()?, &[]).await?;
        waits_for(tx, &part, Role::FinanceOfficer, "tranche-next").await
    })
    .await
}

/// Anybody of staff whose step it could be sends an unsent payment back with a reason; all approvals fall.
///
/// # Errors
/// [`Error::Forbidden`] for the payee's people; a refusal once it was sent.
pub async fn reject<P: Permission>(by: &As<P>, id: TrancheId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let part = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &part.award).await?;
        by.saw(part.tranche.version)?;
        advance(tx, by, &part.tranche, "reject", Note::act("").because(reason)).await?;
        touch(tx, &part.tranche, None).await?;
        let open = open_payment(tx, id).await?.ok_or(Error::Stale)?;
        reject_payment(tx, open.id, reason).await?;
        tell(tx, &part, "tranche-rejected").await
    })
    .await
}

/// What every step before the bank looks at again: the stage, holds, credit lists, the account, and that the person is new.
pub(super) async fn step<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    id: TrancheId,
    act: &'static str,
) -> Result<(Part, payment::Model)> {
    let (part, open) = looked(tx, by, id, act).await?;
    // Every step counts the tranche's version: one that was sent back and prepared again is another payment.
    by.saw(part.tranche.version)?;
    Ok((part, open))
}

/// The same for whoever was shown a whole batch, not this tranche's page.
pub(super) async fn looked<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    id: TrancheId,
    act: &'static str,
) -> Result<(Part, payment::Model)> {
    let part = load(tx, id).await?;
    if matches!(act, "batch" | "send") && part.tranche.stage == TrancheStage::FinancePrepared {
        third_is_there(tx, id).await?;
    }
    permitted(&part.tranche, by, act)?;
    separation::outsider(tx, by.person()?, &part.award).await?;
    payable_now(tx, by, &part).await?;
    let open = open_payment(tx, id).await?.ok_or(Error::Stale)?;
    let account = account_now(tx, &part).await?;
    if account.id != open.payee_account_id || open.amount_minor != part.tranche.amount_minor {
        return Err(Error::refused("refused-payment-changed"));
    }
    if !matches!(act, "batch" | "send" | "open-fund") {
        a_new_person(tx, by, &open).await?;
    }
    Ok((part, open))
}

/// Above the threshold two approvals are not enough: whoever would send it is told so, and not that it is somewhere else.
async fn third_is_there(tx: &Tx, id: TrancheId) -> Result<()> {
    let open = open_payment(tx, id).await?.ok_or(Error::Stale)?;
    if open.third_required && open.approved_by.is_some() && open.third_by.is_none() {
        return Err(Error::refused("refused-payment-third"));
    }
    Ok(())
}

/// Nobody takes two steps of one payment, and neither who asked nor who entered the account takes any.
async fn a_new_person(tx: &Tx, by: &Context, open: &payment::Model) -> Result<()> {
    not_the_payee(tx, by, open).await?;
    roles::apart(tx, by, &[open.programme_by, open.prepared_by, open.approved_by, open.third_by]).await
}

/// Who asked for the money or entered its account is on the other side of the table, and so is their deputy.
pub(super) async fn not_the_payee(tx: &Tx, by: &Context, open: &payment::Model) -> Result<()> {
    let theirs = [Some(open.requested_by), Some(open.payee_entered_by)];
    if roles::one_of(tx, by.person()?, &theirs, by.edges.today()).await? {
        return Err(Error::Forbidden("forbidden-payment-requester"));
    }
    Ok(())
}

/// Whether money may leave for this tranche today: a gate that was met when it fell due may be shut again, as by a consent
/// that was withdrawn.
async fn payable_now(tx: &Tx, by: &Context, part: &Part) -> Result<()> {
    if part.award.stage == AwardStage::Suspended {
        return Err(Error::refused("refused-payment-suspended"));
    }
    if !award_rules::payable(part.award.stage) {
        return Err(Error::refused("refused-award-not-active"));
    }
    // What is paid after the end is paid for a report that was accepted; before that an extension is asked for.
    let over = part.award.ends_on.is_some_and(|day| day < by.day_of(tx.now()));
    if over && part.award.stage == AwardStage::Active {
        return Err(Error::refused("refused-payment-agreement-over"));
    }
    let facts = facts(tx, &part.award).await?;
    if !gates(&part.tranche)?.into_iter().all(|gate| facts.met(gate)) {
        return Err(Error::refused("refused-tranche-gates"));
    }
    let award = &part.award;
    let things = [
        (Subject::Tranche, part.tranche.id.0),
        (Subject::Award, award.id.0),
        (Subject::Fund, award.fund_id.0),
        (Subject::Organisation, award.organisation_id.0),
    ];
    holds::none(tx, by, &things).await?;
    if !records::listed(tx, &[award.organisation_id], by.day_of(tx.now())).await?.is_empty() {
        return Err(Error::refused("refused-payment-credit-list"));
    }
    Ok(())
}

/// Whether an organisation is on a credit list on a day.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn account_now(tx: &Tx, part: &Part) -> Result<payee_account::Model> {
    let account = payees::usable(tx, part.award.organisation_id)
        .await?
        .filter(|account| account.currency == part.tranche.currency)
        .ok_or(Error::refused("refused-no-payee-account"))?;
    if !holds::standing(tx, Subject::PayeeAccount, account.id.0).await?.is_empty() {
        return Err(Error::refused("refused-no-payee-account"));
    }
    Ok(account)
}

/// Writes a person's step into the payment, once: a second click or a second person finds it taken.
async fn sign(
    tx: &Tx,
    id: PaymentId,
    column: payment::Column,
    person: PersonId,
    more: &[(payment::Column, SimpleExpr)],
) -> Result<()> {
    let mut change = payment::Entity::update_many().col_expr(column, Expr::value(person));
    for (also, value) in more {
        change = change.col_expr(*also, value.clone());
    }
    let done = change
        .filter(payment::Column::Id.eq(id))
        .filter(payment::Column::Outcome.is_null())
        .filter(column.is_null())
        .exec(tx)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
}

async fn waits_for(tx: &Tx, part: &Part, role: Role, name: &str) -> Result<()> {
    let args = [("title", part.award.title.clone()), ("amount", part.figures())];
    letters::to_role(tx, role, name, &args, &part.link()).await
}
