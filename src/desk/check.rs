//! The doctor: what is wrong with this installation, and whether the books hold together.
//!
//! Every check is one query that counts what contradicts a rule. To add one, add its row to [`BOOKS`] or its function to [`run`].

use crate::commons::calendar;
use crate::edges::Edges;
use crate::error::Result;
use crate::grants::decisions::service::replay;
use crate::ledger::seal::inspect;
use chrono::Datelike;
use entities::kinds::Currency;
use entities::{foundation, job};
use migrations::Migrator;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, Statement};
use sea_orm_migration::MigratorTrait;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub code: &'static str,
    /// Whether it is well.
    pub ok: bool,
    /// What was found.
    pub detail: String,
}

impl Finding {
    fn new(code: &'static str, ok: bool, detail: impl Into<String>) -> Self {
        Self { code, ok, detail: detail.into() }
    }
}

/// Prints what it finds and answers whether all is well.
///
/// # Errors
/// When the database cannot be read.
pub async fn run(edges: &Edges) -> Result<bool> {
    run_with(edges, None).await
}

/// The same, and whether every head of a file that somebody kept is still here.
///
/// # Errors
/// When the database cannot be read.
pub async fn run_with(edges: &Edges, kept: Option<&str>) -> Result<bool> {
    let mut findings = house(edges).await?;
    findings.extend(books(edges).await?);
    if let Some(file) = kept {
        findings.push(kept_heads(edges, file).await?);
    }
    for finding in &findings {
        say(&format!("{} {}: {}", if finding.ok { "ok   " } else { "WRONG" }, finding.code, finding.detail));
    }
    Ok(findings.iter().all(|finding| finding.ok))
}

#[allow(clippy::print_stdout, reason = "the report of a command is what it prints")]
fn say(line: &str) {
    println!("{line}");
}

/// What the installation needs besides its books.
///
/// # Errors
/// When the database cannot be read.
pub async fn house(edges: &Edges) -> Result<Vec<Finding>> {
    let db = edges.db.read();
    // Opening asserted the durable settings of SQLite already; reading proves that the database answers.
    let pending = Migrator::get_pending_migrations(db).await?.len();
    let set_up = foundation::Entity::find_by_id(1).one(db).await?.is_some();
    let failed = job::Entity::find().filter(job::Column::FailedAt.is_not_null()).count(db).await?;
    let mut findings = vec![
        Finding::new("database", true, format!("{:?} answers and keeps what it acknowledges", edges.db.backend())),
        Finding::new("migrations", pending == 0, format!("{pending} pending")),
        Finding::new("foundation", set_up, if set_up { "set up" } else { "not set up: run `tributary init`" }),
        Finding::new("jobs", failed == 0, format!("{failed} given up; an administrator looks at them")),
    ];
    findings.push(documents(edges).await);
    findings.push(sealed_in_time(edges).await?);
    let years: Vec<i32> = calendar::load(db).await?.years().collect();
    let this = edges.today().year();
    let known = |year: i32| if years.contains(&year) { "known" } else { "missing: import it" };
    findings.push(Finding::new("calendar", years.contains(&this), format!("{this} {}", known(this))));
    // The next year is published in November; until December its absence is no fault.
    let late = edges.today().month() == 12;
    let next = this + 1;
    findings.push(Finding::new("calendar-next", years.contains(&next) || !late, format!("{next} {}", known(next))));
    Ok(findings)
}

/// Documents as PDF. A house without a font prints its pages, and that is well; one whose named font will not do is not.
async fn documents(edges: &Edges) -> Finding {
    match (edges.press.font().await, &edges.config.pdf_font) {
        (Some(file), _) => Finding::new("documents", true, format!("set as PDF with {}", file.display())),
        (None, None) => {
            Finding::new("documents", true, "pages that print: no font with Chinese characters, or built without PDF")
        }
        (None, Some(named)) => Finding::new("documents", false, format!("no PDF with the font {}", named.display())),
    }
}

