//! What the bank says against a payment: it failed, or its money came back, wholly or in part.
//!
//! One finance officer says so with the bank's line; an approver who neither prepared nor sent the payment confirms it. Until
//! then the tranche stays where it is: a single word that the money never left would have it paid a second time.

use super::approvals::not_the_payee;
use super::bank::sent;
use super::service::{self, Part, load, tell, touch};
use crate::commons::documents::{self, Kept};
use crate::commons::events::Note;
use crate::commons::lives::{advance, permitted};
use crate::commons::{letters, proposals};
use crate::core::lifecycle::Part as Side;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::awards::service as awards;
use crate::grants::awards::{closing, repayments, rules as award_rules, separation};
use crate::ledger::lines::{self, Moved};
use crate::ledger::recipes;
use crate::people::permission::{Approver, As, Context, Finance, Permission};
use crate::people::{payees, roles};
use entities::kinds::{
    AwardKind, DocumentId, DocumentPurpose, PaymentId, PaymentOutcome, ProposalKind, Role, Subject, TrancheId,
};
use entities::payment;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

/// What happened to a payment at the bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// The bank did not pay, and why.
    Failed(String),
    /// The whole came back.
    Returned,
    /// So much came back, in minor units.
    ReturnedInPart(i64),
}

impl Fate {
    /// The act of the lifecycle that it is.
    const fn act(&self) -> &'static str {
        match self {
            Self::Failed(_) => "fail",
            Self::Returned | Self::ReturnedInPart(_) => "return",
        }
    }

    /// What the line that says so must have moved.
    const fn moved(&self, part: &Part) -> Moved {
        let amount_minor = match self {
            Self::Failed(_) => 0,
            Self::Returned => part.tranche.amount_minor,
            Self::ReturnedInPart(amount_minor) => *amount_minor,
        };
        Moved { amount_minor, currency: part.tranche.currency }
    }
}

/// What is fixed when it is said.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Said {
    /// What happened.
    pub fate: Fate,
    /// The bank's mark of the line that says so.
    pub bank_line: String,
    /// The bank's slip, where there is one.
    pub slip: Option<DocumentId>,
    /// To which payment.
    pub payment: PaymentId,
}

/// What was said of a tranche's payment and waits to be confirmed.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(db: &impl ConnectionTrait, id: TrancheId) -> Result<Option<entities::proposal::Model>> {
    proposals::open(db, ProposalKind::BankStatement, Subject::Tranche, id.0).await
}

/// Finance says what the statement shows against a payment.
///
/// # Errors
/// Refusals: by stage, the line used before, something said already; by the field an amount that is no part.
pub async fn say(by: &As<Finance>, id: TrancheId, fate: &Fate, bank_line: &str, slip: Option<&Kept>) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let part = load(tx, id).await?;
        permitted(&part.tranche, by, fate.act())?;
        separation::outsider(tx, by.person()?, &part.award).await?;
        by.saw(part.tranche.version)?;
        let payment = concerned(tx, &part, fate, bank_line).await?.id;
        let slip = match slip {
            Some(kept) => {
                let payee = Some(part.award.organisation_id);
                Some(documents::file(tx, by, kept, DocumentPurpose::Receipt, payee).await?)
            }
            None => None,
        };
        let said = Said { fate: fate.clone(), bank_line: bank_line.to_owned(), slip, payment };
        proposals::propose(tx, by, ProposalKind::BankStatement, Subject::Tranche, id.0, &said).await?;
        let args = [("title", part.award.title.clone()), ("amount", part.figures())];
        letters::to_role(tx, Role::Approver, "tranche-said", &args, &part.link()).await
    })
    .await
}

