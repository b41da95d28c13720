//! Whether bank and books say the same: one number, what explains it, and how old that is. Reads only.

use super::{OVERTAKEN, candidates};
use crate::bank::rules::AGES;
use crate::error::Result;
use crate::ledger::movements::{self, MOVED, Movement};
use crate::ledger::{Account, balances, suspense};
use chrono::{Days, NaiveDate};
use entities::kinds::{Currency, StatementLineId};
use entities::{bank_statement_line, payment};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement, Value,
};

/// Lines whose mark the books never took.
fn unplaced() -> String {
    format!("not exists (select 1 from bank_line k where k.line = bank_statement_line.mark) and not ({OVERTAKEN})")
}

/// Entries that neither a file shows nor a hand, as far as its word still counts.
fn unseen_by_all() -> String {
    format!(
        "{} and not exists (select 1 from bank_statement_line where bank_statement_line.mark = m.mark and not ({OVERTAKEN}))",
        candidates::UNSEEN
    )
}

/// Entries and payments shown at once: whatever is more is found by paying attention to these first.
const SHOWN: u64 = 50;

/// How bank and books stand to each other in one currency.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Currency.
    pub currency: Currency,
    /// What the statements say stands at the bank.
    pub statement_minor: i64,
    /// The last day that a statement speaks of.
    pub as_of: Option<NaiveDate>,
    /// What the books say.
    pub books_minor: i64,
    /// Lines that wait to be placed: the bank has them, the books do not.
    pub unplaced_minor: i64,
    /// Entries that no statement has shown: the books have them, the bank does not say so yet.
    pub unseen_minor: i64,
    /// What stands in suspense, receipts recorded by hand included.
    pub suspense_minor: i64,
    /// Lines that wait, by age: up to each of `AGES` days, and older; how many, and their sum.
    pub ages: [(i64, i64); AGES.len() + 1],
}

impl Figures {
    /// Statement less books.
    pub const fn difference_minor(&self) -> i64 {
        self.statement_minor - self.books_minor
    }

    /// The one number: what is left once every line and every entry is counted. Not zero: a statement is missing, or something was
    /// recorded with another amount.
    pub const fn unexplained_minor(&self) -> i64 {
        self.difference_minor() - self.unplaced_minor + self.unseen_minor
    }
}

#[derive(Debug, FromQueryResult)]
struct Told {
    currency: Currency,
    total: i64,
    as_of: Option<NaiveDate>,
    since: Option<NaiveDate>,
}

/// What the statements say, by currency: of each account the last balance told, and the lines after its day.
async fn told(db: &impl ConnectionTrait) -> Result<Vec<Told>> {
    let last = |column: &str| {
        format!(
            "(select s.{column} from bank_statement s where s.account_id = a.id and s.stage = 'imported' and s.closing_minor is not null order by s.to_day desc, s.id desc limit 1)"
        )
    };
    let sql = format!(
        "select b.currency as currency, cast(sum(coalesce(b.closing, 0) + coalesce((select sum(bank_statement_line.amount_minor) from bank_statement_line where bank_statement_line.account_id = b.id
             and (b.closed_on is null or bank_statement_line.day > b.closed_on) and not ({OVERTAKEN})), 0)) as bigint) as total,
           max(b.as_of) as as_of, min(b.since) as since
         from (select a.id, a.currency, {} as closing, {} as closed_on,
             (select max(s.to_day) from bank_statement s where s.account_id = a.id and s.stage = 'imported') as as_of,
             (select min(s.from_day) from bank_statement s where s.account_id = a.id and s.stage = 'imported') as since
           from bank_account a) b group by b.currency order by b.currency",
        last("closing_minor"),
        last("to_day")
    );
    Ok(Told::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).all(db).await?)
}

#[derive(Debug, FromQueryResult)]
struct Total {
    many: i64,
    total: i64,
}

async fn total(db: &impl ConnectionTrait, sql: String, values: Vec<Value>) -> Result<(i64, i64)> {
    let asked = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(Total::find_by_statement(asked).one(db).await?.map_or((0, 0), |row| (row.many, row.total)))
}

/// How bank and books stand to each other, a row a currency.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(db: &impl ConnectionTrait, today: NaiveDate) -> Result<Vec<Figures>> {
    let mut rows = Vec::new();
    // A handful of currencies, whatever the number of lines.
    for told in told(db).await? {
        let currency = told.currency;
        let mut ages = [(0, 0); AGES.len() + 1];
        let mut newer = None;
        for (place, age) in ages.iter_mut().enumerate() {
            let oldest = AGES.get(place).and_then(|days| today.checked_sub_days(Days::new(days.unsigned_abs())));
            *age = waiting(db, currency, oldest, newer).await?;
            newer = oldest;
        }
        let unseen = format!(
            "select count(*) as many, cast(coalesce(sum(m.amount_minor), 0) as bigint) as total from ({MOVED}) m where m.occurred_on >= $2 and {}",
            unseen_by_all()
        );
        let since = told.since.unwrap_or(today);
        let (_, unseen_minor) = total(db, unseen, vec![Account::Bank.code(currency).into(), since.into()]).await?;
        rows.push(Figures {
            currency,
            statement_minor: told.total,
            as_of: told.as_of,
            books_minor: balances::posted(db, Account::Bank, currency).await?,
            unplaced_minor: ages.iter().map(|(_, minor)| minor).sum(),
            unseen_minor,
            suspense_minor: balances::posted(db, Account::Suspense, currency).await?,
            ages,
        });
    }
    Ok(rows)
}

