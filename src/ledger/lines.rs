//! Lines of the bank's statement: each proves one thing, whatever act names it first, and the database keeps it so.

use crate::edges::db::Tx;
use crate::error::{Error, Result};
use entities::bank_line;
use entities::kinds::Subject;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Refuses a line that was used.
///
/// # Errors
/// `refused-bank-line-used` by the field.
pub async fn is_new(db: &impl ConnectionTrait, line: &str) -> Result<()> {
    let used = bank_line::Entity::find().filter(bank_line::Column::Line.eq(line)).one(db).await?;
    if used.is_some() { Err(Error::field("bank_line", "refused-bank-line-used")) } else { Ok(()) }
}

/// Uses a line for what it proves, in the transaction of the posting.
///
/// # Errors
/// As [`is_new`]; of two at once one finds it used.
pub async fn take(tx: &Tx, line: &str, subject: Subject, id: i64) -> Result<()> {
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
