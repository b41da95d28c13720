//! Writing in the books: a posting opens, takes its transfers and is complete when the transaction is.

use super::accounts::{self, Account};
use super::periods;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Permission};
use chrono::NaiveDate;
use entities::kinds::{
    AwardId, Currency, DocumentId, FundId, PaymentId, Phase, PostingId, Recipe, Subject, TransferId,
};
use entities::{posting, posting_document, transfer};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// What an entry in the books is about.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Which row of the table of postings.
    pub recipe: Recipe,
    /// What it is posted for.
    pub subject: (Subject, i64),
    /// Day of the event.
    pub occurred_on: NaiveDate,
    /// Fund concerned.
    pub fund: Option<FundId>,
    /// Award concerned.
    pub award: Option<AwardId>,
    /// Currency of all its transfers.
    pub currency: Currency,
}

/// An open posting.
#[derive(Debug)]
pub struct Posting<'a> {
    tx: &'a Tx,
    /// Its key; the public number is `V-` and this, six digits wide.
    pub id: PostingId,
    entry: Entry,
}

/// The public number of a posting.
pub fn number(id: PostingId) -> String {
    format!("V-{:06}", id.0)
}

/// The posting with this public number.
pub fn from_number(text: &str) -> Option<PostingId> {
    text.strip_prefix("V-")?.parse().ok().filter(|id| *id > 0).map(PostingId)
}

/// Opens a posting. What happened in a period that is closed is posted on the first day that is open: the gift, the line or the
/// payment keeps its own day, and nothing waits for ever because a month ended before its second person came.
///
/// # Errors
/// When the database refuses.
pub async fn open<'a, P: Permission>(tx: &'a Tx, by: &As<P>, entry: Entry) -> Result<Posting<'a>> {
    let first_open = periods::first_open(tx).await?;
    let occurred_on = first_open.map_or(entry.occurred_on, |first| first.max(entry.occurred_on));
    let row = posting::ActiveModel {
        recipe: Set(entry.recipe),
        at: Set(tx.now()),
        occurred_on: Set(occurred_on),
        fund_id: Set(entry.fund),
        award_id: Set(entry.award),
        subject: Set(entry.subject.0),
        subject_id: Set(entry.subject.1),
        created_by: Set(by.actor.person),
        ..Default::default()
    };
    let row = posting::Entity::insert(row).exec_with_returning(tx).await?;
    Ok(Posting { tx, id: row.id, entry })
}

/// What a transfer may carry besides its accounts and amount.
#[derive(Debug, Clone, Copy, Default)]
struct Links {
    resolves: Option<TransferId>,
    reverses: Option<TransferId>,
    relates: Option<TransferId>,
    payment: Option<PaymentId>,
}

