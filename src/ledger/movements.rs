//! What the books moved at the bank, each with the mark of the line that proves it: for whoever compares them with a statement.

use super::accounts::Account;
use crate::error::Result;
use chrono::NaiveDate;
use entities::kinds::{Currency, Recipe, Subject, TransferId};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

/// One movement of money at the bank.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Movement {
    /// The transfer.
    pub id: TransferId,
    /// Above zero came in, below zero went out.
    pub amount_minor: i64,
    /// Day of the event.
    pub occurred_on: NaiveDate,
    /// Which row of the table of postings.
    pub recipe: Recipe,
    /// What it was posted for.
    pub subject: Subject,
    /// Which one.
    pub subject_id: i64,
    /// The line it was recorded with.
    pub mark: Option<String>,
}

/// The movements of a currency as a query of `m`: a key begins with what it proves, so the mark stands behind it or beside it.
/// `$1` is the code of the bank's account.
pub const MOVED: &str = "select t.id as id, case when t.debit_id = a.id then t.amount_minor else -t.amount_minor end as amount_minor,
    p.occurred_on as occurred_on, p.recipe as recipe, p.subject as subject, p.subject_id as subject_id,
    case when t.idempotency_key like 'bank:%' then substr(t.idempotency_key, 6)
         when t.idempotency_key like 'payment:%' then (select q.bank_line from payment q where q.pending_transfer_id = t.resolves_id)
         when t.idempotency_key like 'refund:%' then (select max(b.line) from bank_line b where b.subject = 'gift' and b.subject_id = p.subject_id
           and not exists (select 1 from transfer x where x.idempotency_key = 'bank:' || b.line)) end as mark
  from account a join transfer t on t.debit_id = a.id or t.credit_id = a.id join posting p on p.id = t.posting_id
  where a.code = $1 and t.phase in ('single','post')";

/// Movements that answer a condition on `m`, oldest first, at most `limit`. `values` fill `$2` and on.
///
/// # Errors
/// When the database cannot be read.
pub async fn such(
    db: &impl ConnectionTrait,
    currency: Currency,
    condition: &str,
    values: Vec<Value>,
    limit: u64,
) -> Result<Vec<Movement>> {
    let sql = format!("select * from ({MOVED}) m where {condition} order by m.id limit {limit}");
    let values = std::iter::once(Value::from(Account::Bank.code(currency))).chain(values);
    let asked = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(Movement::find_by_statement(asked).all(db).await?)
}
