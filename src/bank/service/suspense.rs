//! Suspense: money of nobody, seen by everybody who works with the bank. It becomes a gift, or goes back to its sender; both by two.

use super::locked;
use crate::commons::{letters, proposals};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::gifts::service::receipts::{self, Receipt};
use crate::ledger::recipes::{self, Sum};
use crate::ledger::suspense::OPEN;
use crate::people::permission::{Approver, As, Finance, RolePermission};
use entities::kinds::{
    GiftId, ImportStage, MatchKind, ProposalKind, Role, SettlementImportId, StatementLineId, Subject,
};
use entities::{bank_line, bank_statement_line, gift, line_match, settlement_import};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

/// What became of a line that was put into suspense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Became {
    /// It stands there.
    Open,
    /// A gift, from then on with a life of its own.
    Gift(GiftId),
    /// The gifts of a platform's file.
    Import(SettlementImportId),
    /// It was a payout of the processor.
    Payout,
    /// It went back, with this line.
    Returned(String),
}

/// What became of a line's money; `None` when it was never in suspense by itself.
///
/// # Errors
/// When the database cannot be read.
pub async fn became(db: &impl ConnectionTrait, row: &bank_statement_line::Model) -> Result<Option<Became>> {
    let put = line_match::Entity::find()
        .filter(line_match::Column::LineId.eq(row.id))
        .filter(line_match::Column::Kind.eq(MatchKind::Suspense))
        .one(db)
        .await?;
    if put.is_none() {
        return Ok(None);
    }
    if let Some(given) = gift::Entity::find().filter(gift::Column::BankLine.eq(&row.mark)).one(db).await? {
        return Ok(Some(Became::Gift(given.id)));
    }
    let file = settlement_import::Entity::find()
        .filter(settlement_import::Column::BankLine.eq(&row.mark))
        .filter(settlement_import::Column::Stage.eq(ImportStage::Applied));
    if let Some(file) = file.one(db).await? {
        return Ok(Some(Became::Import(file.id)));
    }
    let back = bank_line::Entity::find()
        .filter(bank_line::Column::Subject.eq(Subject::StatementLine))
        .filter(bank_line::Column::SubjectId.eq(row.id.0))
        .filter(bank_line::Column::Line.ne(&row.mark))
        .one(db)
        .await?;
    if let Some(row) = back {
        return Ok(Some(Became::Returned(row.line)));
    }
    let open = bank_statement_line::Entity::find_by_id(row.id).filter(Expr::cust(OPEN)).count(db).await?;
    Ok(Some(if open > 0 { Became::Open } else { Became::Payout }))
}

/// A line whose money stands in suspense, kept from others until this transaction ends.
async fn standing(tx: &Tx, id: StatementLineId) -> Result<bank_statement_line::Model> {
    let row = locked(tx, id).await?;
    match became(tx, &row).await? {
        Some(Became::Open) => Ok(row),
        _ => Err(Error::refused("refused-bank-not-in-suspense")),
    }
}

/// Finance finds whose the money is: a gift, new or promised, for another person to confirm as any other receipt.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it stands in suspense no more or is to go back; by the field as any receipt.
pub async fn assign(by: &As<Finance>, id: StatementLineId, receipt: &Receipt) -> Result<GiftId> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = standing(tx, id).await?;
        if proposals::open(tx, ProposalKind::SuspenseReturn, Subject::StatementLine, id.0).await?.is_some() {
            return Err(Error::refused("refused-gift-going-back"));
        }
        let told = Receipt {
            amount_minor: row.amount_minor,
            currency: row.currency,
            received_on: row.day,
            bank_line: row.mark.clone(),
            slip: None,
            ..receipt.clone()
        };
        receipts::record_suspended(tx, by, &told).await
    })
    .await
}

/// Proposes to send money back that nobody can place or that no fund may take.
///
/// # Errors
/// [`Error::NotFound`]; a refusal without a reason, or when it stands in suspense no more.
pub async fn propose_return(by: &As<Finance>, id: StatementLineId, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        standing(tx, id).await?;
        proposals::propose(tx, by, ProposalKind::SuspenseReturn, Subject::StatementLine, id.0, &reason).await?;
        letters::to_role(tx, Role::Approver, "suspense-return", &[], &format!("/bank/lines/{id}")).await
    })
    .await
}

/// The money went back: suspense to bank. `mark` is the line of the return, which may be imported already or come later.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed; forbidden for the proposer; by the field a line that proved something else, or
/// is of another amount.
pub async fn confirm_return(by: &As<Approver>, id: StatementLineId, mark: &str) -> Result<()> {
    let mark = mark.trim();
    if mark.is_empty() {
        return Err(Error::field("bank_line", "refused-empty"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let row = standing(tx, id).await?;
        let _: String = proposals::confirm(tx, by, ProposalKind::SuspenseReturn, Subject::StatementLine, id.0).await?;
        let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
        recipes::suspense_sent_back(tx, by, id, sum, mark).await
    })
    .await
}

/// Declines to send it back, or takes one's own proposal back.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed; forbidden for other roles.
pub async fn decline_return<R: RolePermission>(by: &As<R>, id: StatementLineId, reason: &str) -> Result<()> {
    if !matches!(R::ROLE, Role::FinanceOfficer | Role::Approver) {
        return Err(Error::Forbidden("forbidden-approver"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        proposals::decline(tx, by, ProposalKind::SuspenseReturn, Subject::StatementLine, id.0, reason).await
    })
    .await
}