/// Rules of the books: code, what a contradiction is, the query that counts them.
const BOOKS: [(&str, &str, &str); 13] = [
    (
        "columns",
        "floored accounts whose figures differ from their transfers",
        "select count(*) as wrong from account a where a.floored and (
           a.posted_debit_minor <> (select coalesce(sum(t.amount_minor), 0) from transfer t where t.debit_id = a.id and t.phase in ('single','post'))
           or a.posted_credit_minor <> (select coalesce(sum(t.amount_minor), 0) from transfer t where t.credit_id = a.id and t.phase in ('single','post'))
           or a.held_debit_minor <> (select coalesce(sum(t.amount_minor), 0) from transfer t where t.debit_id = a.id and t.phase = 'pending' and not exists (select 1 from transfer r where r.resolves_id = t.id))
           or a.held_credit_minor <> (select coalesce(sum(t.amount_minor), 0) from transfer t where t.credit_id = a.id and t.phase = 'pending' and not exists (select 1 from transfer r where r.resolves_id = t.id)))",
    ),
    (
        "totals",
        "totals by the day that differ from the sealed transfers",
        "select count(*) as wrong from (select starts_on, debit_id, credit_id, recipe, fund_id, award_id from (
           select starts_on, debit_id, credit_id, recipe, fund_id, award_id, amount_minor, transfers from turnover where span = 'day'
           union all
           select p.occurred_on, t.debit_id, t.credit_id, p.recipe, coalesce(p.fund_id, 0), coalesce(p.award_id, 0), -t.amount_minor, -1
             from transfer t join posting p on p.id = t.posting_id
             where t.phase in ('single','post') and t.id <= (select coalesce(max(h.last_transfer_id), 0) from seal_head h)
         ) both_sides group by starts_on, debit_id, credit_id, recipe, fund_id, award_id having sum(amount_minor) <> 0 or sum(transfers) <> 0) differing",
    ),
    (
        "totals-by-month",
        "accounts whose totals by the month differ from those by the day",
        "select count(*) as wrong from (select debit_id, credit_id, recipe, fund_id, award_id from turnover
           group by debit_id, credit_id, recipe, fund_id, award_id
           having sum(case when span = 'month' then amount_minor else -amount_minor end) <> 0) differing",
    ),
    (
        "floors",
        "floored accounts below zero, holds included",
        "select count(*) as wrong from account a where a.floored and (
           (a.side = 'C' and a.posted_credit_minor - a.posted_debit_minor - a.held_debit_minor < 0)
           or (a.side = 'D' and a.posted_debit_minor - a.posted_credit_minor - a.held_credit_minor < 0))",
    ),
    (
        "currencies",
        "transfers whose currency is not that of their accounts",
        "select count(*) as wrong from transfer t join account d on d.id = t.debit_id join account c on c.id = t.credit_id where d.currency <> t.currency or c.currency <> t.currency",
    ),
    (
        "paid-is-posted",
        "paid tranches without a posted payment",
        "select count(*) as wrong from tranche n where n.stage = 'paid' and not exists (
           select 1 from payment p join transfer t on (t.resolves_id = p.pending_transfer_id and t.phase = 'post') or (t.payment_id = p.id and t.phase = 'single') where p.tranche_id = n.id and p.outcome = 'paid')",
    ),
    (
        "posted-is-paid",
        "posted payments whose tranche was neither paid nor returned",
        "select count(*) as wrong from payment p join transfer t on t.resolves_id = p.pending_transfer_id and t.phase = 'post' join tranche n on n.id = p.tranche_id
         where p.outcome is null or p.outcome not in ('paid','returned') or (p.outcome = 'paid' and n.stage <> 'paid')",
    ),
    (
        "orders-paid",
        "online orders called paid without their money, or the other way round",
        "select count(*) as wrong from online_order o where (o.stage = 'paid') <> exists (select 1 from transfer t where t.idempotency_key = 'card:' || o.payment_intent and t.amount_minor = o.amount_minor)",
    ),
    (
        "refunds-posted",
        "online refunds called made without their money, or the other way round",
        "select count(*) as wrong from card_refund r where (r.stage in ('posted','returned')) <> exists (select 1 from transfer t join transfer h on h.id = t.resolves_id and t.phase = 'post' where h.idempotency_key = 'card-refund:' || cast(r.id as text))",
    ),
    (
        "four-eyes",
        "payments in which one person took two parts",
        "select count(*) as wrong from payment p where p.prepared_by = p.requested_by or p.prepared_by = p.payee_entered_by or p.prepared_by = p.programme_by or p.approved_by = p.prepared_by or p.approved_by = p.requested_by
           or p.approved_by = p.payee_entered_by or p.approved_by = p.programme_by or p.third_by = p.approved_by or p.third_by = p.prepared_by or p.third_by = p.requested_by or p.third_by = p.payee_entered_by
           or p.third_by = p.programme_by or p.confirmed_by = p.prepared_by or p.confirmed_by = p.requested_by or p.confirmed_by = p.payee_entered_by
           or (p.pending_transfer_id is not null and (p.approved_by is null or p.prepared_by is null or (p.third_required and p.third_by is null)))",
    ),
    (
        "batches",
        "sent batches whose file tells the bank another sum than the books held for it",
        "select count(*) as wrong from payment_batch b where b.stage = 'sent' and (
           b.total_minor <> (select coalesce(sum(t.amount_minor), 0) from payment_batch_line l join payment p on p.id = l.payment_id join transfer t on t.id = p.pending_transfer_id where l.batch_id = b.id and l.left_at is null)
           or b.line_count <> (select count(*) from payment_batch_line l where l.batch_id = b.id and l.left_at is null))",
    ),
    (
        "bank-lines",
        "lines of a statement that were placed and that the books never took",
        "select count(*) as wrong from line_match k join bank_statement_line l on l.id = k.line_id where not exists (select 1 from bank_line b where b.line = l.mark)",
    ),
    (
        "entries",
        "postings without a transfer",
        "select count(*) as wrong from posting p where not exists (select 1 from transfer t where t.posting_id = p.id)",
    ),
];

