//! A payment at the bank: batched, sent once, confirmed from the statement by somebody else.

use super::approvals::{not_the_payee, step};
use super::service::{Part, gates_changed, load, open_payment, tell, touch};
use crate::commons::documents::{self, Kept};
use crate::commons::events::Note;
use crate::commons::lives::{advance, permitted};
use crate::commons::proposals;
use crate::core::fees::fee_through;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::awards::separation;
use crate::ledger::lines::{self, Moved};
use crate::ledger::{balances, recipes};
use crate::people::permission::{As, Finance, Permission};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{AwardKind, DocumentPurpose, PaymentOutcome, ProposalKind, Subject, TrancheId, TransferId};
use entities::{award, payment};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

/// What the statement says about a payment.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The bank's mark of the line.
    pub bank_line: String,
    /// Day of the line.
    pub paid_on: NaiveDate,
    /// The voucher, original.
    pub voucher: Kept,
    /// The voucher for the public, private data blacked out.
    pub redacted: Kept,
}

/// The reference on the bank instruction.
pub fn instruction(part: &Part, payment: &payment::Model) -> String {
    format!("T{}-{}-{}", part.award.id, part.tranche.ordinal, payment.id)
}

/// Finance puts an approved payment into a batch: it gets its reference, once.
///
/// # Errors
/// As every step of a payment.
pub async fn batch(by: &As<Finance>, id: TrancheId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let (part, open) = step(tx, by, id, "batch").await?;
        advance(tx, by, &part.tranche, "batch", Note::act("")).await?;
        touch(tx, &part.tranche, None).await?;
        let change = payment::ActiveModel {
            id: Set(open.id),
            instruction: Set(Some(instruction(&part, &open))),
            ..Default::default()
        };
        payment::Entity::update(change).exec(tx).await?;
        Ok(())
    })
    .await
}

/// Sends a batched payment: its money is held in the books, and the letter about it promised, before the bank is asked.
///
/// # Errors
/// As every step of a payment; a refusal for a seed fund, which is opened and not sent.
pub async fn send(by: &As<Finance>, id: TrancheId) -> Result<()> {
    by.pay(|tx| async move {
        let tx = &tx;
        let (part, open) = step(tx, by, id, "send").await?;
        if part.award.kind == AwardKind::SeedFund {
            return Err(Error::refused("refused-seed-fund-not-sent"));
        }
        let held = recipes::payment_sent(tx, by, part.place(), open.id, part.sum(by.day_of(tx.now()))).await?;
        advance(tx, by, &part.tranche, "send", Note::act("")).await?;
        touch(tx, &part.tranche, None).await?;
        let change = payment::ActiveModel {
            id: Set(open.id),
            sent_by: Set(Some(by.person()?)),
            sent_at: Set(Some(tx.now())),
            pending_transfer_id: Set(Some(held)),
            ..Default::default()
        };
        payment::Entity::update(change).exec(tx).await?;
        tell(tx, &part, "tranche-sent").await
    })
    .await
}

/// The statement shows the payment: somebody who did not prepare it confirms it with its voucher. Posting, fee and voucher are
/// written together, and the next tranche looks at its gates.
///
/// # Errors
/// [`Error::Forbidden`] for who prepared it and for the payee's people; refusals by the field.
pub async fn confirm_paid<P: Permission>(by: &As<P>, id: TrancheId, seen: &Seen) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        by.saw(load(tx, id).await?.tranche.version)?;
        paid(tx, by, id, seen).await
    })
    .await
}

/// The payment stands on the statement: all that follows, in the transaction of whoever found it there.
///
/// # Errors
/// As [`confirm_paid`].
pub async fn paid<P: Permission>(tx: &Tx, by: &As<P>, id: TrancheId, seen: &Seen) -> Result<()> {
    if seen.voucher.sha256 == seen.redacted.sha256 {
        return Err(Error::field("redacted", "refused-redacted-same"));
    }
    if seen.paid_on > by.edges.today() {
        return Err(Error::field("paid_on", "refused-paid-ahead"));
    }
    let part = load(tx, id).await?;
    permitted(&part.tranche, by, "confirm")?;
    separation::outsider(tx, by.person()?, &part.award).await?;
    let (open, held) = sent(tx, id).await?;
    // Two words of the bank against each other: people settle the one before the other is believed.
    if proposals::open(tx, ProposalKind::BankStatement, Subject::Tranche, id.0).await?.is_some() {
        return Err(Error::refused("refused-bank-said-otherwise"));
    }
    roles::apart(tx, by, &[open.prepared_by]).await?;
    not_the_payee(tx, by, &open).await?;
    lines::take(tx, &seen.bank_line, Moved::went(part.sum(seen.paid_on)), Subject::Tranche, id.0).await?;
    let payee = Some(part.award.organisation_id);
    let original = documents::file(tx, by, &seen.voucher, DocumentPurpose::Voucher, payee).await?;
    let public = documents::publish(tx, by, &seen.redacted, original).await?;
    let fee = fee_now(tx, &part.award, open.amount_minor).await?;
    recipes::payment_posted(tx, by, part.place(), open.id, held, part.sum(seen.paid_on), fee, public).await?;
    let change = payment::ActiveModel {
        id: Set(open.id),
        outcome: Set(Some(PaymentOutcome::Paid)),
        ended_at: Set(Some(tx.now())),
        confirmed_by: Set(Some(by.person()?)),
        bank_line: Set(Some(seen.bank_line.clone())),
        voucher_id: Set(Some(original)),
        ..Default::default()
    };
    payment::Entity::update(change).exec(tx).await?;
    advance(tx, by, &part.tranche, "confirm", Note::act("")).await?;
    touch(tx, &part.tranche, None).await?;
    tell(tx, &part, "tranche-paid").await?;
    gates_changed(tx, by, part.award.id).await
}

pub(super) async fn sent(tx: &Tx, id: TrancheId) -> Result<(payment::Model, TransferId)> {
    let open = open_payment(tx, id).await?.ok_or(Error::Stale)?;
    let held = open.pending_transfer_id.ok_or(Error::refused("refused-stage"))?;
    Ok((open, held))
}

/// The management fee that a payment on this award bears now.
///
/// # Errors
/// When the database cannot be read.
pub async fn fee_now(db: &impl ConnectionTrait, award: &award::Model, amount_minor: i64) -> Result<i64> {
    let (paid, charged) = balances::paid_on_awards(db, &[award.id])
        .await?
        .first()
        .map_or((0, 0), |(_, paid, charged)| ((*paid).max(0), *charged));
    // What was charged is taken off as it stands in the books: money that came back in part never bears the fee twice, and
    // whatever the order of payments and returns, the fees sum to that of the whole.
    let through = paid.checked_add(amount_minor).ok_or(Error::Internal("fee: too large".into()))?;
    let due =
        fee_through(through, i64::from(award.fee_bps)).map_err(|error| Error::Internal(format!("fee: {error}")))?;
    Ok((due - charged).max(0))
}
