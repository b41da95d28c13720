//! Lines of the bank's statement: each proves one thing, whatever act names it first, and the database keeps it so.

use super::sum::Sum;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use entities::kinds::{Currency, Subject};
use entities::{bank_line, bank_statement_line};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// What a line must have moved to prove something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Minor units: above zero came in, below zero went out, zero where nothing moved.
    pub amount_minor: i64,
    /// Currency.
    pub currency: Currency,
}

impl Moved {
    /// So much came in.
    pub const fn came(sum: Sum) -> Self {
        Self { amount_minor: sum.amount_minor, currency: sum.currency }
    }

    /// So much went out.
    pub const fn went(sum: Sum) -> Self {
        Self { amount_minor: -sum.amount_minor, currency: sum.currency }
    }

    /// The bank only said something.
    pub const fn nothing(currency: Currency) -> Self {
        Self { amount_minor: 0, currency }
    }
}

/// Refuses a line that was used.
///
/// # Errors
/// `refused-bank-line-used` by the field.
pub async fn is_new(db: &impl ConnectionTrait, line: &str) -> Result<()> {
    let used = bank_line::Entity::find().filter(bank_line::Column::Line.eq(line)).one(db).await?;
    if used.is_some() { Err(Error::field("bank_line", "refused-bank-line-used")) } else { Ok(()) }
}

/// Refuses a line that was used, or that a statement shows with another amount or direction: it is somebody else's, and named
/// here it would be lost to them.
///
/// # Errors
/// `refused-bank-line-used` or `refused-bank-line-amount` by the field.
pub async fn is_free(db: &impl ConnectionTrait, line: &str, moved: Moved) -> Result<()> {
    is_new(db, line).await?;
    let shown = bank_statement_line::Entity::find().filter(bank_statement_line::Column::Mark.eq(line)).one(db).await?;
    match shown {
        Some(row) if row.amount_minor != moved.amount_minor || row.currency != moved.currency => {
            Err(Error::field("bank_line", "refused-bank-line-amount"))
        }
        _ => Ok(()),
    }
}

/// Uses a line for what it proves, in the transaction of the posting.
///
/// # Errors
/// As [`is_free`]; of two at once one finds it used.
pub async fn take(tx: &Tx, line: &str, moved: Moved, subject: Subject, id: i64) -> Result<()> {
    is_free(tx, line, moved).await?;
    let row = bank_line::ActiveModel {
        line: Set(line.to_owned()),
        subject: Set(subject),
        subject_id: Set(id),
        at: Set(tx.now()),
        ..Default::default()
    };
    let once = OnConflict::column(bank_line::Column::Line).do_nothing().to_owned();
    let written = bank_line::Entity::insert(row).on_conflict(once).exec_without_returning(tx).await?;
    if written == 0 { Err(Error::field("bank_line", "refused-bank-line-used")) } else { Ok(()) }
}