/// The payment of which that can be said now.
async fn concerned(tx: &Tx, part: &Part, fate: &Fate, bank_line: &str) -> Result<payment::Model> {
    if part.award.kind == AwardKind::SeedFund {
        return Err(Error::refused("refused-seed-fund-not-sent"));
    }
    lines::is_free(tx, bank_line, fate.moved(part)).await?;
    if let Fate::ReturnedInPart(amount_minor) = fate {
        if !award_rules::payable(part.award.stage) && !award_rules::over(part.award.stage) {
            return Err(Error::refused("refused-award-not-active"));
        }
        if *amount_minor <= 0 || *amount_minor >= part.tranche.amount_minor {
            return Err(Error::field("amount", "refused-returned-part"));
        }
    }
    if matches!(fate, Fate::Failed(_)) {
        return Ok(sent(tx, part.tranche.id).await?.0);
    }
    let paid = payment::Entity::find()
        .filter(payment::Column::TrancheId.eq(part.tranche.id))
        .filter(payment::Column::Outcome.eq(PaymentOutcome::Paid))
        .one(tx)
        .await?;
    paid.ok_or(Error::NotFound)
}

/// An approver who neither prepared nor sent the payment finds it on the statement too: now it counts.
///
/// # Errors
/// [`Error::NotFound`] when nothing was said; [`Error::Forbidden`] for who said, prepared or sent it and for the payee's people;
/// [`Error::Stale`] when it is another payment by now.
pub async fn confirm(by: &As<Approver>, id: TrancheId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        // The award first, as everybody who counts its money: what is released is counted once.
        awards::locked(tx, load(tx, id).await?.award.id).await?;
        let part = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &part.award).await?;
        let said: Said = proposals::confirm(tx, by, ProposalKind::BankStatement, Subject::Tranche, id.0).await?;
        let paid = concerned(tx, &part, &said.fate, &said.bank_line).await?;
        if paid.id != said.payment {
            return Err(Error::Stale);
        }
        counts(tx, by, &part, &paid, (&said.fate, &said.bank_line)).await
    })
    .await
}

/// A line of the imported statement says so, and a second person confirms the line: the same in the transaction of that act.
///
/// # Errors
/// As [`say`] and [`confirm`]; a refusal while somebody says something else of the payment.
pub async fn by_line(tx: &Tx, by: &As<Approver>, id: TrancheId, fate: &Fate, line: &str) -> Result<()> {
    awards::locked(tx, load(tx, id).await?.award.id).await?;
    let part = load(tx, id).await?;
    separation::outsider(tx, by.person()?, &part.award).await?;
    if waiting(tx, id).await?.is_some() {
        return Err(Error::refused("refused-bank-said-otherwise"));
    }
    let paid = concerned(tx, &part, fate, line).await?;
    counts(tx, by, &part, &paid, (fate, line)).await
}

/// What two people found on the statement counts, by an approver who neither prepared nor sent the payment.
async fn counts(
    tx: &Tx,
    by: &As<Approver>,
    part: &Part,
    paid: &payment::Model,
    (fate, line): (&Fate, &str),
) -> Result<()> {
    permitted(&part.tranche, by, fate.act())?;
    roles::apart(tx, by, &[paid.prepared_by, paid.sent_by]).await?;
    not_the_payee(tx, by, paid).await?;
    match fate {
        Fate::Failed(reason) => failed(tx, by, part, paid, (reason, line)).await,
        Fate::Returned => returned(tx, by, part, paid, line).await,
        Fate::ReturnedInPart(amount) => returned_in_part(tx, by, part, paid, (*amount, line)).await,
    }
}

/// An approver does not find it on the statement, or who said it takes it back: nothing changes.
///
/// # Errors
/// [`Error::NotFound`] when nothing was said; [`Error::Forbidden`] for other parts.
pub async fn decline<P: Permission>(by: &As<P>, id: TrancheId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let part = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &part.award).await?;
        let open = waiting(tx, id).await?.ok_or(Error::NotFound)?;
        let own = P::PART == Side::Finance && open.proposed_by == by.person()?;
        if !own && P::PART != Side::Approver {
            return Err(Error::Forbidden("forbidden-part"));
        }
        proposals::decline(tx, by, ProposalKind::BankStatement, Subject::Tranche, id.0, reason).await?;
        if own {
            return Ok(());
        }
        let args = [("title", part.award.title.clone()), ("reason", reason.to_owned())];
        letters::to_person(tx, open.proposed_by, "award-not-confirmed", &args, &part.link()).await
    })
    .await
}