#[derive(Debug, FromQueryResult)]
struct Wrong {
    wrong: i64,
}

/// Whether the books hold together; for the command and for every test.
///
/// # Errors
/// When the database cannot be read.
pub async fn books(edges: &Edges) -> Result<Vec<Finding>> {
    let db = edges.db.read();
    let mut findings = Vec::new();
    // A fixed list of queries, however large the books are.
    for (code, what, sql) in BOOKS {
        let asked = Wrong::find_by_statement(Statement::from_string(edges.db.backend(), sql));
        let wrong = asked.one(db).await?.map_or(0, |row| row.wrong);
        findings.push(Finding::new(code, wrong == 0, format!("{wrong} {what}")));
    }
    findings.extend(balanced(edges).await?);
    findings.extend(lots(edges).await?);
    findings.push(seals(edges).await?);
    findings.push(decided(edges).await?);
    Ok(findings)
}

/// What decided comes out again when the tools are asked once more.
async fn decided(edges: &Edges) -> Result<Finding> {
    let (asked, other) = replay::all(edges.db.read()).await?;
    let detail = match other.as_slice() {
        [] => format!("{asked} scores, sets, plans and votes come out again as they decided"),
        other => format!("reckoned otherwise now: {}", other.join(", ")),
    };
    Ok(Finding::new("decisions", other.is_empty(), detail))
}

/// Heads that were published and kept stand here as they were signed.
async fn kept_heads(edges: &Edges, file: &str) -> Result<Finding> {
    let wrong: Vec<String> = inspect::not_as_kept(edges, file).await?.iter().map(ToString::to_string).collect();
    let detail = if wrong.is_empty() { "every head that was kept is here".to_owned() } else { wrong.join("; ") };
    Ok(Finding::new("kept-heads", wrong.is_empty(), detail))
}

