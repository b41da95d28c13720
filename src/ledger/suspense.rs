//! Money that a line of the statement brought and that belongs to nobody yet: whether it still stands in suspense, for the rooms that
//! may find out whose it is. `bank` puts it there and gives it out by people; a platform's file and a payout of the processor find
//! their own line.

use super::sum::Sum;
use crate::edges::db::Tx;
use crate::error::Result;
use chrono::Days;
use entities::bank_statement_line;
use entities::kinds::StatementLineId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// What a line must be to stand in suspense still: put there, and neither a gift, nor a platform's file, nor a payout, nor gone back.
pub const OPEN: &str = "exists (select 1 from line_match k where k.line_id = bank_statement_line.id and k.kind = 'suspense')
    and not exists (select 1 from gift g where g.bank_line = bank_statement_line.mark)
    and not exists (select 1 from settlement_import i where i.bank_line = bank_statement_line.mark and i.stage = 'applied')
    and not exists (select 1 from bank_line b where b.subject = 'statement_line' and b.subject_id = bank_statement_line.id and b.line <> bank_statement_line.mark)
    and not exists (select 1 from posting p join transfer t on t.posting_id = p.id where p.subject = 'statement_line' and p.subject_id = bank_statement_line.id
      and p.recipe = 'processor_payout' and not exists (select 1 from transfer r where r.reverses_id = t.id))";

/// Nobody is about to do something else with it.
const UNCLAIMED: &str = "not exists (select 1 from settlement_import i where i.bank_line = bank_statement_line.mark)
    and not exists (select 1 from proposal o where o.subject = 'statement_line' and o.subject_id = bank_statement_line.id and o.stage = 'open')";

/// The processor's money stands on the statement within so many days of its word.
const PAYOUT_DAYS: u64 = 10;

/// The line with this mark while its money stands in suspense.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing(db: &impl ConnectionTrait, mark: &str) -> Result<Option<bank_statement_line::Model>> {
    let rows = bank_statement_line::Entity::find().filter(bank_statement_line::Column::Mark.eq(mark));
    Ok(rows.filter(Expr::cust(OPEN)).one(db).await?)
}

/// The same, kept from others until this transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn locked(tx: &Tx, mark: &str) -> Result<Option<bank_statement_line::Model>> {
    let rows = bank_statement_line::Entity::find().filter(bank_statement_line::Column::Mark.eq(mark));
    if rows.lock_exclusive().one(tx).await?.is_none() {
        return Ok(None);
    }
    // Asked once nobody else can change the answer.
    standing(tx, mark).await
}

/// The oldest line of just this amount that nobody claims, kept from others: where a payout's money came before its word.
///
/// # Errors
/// When the database refuses.
pub(super) async fn of_amount(tx: &Tx, sum: Sum) -> Result<Option<StatementLineId>> {
    let (from, to) = (sum.on.checked_sub_days(Days::new(PAYOUT_DAYS)), sum.on.checked_add_days(Days::new(PAYOUT_DAYS)));
    let found = bank_statement_line::Entity::find()
        .filter(bank_statement_line::Column::Currency.eq(sum.currency))
        .filter(bank_statement_line::Column::AmountMinor.eq(sum.amount_minor))
        .filter(bank_statement_line::Column::Day.between(from.unwrap_or(sum.on), to.unwrap_or(sum.on)))
        .filter(Expr::cust(OPEN))
        .filter(Expr::cust(UNCLAIMED))
        .order_by_asc(bank_statement_line::Column::Id)
        .one(tx)
        .await?;
    let Some(row) = found else { return Ok(None) };
    Ok(locked(tx, &row.mark).await?.map(|row| row.id))
}