/// Lines that wait, of days from `from` on and before `before`.
async fn waiting(
    db: &impl ConnectionTrait,
    currency: Currency,
    from: Option<NaiveDate>,
    before: Option<NaiveDate>,
) -> Result<(i64, i64)> {
    let sql = format!(
        "select count(*) as many, cast(coalesce(sum(amount_minor), 0) as bigint) as total from bank_statement_line where currency = $1 and day >= $2 and day < $3 and {}",
        unplaced()
    );
    let first = from.or_else(|| NaiveDate::from_ymd_opt(1900, 1, 1)).unwrap_or_default();
    let last = before.or_else(|| NaiveDate::from_ymd_opt(2999, 1, 1)).unwrap_or_default();
    total(db, sql, vec![currency.into(), first.into(), last.into()]).await
}

/// Which lines of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that wait to be placed.
    Unplaced,
    /// Those whose money stands in suspense.
    Suspense,
    /// Every line.
    All,
}

/// Lines, oldest first where they wait and newest first of all; from beyond a key, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines(
    db: &impl ConnectionTrait,
    which: Which,
    beyond: Option<i64>,
    limit: u64,
) -> Result<Vec<bank_statement_line::Model>> {
    let id = bank_statement_line::Column::Id;
    let rows = bank_statement_line::Entity::find().limit(limit);
    let rows = match which {
        Which::Unplaced => rows.filter(Expr::cust(unplaced())).order_by_asc(id),
        Which::Suspense => rows.filter(Expr::cust(suspense::OPEN)).order_by_asc(id),
        Which::All => rows.order_by_desc(id),
    };
    let rows = match (which, beyond) {
        (_, None) => rows,
        (Which::All, Some(key)) => rows.filter(id.lt(key)),
        (_, Some(key)) => rows.filter(id.gt(key)),
    };
    Ok(rows.all(db).await?)
}

/// Entries that no statement has shown though one speaks of their day, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn unseen(db: &impl ConnectionTrait, currency: Currency) -> Result<Vec<Movement>> {
    let condition = format!(
        "m.occurred_on >= (select min(s.from_day) from bank_statement s where s.currency = $2 and s.stage = 'imported') and {}",
        unseen_by_all()
    );
    movements::such(db, currency, &condition, vec![currency.into()], SHOWN).await
}

/// A line that the books have with another amount.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Askew {
    /// The line.
    pub id: StatementLineId,
    /// Its day.
    pub day: NaiveDate,
    /// Its mark.
    pub mark: String,
    /// As the bank says.
    pub amount_minor: i64,
    /// As the books say.
    pub booked_minor: i64,
}

/// Lines that the books have with another amount than the bank.
///
/// # Errors
/// When the database cannot be read.
pub async fn askew(db: &impl ConnectionTrait, currency: Currency) -> Result<Vec<Askew>> {
    let sql = format!(
        "with moved as ({MOVED}), booked as (
           select m.mark as mark, m.amount_minor as amount_minor from moved m where m.mark is not null
             and not exists (select 1 from line_match k where k.transfer_id = m.id)
           union all
           select l.mark, m.amount_minor from line_match k join bank_statement_line l on l.id = k.line_id join moved m on m.id = k.transfer_id)
         select l.id as id, l.day as day, l.mark as mark, l.amount_minor as amount_minor, cast(coalesce(sum(b.amount_minor), 0) as bigint) as booked_minor
         from (select * from bank_statement_line where bank_statement_line.currency = $2 and not ({OVERTAKEN})) l
           join bank_line u on u.line = l.mark left join booked b on b.mark = l.mark
         group by l.id, l.day, l.mark, l.amount_minor having l.amount_minor <> cast(coalesce(sum(b.amount_minor), 0) as bigint)
         order by l.id limit {SHOWN}"
    );
    let values = vec![Value::from(Account::Bank.code(currency)), currency.into()];
    let asked = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(Askew::find_by_statement(asked).all(db).await?)
}

/// Payments that the bank was asked for and has not shown, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn in_flight(db: &impl ConnectionTrait) -> Result<Vec<payment::Model>> {
    Ok(payment::Entity::find()
        .filter(payment::Column::Outcome.is_null())
        .filter(payment::Column::SentAt.is_not_null())
        .order_by_asc(payment::Column::SentAt)
        .limit(SHOWN)
        .all(db)
        .await?)
}
