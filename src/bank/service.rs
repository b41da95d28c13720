//! What can be done with what the bank says: keep its accounts, import its statements, place its lines, empty suspense.

pub mod accounts;
mod candidates;
pub mod figures;
pub mod matches;
pub mod statements;
pub mod suspense;

use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::Context;
use entities::bank_statement_line;
use entities::kinds::{Role, StatementLineId};
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};

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
