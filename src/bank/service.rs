//! What can be done with what the bank says: keep its accounts, import its statements, place its lines, empty suspense.

pub mod accounts;
mod candidates;
mod chain;
pub mod figures;
pub mod matches;
mod overlaps;
pub mod statements;
pub mod suspense;

use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::Context;
use entities::bank_statement_line;
use entities::kinds::{Role, StatementLineId};
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};

/// A line that only a hand wrote: no file has shown it yet.
const HAND: &str =
    "exists (select 1 from bank_statement h where h.id = bank_statement_line.statement_id and h.format = 'by_hand')";
/// A line that a hand wrote, of a day of which a file speaks by now without showing it, or whose entry was found on another line: the
/// file's word counts, and such a line stands for nothing.
const OVERTAKEN: &str = "exists (select 1 from bank_statement h where h.id = bank_statement_line.statement_id and h.format = 'by_hand')
    and (exists (select 1 from bank_statement f where f.account_id = bank_statement_line.account_id and f.stage = 'imported'
        and f.format <> 'by_hand' and bank_statement_line.day between f.from_day and f.to_day)
      or exists (select 1 from line_match k join transfer t on t.id = k.transfer_id where t.idempotency_key = 'bank:' || bank_statement_line.mark))";

/// Whoever works with the bank: finance and its checkers. Nobody else sees whom money came from.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn open_to(context: &Context) -> Result<()> {
    let theirs = context.actor.has(Role::FinanceOfficer) || context.actor.has(Role::Approver);
    if theirs { Ok(()) } else { Err(Error::Forbidden("forbidden-finance")) }
}

/// A line by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: StatementLineId) -> Result<bank_statement_line::Model> {
    bank_statement_line::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// A line that nobody else places until this transaction ends.
async fn locked(tx: &Tx, id: StatementLineId) -> Result<bank_statement_line::Model> {
    bank_statement_line::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)
}