/// The bank refused the payment: the hold is freed and the tranche is due again.
async fn failed(
    tx: &Tx,
    by: &As<Approver>,
    part: &Part,
    open: &payment::Model,
    (reason, line): (&str, &str),
) -> Result<()> {
    let (_, held) = sent(tx, part.tranche.id).await?;
    // A payment that left and came back shows two lines: it was paid, and it was returned.
    lines::take(tx, line, Moved::nothing(part.tranche.currency), Subject::Tranche, part.tranche.id.0).await?;
    recipes::payment_void(tx, by, part.place(), open.id, held, part.sum(by.day_of(tx.now()))).await?;
    let change = payment::ActiveModel { id: Set(open.id), bank_line: Set(Some(line.to_owned())), ..Default::default() };
    payment::Entity::update(change).exec(tx).await?;
    ended(tx, open, PaymentOutcome::Failed, reason).await?;
    back_to_due(tx, by, part, "fail", reason).await?;
    tell(tx, part, "tranche-failed").await
}

/// The money came back whole after it was paid: posting and fee are reversed, the tranche is due again, and the account waits to
/// be verified anew.
async fn returned(tx: &Tx, by: &As<Approver>, part: &Part, paid: &payment::Model, line: &str) -> Result<()> {
    let sum = part.sum(by.day_of(tx.now()));
    // If a part came back before, this is the rest: nothing can be reversed whole, and the fee stays.
    recipes::payment_returned(tx, by, part.place(), paid.id, sum, line).await?;
    ended(tx, paid, PaymentOutcome::Returned, line).await?;
    back_to_due(tx, by, part, "return", "").await?;
    if award_rules::over(part.award.stage) {
        service::cancel(tx, by, load(tx, part.tranche.id).await?).await?;
        given_back(tx, by, part, paid.id).await?;
    }
    payees::doubt(tx, by, paid.payee_account_id).await?;
    tell(tx, part, "tranche-returned").await
}

/// Part of a payment came back. The tranche stays paid with what the payee kept; what came back is a tranche of its own, due at
/// once, and goes through every step again. The fee stays: the new payment bears none for what was charged before.
async fn returned_in_part(
    tx: &Tx,
    by: &As<Approver>,
    part: &Part,
    paid: &payment::Model,
    (amount_minor, line): (i64, &str),
) -> Result<()> {
    let sum = recipes::Sum { amount_minor, ..part.sum(by.day_of(tx.now())) };
    recipes::payment_returned(tx, by, part.place(), paid.id, sum, line).await?;
    recipes::tranche_reduced(tx, by, part.place(), sum, &part.tranche.version.to_string()).await?;
    service::take_off(tx, by, part, amount_minor).await?;
    if award_rules::over(part.award.stage) {
        return given_back(tx, by, part, paid.id).await;
    }
    service::again_due(tx, by, part, amount_minor).await
}

/// Nobody asks again for money of an award that is over: it is the fund's, and the grantee owes no more than it kept.
async fn given_back(tx: &Tx, by: &As<Approver>, part: &Part, payment: PaymentId) -> Result<()> {
    let turn = format!("returned:{payment}:{}", part.tranche.version);
    closing::release_rest(tx, by, &part.award, &turn).await?;
    repayments::settled(tx, &part.award).await
}

async fn ended(tx: &Tx, row: &payment::Model, outcome: PaymentOutcome, reason: &str) -> Result<()> {
    let change = payment::ActiveModel {
        id: Set(row.id),
        outcome: Set(Some(outcome)),
        ended_at: Set(Some(tx.now())),
        reason: Set(reason.to_owned()),
        ..Default::default()
    };
    payment::Entity::update(change).exec(tx).await?;
    Ok(())
}

async fn back_to_due(tx: &Tx, by: &As<Approver>, part: &Part, act: &'static str, reason: &str) -> Result<()> {
    advance(tx, by, &part.tranche, act, Note::act("").because(reason)).await?;
    let stopped = load(tx, part.tranche.id).await?;
    advance(tx, &Context::system(by.edges.clone()), &stopped.tranche, "due-again", Note::act("")).await?;
    touch(tx, &stopped.tranche, None).await
}
