//! A payment at the bank: batched, sent once, confirmed from the statement by somebody else.

use super::approvals::{looked, not_the_payee};
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
use entities::kinds::{
    AwardKind, DocumentPurpose, PaymentBatchId, PaymentId, PaymentOutcome, ProposalKind, Subject, TrancheId,
    TrancheStage, TransferId,
};
use entities::{award, payment, payment_batch_line};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

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

/// Finance gives an approved payment its reference, once: from now on it may be sent, alone or in a batch.
///
/// # Errors
/// As every step of a payment.
pub async fn batch(by: &As<Finance>, id: TrancheId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let shown = load(tx, id).await?.tranche.version;
        batched(tx, by, id).await?;
        by.saw(shown)
    })
    .await
}

/// The same in the transaction of whoever puts a batch together. Answers the payment.
///
/// # Errors
/// As [`batch`].
pub async fn batched(tx: &Tx, by: &As<Finance>, id: TrancheId) -> Result<payment::Model> {
    let (part, open) = looked(tx, by, id, "batch").await?;
    advance(tx, by, &part.tranche, "batch", Note::act("")).await?;
    touch(tx, &part.tranche, None).await?;
    let reference = instruction(&part, &open);
    let change = payment::ActiveModel { id: Set(open.id), instruction: Set(Some(reference)), ..Default::default() };
    Ok(payment::Entity::update(change).exec(tx).await?)
}

/// Sends a payment by itself: its money is held in the books, and the letter about it promised, before the bank is asked.
///
/// # Errors
/// As every step of a payment; a refusal for a seed fund, which is opened and not sent, and for a payment in a batch, which
/// stands in the file of that batch.
pub async fn send(by: &As<Finance>, id: TrancheId) -> Result<()> {
    by.pay(|tx| async move {
        let tx = &tx;
        let part = load(tx, id).await?;
        if part.tranche.stage == TrancheStage::Batched
            && let Some(open) = open_payment(tx, id).await?
            && in_batch(tx, open.id).await?.is_some()
        {
            return Err(Error::refused("refused-payment-in-batch"));
        }
        left(tx, by, id).await?;
        by.saw(part.tranche.version)
    })
    .await
}

/// The payment leaves, in the transaction of whoever sends it or its batch.
///
/// # Errors
/// As [`send`].
pub async fn left(tx: &Tx, by: &As<Finance>, id: TrancheId) -> Result<()> {
    let (part, open) = looked(tx, by, id, "send").await?;
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
}

/// The batch that a payment is in, until that batch is dissolved or the payment taken out.
///
/// # Errors
/// When the database cannot be read.
pub async fn in_batch(db: &impl ConnectionTrait, id: PaymentId) -> Result<Option<PaymentBatchId>> {
    let line = payment_batch_line::Entity::find()
        .filter(payment_batch_line::Column::PaymentId.eq(id))
        .filter(payment_batch_line::Column::LeftAt.is_null())
        .one(db)
        .await?;
    Ok(line.map(|line| line.batch_id))
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
