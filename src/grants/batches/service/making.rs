//! A batch in the making: which payments, from which account, on which day; and the file that is fixed when it is frozen.

use super::{accounts, load, locked, payable_on};
use crate::commons::events::{self, Note};
use crate::commons::lives::{advance, permitted};
use crate::core::instructions::{Batch, Instruction, MOST, Own, Profile, Written};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::grants::tranches::{bank, service as tranches};
use crate::people::numbers;
use crate::people::permission::{As, Context, Finance};
use chrono::{DateTime, NaiveDate, Utc};
use entities::kinds::{
    AwardKind, BankAccountId, PayProfile, PaymentBatchId, PaymentBatchStage, PaymentId, Subject, TrancheId,
    TrancheStage,
};
use entities::{
    award, bank_account, payee_account, paying_account, payment, payment_batch, payment_batch_line, tranche,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// A payment of a batch as the bank will read it, beside what people wrote.
#[derive(Debug, Clone)]
pub struct Line {
    /// Which payment.
    pub payment: payment::Model,
    /// Its reference from end to end.
    pub reference: String,
    /// Name on the payee's account, as written by people.
    pub holder: String,
    /// The same for the bank.
    pub holder_sent: Written,
    /// The payee's bank, as written by people.
    pub bank: String,
    /// The same for the bank.
    pub bank_sent: Written,
    /// What the payee reads, as written by people.
    pub text: String,
    /// The same for the bank.
    pub text_sent: Written,
    /// The last figures of the payee's account.
    pub tail: String,
    /// Whether it was stopped since it was put in.
    pub stopped: bool,
}

impl Line {
    /// Whether the bank reads something else than people wrote.
    pub fn changed(&self) -> bool {
        self.holder_sent.changed || self.bank_sent.changed || self.text_sent.changed
    }
}

/// Puts approved payments together into a batch: of one currency, from one account that pays, for a working day.
///
/// # Errors
/// By the field: no account that pays, a day on which banks do not pay, nothing chosen or too much; refusals as every step of a
/// payment, for another currency, a seed fund, and a payment that is in a batch already.
pub async fn put_together(
    by: &As<Finance>,
    account: BankAccountId,
    on: NaiveDate,
    chosen: &[TrancheId],
) -> Result<PaymentBatchId> {
    if chosen.is_empty() || chosen.len() > MOST {
        return Err(Error::field("tranches", "refused-batch-size"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let own = bank_account::Entity::find_by_id(account).one(tx).await?;
        let own = own.ok_or_else(|| Error::field("bank_account", "refused-choose"))?;
        if accounts::paying(tx, account).await?.is_none() {
            return Err(Error::field("bank_account", "refused-batch-account"));
        }
        payable_on(tx, by, on).await?;
        let row = payment_batch::ActiveModel {
            account_id: Set(account),
            currency: Set(own.currency),
            execute_on: Set(on),
            stage: Set(PaymentBatchStage::Drafted),
            made_by: Set(by.person()?),
            made_at: Set(tx.now()),
            version: Set(1),
            ..Default::default()
        };
        let batch = payment_batch::Entity::insert(row).exec_with_returning(tx).await?;
        for id in chosen {
            put_in(tx, by, &batch, *id).await?;
        }
        let note = Note::act("make").with(serde_json::json!({ "payments": chosen.len() }));
        events::record(tx, by, Subject::PaymentBatch, batch.id.0, note).await?;
        Ok(batch.id)
    })
    .await
}

async fn put_in(tx: &Tx, by: &As<Finance>, batch: &payment_batch::Model, id: TrancheId) -> Result<()> {
    let part = tranches::load(tx, id).await?;
    if part.award.kind != AwardKind::Project {
        return Err(Error::refused("refused-seed-fund-not-sent"));
    }
    if part.tranche.currency != batch.currency {
        return Err(Error::field("tranches", "refused-batch-currency"));
    }
    let payment = match part.tranche.stage {
        TrancheStage::Batched => tranches::open_payment(tx, id).await?.ok_or(Error::Stale)?,
        _ => bank::batched(tx, by, id).await?,
    };
    if bank::in_batch(tx, payment.id).await?.is_some() {
        return Err(Error::refused("refused-payment-in-batch"));
    }
    let line =
        payment_batch_line::ActiveModel { batch_id: Set(batch.id), payment_id: Set(payment.id), ..Default::default() };
    payment_batch_line::Entity::insert(line).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether a payment can no longer be sent as it stands: it was sent back, or its account changed.
pub(super) fn stopped(payment: &payment::Model) -> bool {
    payment.outcome.is_some() || payment.instruction.is_none()
}

/// The lines of a batch that did not leave it, with their payments, in the order of the file.
pub(super) async fn rows(
    db: &impl ConnectionTrait,
    id: PaymentBatchId,
) -> Result<Vec<(payment_batch_line::Model, payment::Model)>> {
    let lines = payment_batch_line::Entity::find()
        .filter(payment_batch_line::Column::BatchId.eq(id))
        .filter(payment_batch_line::Column::LeftAt.is_null())
        .order_by_asc(payment_batch_line::Column::Id)
        .all(db)
        .await?;
    let payments = payment::Entity::find()
        .filter(payment::Column::Id.is_in(lines.iter().map(|line| line.payment_id)))
        .all(db)
        .await?;
    let of = |line: payment_batch_line::Model| {
        let payment = payments.iter().find(|payment| payment.id == line.payment_id)?.clone();
        Some((line, payment))
    };
    Ok(lines.into_iter().filter_map(of).collect())
}

/// What was stopped since it was put in leaves the batch.
pub(super) async fn take_out_the_stopped(tx: &Tx, id: PaymentBatchId) -> Result<()> {
    let gone: Vec<PaymentId> =
        rows(tx, id).await?.into_iter().filter(|(_, row)| stopped(row)).map(|(_, row)| row.id).collect();
    payment_batch_line::Entity::update_many()
        .col_expr(payment_batch_line::Column::LeftAt, Expr::value(tx.now()))
        .filter(payment_batch_line::Column::BatchId.eq(id))
        .filter(payment_batch_line::Column::PaymentId.is_in(gone))
        .filter(payment_batch_line::Column::LeftAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// The lines of a batch as the bank will read them; of a frozen or sent one, as they were frozen.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines(context: &Context, batch: &payment_batch::Model) -> Result<Vec<Line>> {
    let db = context.edges.db.read();
    let paying = accounts::paying(db, batch.account_id).await?;
    let code = batch.profile.or(paying.map(|row| row.profile)).unwrap_or(PayProfile::PainLatin);
    of_profile(&context.edges, db, batch.id, Profile::of(code))
        .await
        .map(|all| all.into_iter().map(|(line, _)| line).collect())
}

/// The lines, each with its instruction.
async fn of_profile(
    edges: &Edges,
    db: &impl ConnectionTrait,
    id: PaymentBatchId,
    profile: &Profile,
) -> Result<Vec<(Line, Instruction)>> {
    let rows = rows(db, id).await?;
    let accounts = payee_account::Entity::find()
        .filter(payee_account::Column::Id.is_in(rows.iter().map(|(_, row)| row.payee_account_id)))
        .all(db)
        .await?;
    let tranches = tranche::Entity::find()
        .filter(tranche::Column::Id.is_in(rows.iter().map(|(_, row)| row.tranche_id)))
        .all(db)
        .await?;
    let awards =
        award::Entity::find().filter(award::Column::Id.is_in(tranches.iter().map(|row| row.award_id))).all(db).await?;
    let mut all = Vec::with_capacity(rows.len());
    for (_, payment) in rows {
        let account = accounts.iter().find(|row| row.id == payment.payee_account_id).ok_or(Error::NotFound)?;
        let title = tranches
            .iter()
            .find(|row| row.id == payment.tranche_id)
            .and_then(|row| awards.iter().find(|award| award.id == row.award_id))
            .map(|award| award.title.as_str())
            .unwrap_or_default();
        all.push(written(edges, profile, payment, account, title)?);
    }
    Ok(all)
}

fn written(
    edges: &Edges,
    profile: &Profile,
    payment: payment::Model,
    account: &payee_account::Model,
    title: &str,
) -> Result<(Line, Instruction)> {
    let number = numbers::whole(edges, account)?;
    let reference = payment.instruction.clone().unwrap_or_default();
    // The reference first: it is what the statement is searched by, whatever the bank cuts off.
    let instruction = Instruction {
        reference: reference.clone(),
        amount_minor: payment.amount_minor,
        holder: account.holder.clone(),
        bank: account.bank_name.clone(),
        text: format!("{reference} {title}"),
        number,
    };
    let line = Line {
        reference,
        holder: instruction.holder.clone(),
        holder_sent: profile.name(&instruction.holder),
        bank: instruction.bank.clone(),
        bank_sent: profile.name(&instruction.bank),
        text: instruction.text.clone(),
        text_sent: profile.text(&instruction.text),
        tail: crate::people::rules::masked(&instruction.number),
        stopped: stopped(&payment),
        payment,
    };
    Ok((line, instruction))
}

/// Freezes a batch: what was stopped leaves it, its file is made, hashed and sealed, and nothing of it changes any more. What the
/// bank's letters made of the names was shown on the page.
///
/// # Errors
/// Refusals by stage, when nothing is left to pay or a name has no letter that the bank takes; [`Error::Stale`] when it changed
/// since it was shown.
pub async fn freeze(by: &As<Finance>, id: PaymentBatchId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = locked(tx, id).await?;
        permitted(&row, by, "freeze")?;
        payable_on(tx, by, row.execute_on).await?;
        let paying = accounts::paying(tx, row.account_id).await?;
        let paying = paying.ok_or_else(|| Error::refused("refused-batch-account"))?;
        let profile = Profile::of(paying.profile);
        let before = of_profile(&by.edges, tx, id, profile).await?;
        by.saw(shown(&row, before.iter().map(|(line, _)| line)))?;
        take_out_the_stopped(tx, id).await?;
        let all: Vec<_> = before.into_iter().filter(|(line, _)| !line.stopped).collect();
        if all.is_empty() {
            return Err(Error::refused("refused-batch-empty"));
        }
        if all.iter().any(|(line, _)| line.holder_sent.text.is_empty()) {
            return Err(Error::refused("refused-batch-letters"));
        }
        let count = i32::try_from(all.len()).map_err(|_| Error::refused("refused-batch-size"))?;
        let batch = told(&by.edges, &row, &paying, all.into_iter().map(|(_, one)| one).collect(), tx.now())?;
        let bytes = profile.bytes(&batch).map_err(Error::Internal)?;
        let file = by.edges.vault.seal(&by.edges.dice, &owner(id), &bytes)?;
        let frozen = payment_batch::ActiveModel {
            id: Set(id),
            profile: Set(Some(paying.profile)),
            frozen_by: Set(Some(by.person()?)),
            frozen_at: Set(Some(tx.now())),
            sha256: Set(Some(fingerprint(&bytes))),
            file_sealed: Set(Some(file)),
            total_minor: Set(batch.sum_minor()),
            line_count: Set(Some(count)),
            version: Set(row.version + 1),
            ..Default::default()
        };
        payment_batch::Entity::update(frozen).exec(tx).await?;
        // The database wants the file before the stage.
        advance(tx, by, &row, "freeze", Note::act("")).await.map(|_| ())
    })
    .await
}

/// What the page of the one who freezes says it showed: every name as the bank will read it.
pub fn shown<'a>(row: &payment_batch::Model, lines: impl Iterator<Item = &'a Line>) -> String {
    let all: Vec<String> = lines
        .map(|line| {
            let (holder, bank, text) = (&line.holder_sent.text, &line.bank_sent.text, &line.text_sent.text);
            format!("{} {} {holder}\n{bank}\n{text}\n{}", line.reference, line.payment.amount_minor, line.stopped)
        })
        .collect();
    fingerprint(format!("{} {}\n{}", row.id, row.version, all.join("\n")))
}

fn told(
    edges: &Edges,
    row: &payment_batch::Model,
    paying: &paying_account::Model,
    all: Vec<Instruction>,
    at: DateTime<Utc>,
) -> Result<Batch> {
    let number = accounts::number(edges, paying)?;
    let own = Own { holder: paying.holder.clone(), number, bic: paying.bic.clone() };
    Ok(Batch { reference: reference(row), currency: row.currency, on: row.execute_on, at, own, all })
}

/// The batch's own reference. A batch that is frozen anew is another message: its bank must not take it for one it saw.
fn reference(row: &payment_batch::Model) -> String {
    format!("B{:06}-{}", row.id.0, row.version)
}

pub(super) fn owner(id: PaymentBatchId) -> String {
    format!("payment-batch {id}")
}

/// The file of a batch that was sent: its name, media type and bytes, the same every time.
///
/// # Errors
/// [`Error::NotFound`] before it is sent: until then the books hold nothing for it.
pub async fn file(by: &As<Finance>, id: PaymentBatchId) -> Result<(String, &'static str, Vec<u8>)> {
    let row = load(by.edges.db.read(), id).await?;
    if row.stage != PaymentBatchStage::Sent {
        return Err(Error::NotFound);
    }
    let (Some(sealed), Some(hash), Some(code)) = (&row.file_sealed, &row.sha256, row.profile) else {
        return Err(Error::NotFound);
    };
    let bytes = by.edges.vault.reveal(&owner(id), sealed)?;
    if fingerprint(&bytes) != *hash {
        return Err(Error::Internal(format!("payment batch {id}: the file is not the one that was frozen")));
    }
    let profile = Profile::of(code);
    Ok((format!("B{:06}.{}", id.0, profile.ending), profile.media_type, bytes))
}