/// Nothing that was posted waits for its seal longer than it should.
async fn sealed_in_time(edges: &Edges) -> Result<Finding> {
    let late = inspect::late(edges).await?;
    let detail = match late {
        None => "nothing waits for long".to_owned(),
        Some(waited) => {
            format!("a transfer waits for {} minutes: is the key there, do the jobs run?", waited.num_minutes())
        }
    };
    Ok(Finding::new("sealed-in-time", late.is_none(), detail))
}

/// Every sealed row is what it was, by the same examination that anybody can make of the exported files.
async fn seals(edges: &Edges) -> Result<Finding> {
    let wrong = inspect::wrong_batches(edges).await?;
    let detail = if wrong.is_empty() { "sealed rows are what they were".to_owned() } else { wrong.join("; ") };
    Ok(Finding::new("seals", wrong.is_empty(), detail))
}

#[derive(Debug, FromQueryResult)]
struct Difference {
    currency: Currency,
    difference: i64,
}

/// Debits = credits per currency, by the balances of the accounts: floored ones by their columns, the others by transfers.
async fn balanced(edges: &Edges) -> Result<Vec<Finding>> {
    let sql = "select currency, cast(sum(debit - credit) as bigint) as difference from (
        select a.currency, a.posted_debit_minor as debit, a.posted_credit_minor as credit from account a where a.floored
        union all
        select a.currency, t.amount_minor, 0 from transfer t join account a on a.id = t.debit_id where not a.floored and t.phase in ('single','post')
        union all
        select a.currency, 0, t.amount_minor from transfer t join account a on a.id = t.credit_id where not a.floored and t.phase in ('single','post')
      ) legs group by currency";
    let rows =
        Difference::find_by_statement(Statement::from_string(edges.db.backend(), sql)).all(edges.db.read()).await?;
    let finding = |row: &Difference| {
        let detail = format!("{}: debits less credits {} minor units", row.currency, row.difference);
        Finding::new("debits-are-credits", row.difference == 0, detail)
    };
    Ok(rows.iter().map(finding).collect())
}

#[derive(Debug, FromQueryResult)]
struct FundLots {
    fund_id: i64,
    lots: i64,
    accounts: i64,
}

/// What lots have not consumed and not refunded is what the fund has available, committed and payable.
async fn lots(edges: &Edges) -> Result<Vec<Finding>> {
    let sql = "select f.id as fund_id,
        cast((select coalesce(sum(l.amount_minor), 0) from lot l where l.fund_id = f.id)
          - (select coalesce(sum(case m.kind when 'consume' then m.amount_minor when 'refund' then m.amount_minor when 'fee' then m.amount_minor when 'reopen' then -m.amount_minor when 'refund_void' then -m.amount_minor else 0 end), 0)
             from lot_move m join lot l on l.id = m.lot_id where l.fund_id = f.id) as bigint) as lots,
        cast((select coalesce(sum(a.posted_credit_minor - a.posted_debit_minor - case when a.kind = 'fund_available' then a.held_debit_minor else 0 end), 0) from account a where
            (a.kind = 'fund_available' and a.subject_id = f.id)
            or (a.kind = 'award_committed' and a.subject_id in (select i.id from decision_item i join decision_batch b on b.id = i.batch_id join call c on c.id = b.call_id where c.fund_id = f.id))
            or (a.kind = 'award_payable' and a.subject_id in (select n.id from tranche n join award w on w.id = n.award_id where w.fund_id = f.id))) as bigint) as accounts
      from fund f order by f.id";
    let rows =
        FundLots::find_by_statement(Statement::from_string(edges.db.backend(), sql)).all(edges.db.read()).await?;
    let wrong: Vec<String> = rows
        .iter()
        .filter(|row| row.lots != row.accounts)
        .map(|row| format!("fund {}: lots {} accounts {}", row.fund_id, row.lots, row.accounts))
        .collect();
    let detail = if wrong.is_empty() { format!("{} funds add up", rows.len()) } else { wrong.join("; ") };
    Ok(vec![Finding::new("lots", wrong.is_empty(), detail)])
}