impl Posting<'_> {
    /// Debits one account and credits the other.
    ///
    /// # Errors
    /// A refusal when an account would go below zero, is closed or has another currency; a replay of `key` is our own fault.
    pub async fn transfer(&self, debit: Account, credit: Account, amount_minor: i64, key: &str) -> Result<TransferId> {
        self.insert(Phase::Single, debit, credit, amount_minor, key, Links::default()).await
    }

    /// Debits one account and credits the other for an approved payment, at once (a seed fund's opening).
    ///
    /// # Errors
    /// As [`Self::transfer`]; a refusal when the payment is not approved.
    pub async fn transfer_for(
        &self,
        payment: PaymentId,
        debit: Account,
        credit: Account,
        amount_minor: i64,
        key: &str,
    ) -> Result<TransferId> {
        self.insert(
            Phase::Single,
            debit,
            credit,
            amount_minor,
            key,
            Links { payment: Some(payment), ..Links::default() },
        )
        .await
    }

    /// Holds an amount for an approved payment until it is posted or voided.
    ///
    /// # Errors
    /// As [`Self::transfer`]; a refusal when the payment is not approved.
    pub async fn hold(
        &self,
        payment: Option<PaymentId>,
        debit: Account,
        credit: Account,
        amount_minor: i64,
        key: &str,
    ) -> Result<TransferId> {
        self.insert(Phase::Pending, debit, credit, amount_minor, key, Links { payment, ..Links::default() }).await
    }

    /// Posts what was held.
    ///
    /// # Errors
    /// When nothing is held there, or more is asked than is held.
    pub async fn post(
        &self,
        pending: TransferId,
        debit: Account,
        credit: Account,
        amount_minor: i64,
        key: &str,
    ) -> Result<TransferId> {
        self.insert(
            Phase::Post,
            debit,
            credit,
            amount_minor,
            key,
            Links { resolves: Some(pending), ..Links::default() },
        )
        .await
    }

    /// Frees what was held.
    ///
    /// # Errors
    /// When nothing is held there.
    pub async fn void(
        &self,
        pending: TransferId,
        debit: Account,
        credit: Account,
        amount_minor: i64,
        key: &str,
    ) -> Result<TransferId> {
        self.insert(
            Phase::Void,
            debit,
            credit,
            amount_minor,
            key,
            Links { resolves: Some(pending), ..Links::default() },
        )
        .await
    }

    /// Undoes a transfer whole: debit and credit change places.
    ///
    /// # Errors
    /// When it was undone before, or was never more than held.
    pub async fn reverse(
        &self,
        undone: TransferId,
        debit: Account,
        credit: Account,
        amount_minor: i64,
        key: &str,
    ) -> Result<TransferId> {
        self.insert(
            Phase::Single,
            debit,
            credit,
            amount_minor,
            key,
            Links { reverses: Some(undone), ..Links::default() },
        )
        .await
    }

    /// A transfer that belongs to an earlier one without undoing it whole.
    ///
    /// # Errors
    /// As [`Self::transfer`].
    pub async fn related(
        &self,
        to: TransferId,
        debit: Account,
        credit: Account,
        amount_minor: i64,
        key: &str,
    ) -> Result<TransferId> {
        self.insert(Phase::Single, debit, credit, amount_minor, key, Links { relates: Some(to), ..Links::default() })
            .await
    }

    /// Adds the voucher.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn voucher(&self, document: DocumentId) -> Result<()> {
        attach(self.tx, self.id, document).await
    }

    async fn insert(
        &self,
        phase: Phase,
        debit: Account,
        credit: Account,
        amount_minor: i64,
        key: &str,
        links: Links,
    ) -> Result<TransferId> {
        if amount_minor <= 0 {
            return Err(Error::Internal(format!("transfer of {amount_minor}: {key}")));
        }
        let currency = self.entry.currency;
        let [debit, credit] = accounts::keys(self.tx, [debit, credit], currency).await?;
        let row = transfer::ActiveModel {
            idempotency_key: Set(key.to_owned()),
            phase: Set(phase),
            debit_id: Set(debit),
            credit_id: Set(credit),
            amount_minor: Set(amount_minor),
            currency: Set(currency),
            resolves_id: Set(links.resolves),
            reverses_id: Set(links.reverses),
            relates_id: Set(links.relates),
            payment_id: Set(links.payment),
            posting_id: Set(self.id),
            at: Set(self.tx.now()),
            ..Default::default()
        };
        Ok(transfer::Entity::insert(row).exec_with_returning(self.tx).await?.id)
    }
}

/// Adds a voucher to a posting; vouchers are added, never replaced.
///
/// # Errors
/// When the database refuses.
pub async fn attach(tx: &Tx, posting: PostingId, document: DocumentId) -> Result<()> {
    let row =
        posting_document::ActiveModel { posting_id: Set(posting), document_id: Set(document), ..Default::default() };
    posting_document::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The transfer with this key, if it was made.
///
/// # Errors
/// When the database cannot be read.
pub async fn made(db: &impl ConnectionTrait, key: &str) -> Result<Option<transfer::Model>> {
    Ok(transfer::Entity::find().filter(transfer::Column::IdempotencyKey.eq(key)).one(db).await?)
}

/// The fund whose entry a transfer belongs to.
///
/// # Errors
/// [`Error::NotFound`] when its entry is of no fund.
pub async fn fund_of(db: &impl ConnectionTrait, of: &transfer::Model) -> Result<FundId> {
    let row = posting::Entity::find_by_id(of.posting_id).one(db).await?;
    row.and_then(|row| row.fund_id).ok_or(Error::NotFound)
}
