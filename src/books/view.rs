//! The pages of the books, and what waits for the reader here.

use crate::commons::proposals;
use crate::disclosure::account_names;
use crate::error::{Error, Result};
use crate::ledger::books::number;
use crate::ledger::{corrections, periods, trial};
use crate::people::permission::{Approver, As, Context, Finance, Level};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice, Fact, Task};
use crate::web::sheet::{Act, Block, Cell, Sheet};
use chrono::{Datelike, NaiveDate};
use entities::kinds::{PostingId, ProposalKind, ProposalStage, Role, Subject};
use entities::{account, posting, proposal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Closed periods shown: twenty years of months.
const PERIODS: u64 = 240;
/// Tasks shown at most.
const MOST: u64 = 20;

/// The trial balance; of this year when no days are given.
///
/// # Errors
/// When the database cannot be read.
pub async fn trial(context: &Context, from: Option<NaiveDate>, until: Option<NaiveDate>) -> Answer {
    let today = context.edges.today();
    let first = NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today);
    let (from, until) = (from.unwrap_or(first), until.unwrap_or(today));
    let lines = trial::of_period(context.edges.db.read(), from, until).await?;
    let accounts: Vec<account::Model> = lines.iter().map(|line| line.account.clone()).collect();
    let names = account_names(context, &accounts).await?;
    let cells = |line: &trial::Line| {
        let money = |minor| Cell::number(context.money(minor, line.account.currency));
        let name = names.get(&line.account.id).cloned().unwrap_or_default();
        vec![
            Cell::lead(name, format!("/ledger/accounts/{}", line.account.id)),
            money(line.opening_minor),
            money(line.debit_minor),
            money(line.credit_minor),
            money(line.closing_minor),
        ]
    };
    let total = |(currency, total): &(entities::kinds::Currency, trial::Total)| {
        let debit = context.money(total.debit_minor, *currency);
        Fact::new(
            context.t_with("trial-total", &[("currency", currency.code())]),
            context
                .t_with("trial-both", &[("debit", &debit), ("credit", &context.money(total.credit_minor, *currency))]),
        )
    };
    Sheet::new(context.t("trial-title"))
        .under(&[(context.t("ledger-title"), "/ledger")])
        .sentence(context.t_with("trial-sentence", &[("from", &context.day(from)), ("until", &context.day(until))]))
        .with(Block::Table {
            title: String::new(),
            heads: ["head-account", "trial-opening", "trial-debit", "trial-credit", "trial-closing"]
                .map(|key| context.t(key))
                .into(),
            rows: lines.iter().map(cells).collect(),
            empty: context.t("ledger-empty"),
        })
        .beside(Block::Facts {
            title: context.t("trial-totals"),
            items: trial::totals(&lines).iter().map(total).collect(),
        })
        .beside(Block::Acts { title: context.t("trial-periods"), items: months(context, today) })
        .answer(context, "ledger")
}

/// This year, last year and this month, as links.
fn months(context: &Context, today: NaiveDate) -> Vec<ActLink> {
    let link = |text: String, from: Option<NaiveDate>, until: Option<NaiveDate>| {
        let (from, until) = (from.unwrap_or(today), until.unwrap_or(today));
        ActLink { href: format!("/ledger/trial-balance?from={from}&until={until}"), text, tone: "quiet" }
    };
    let year = today.year();
    let last = (NaiveDate::from_ymd_opt(year - 1, 1, 1), NaiveDate::from_ymd_opt(year - 1, 12, 31));
    vec![
        link(context.t("trial-month"), today.with_day(1), Some(today)),
        link(context.t("trial-year"), NaiveDate::from_ymd_opt(year, 1, 1), Some(today)),
        link(context.t("trial-last-year"), last.0, last.1),
        ActLink { href: "/ledger/periods".into(), text: context.t("periods-title"), tone: "quiet" },
    ]
}

/// The closed periods.
///
/// # Errors
/// When the database cannot be read.
pub async fn periods(context: &Context) -> Answer {
    let db = context.edges.db.read();
    let rows = periods::closed(db, PERIODS).await?;
    let cells = |row: &entities::book_period::Model| {
        vec![
            Cell::lead(context.day(row.until), ""),
            Cell::number(row.entries.to_string()),
            Cell::text(context.moment(row.closed_at)),
        ]
    };
    let waits = proposals::open(db, ProposalKind::PeriodClose, Subject::Foundation, 1).await?.is_some();
    let link = |act: &str| ActLink {
        href: format!("/ledger/periods/{act}"),
        text: context.t(&format!("act-period-{act}-button")),
        tone: "",
    };
    let mut acts = Vec::new();
    if context.actor.has(Role::FinanceOfficer) && !waits {
        acts.push(link("close"));
    }
    if context.actor.has(Role::Approver) && waits {
        acts.push(link("decide"));
    }
    Sheet::new(context.t("periods-title"))
        .under(&[(context.t("ledger-title"), "/ledger")])
        .sentence(context.t("periods-sentence"))
        .now(context.t("now-title"), if waits { context.t("periods-waits") } else { String::new() }, acts)
        .with(Block::Table {
            title: String::new(),
            heads: ["head-until", "head-entries", "head-closed-at"].map(|key| context.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("periods-empty"),
        })
        .answer(context, "ledger")
}

/// The page that asks to close the books up to a day: the end of last month, unless another is typed.
///
/// # Errors
/// When the page cannot be written.
pub fn close(by: &As<Finance>) -> Answer {
    let end = by.edges.today().with_day(1).and_then(|first| first.pred_opt());
    Act::new(by, "period-close", "/ledger/periods/close", "/ledger/periods")
        .under(&[(by.t("ledger-title"), "/ledger"), (by.t("periods-title"), "/ledger/periods")])
        .ask(by, "date", "until")
        .labelled(by.t("head-until"))
        .value(end.map(|day| day.to_string()).unwrap_or_default())
        .answer(by, "ledger")
}

/// The page on which an approver closes what was proposed.
///
/// # Errors
/// [`Error::NotFound`] when nothing waits.
pub async fn decide(by: &As<Approver>) -> Answer {
    let db = by.edges.db.read();
    let open = proposals::open(db, ProposalKind::PeriodClose, Subject::Foundation, 1).await?.ok_or(Error::NotFound)?;
    let said: periods::Proposed = serde_json::from_value(open.payload)?;
    Act::new(by, "period-decide", "/ledger/periods/decide", "/ledger/periods")
        .under(&[(by.t("ledger-title"), "/ledger"), (by.t("periods-title"), "/ledger/periods")])
        .fact(by.t("head-until"), by.day(said.until))
        .fact(by.t("head-entries"), said.entries.to_string())
        .shows(open.id)
        .ask_choice(by, "act", Choice::words(by, "fund-answer", ["confirm", "decline"]))
        .ask(by, "area", "reason")
        .optional()
        .proving(by, Level::Decision)
        .answer(by, "ledger")
}

/// The page that proposes a correction of an entry.
///
/// # Errors
/// [`Error::NotFound`] for an entry there is none of.
pub async fn correct(by: &As<Finance>, id: PostingId) -> Answer {
    let db = by.edges.db.read();
    let row = posting::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let base = format!("/ledger/{}", number(id));
    let page = Act::new(by, "entry-correct", format!("{base}/correct"), base.clone())
        .under(&[(by.t("ledger-title"), "/ledger"), (number(id), &base)])
        .fact(by.t("head-what"), by.t(&format!("entry-{}", row.recipe)))
        .fact(by.t("head-date"), by.day(row.occurred_on))
        .ask(by, "area", "reason")
        .hint(by.t("entry-correct-hint"));
    let page = if corrections::reversible(db, &row).await? {
        page.ask(by, "check", "reverse").labelled(by.t("entry-reverse")).optional()
    } else {
        page
    };
    page.answer(by, "ledger")
}

/// The page on which an approver publishes or declines it.
///
/// # Errors
/// [`Error::NotFound`] when none waits.
pub async fn judge(by: &As<Approver>, id: PostingId) -> Answer {
    let db = by.edges.db.read();
    let open = proposals::open(db, ProposalKind::Correction, Subject::Posting, id.0).await?.ok_or(Error::NotFound)?;
    let said: corrections::Proposed = serde_json::from_value(open.payload)?;
    let base = format!("/ledger/{}", number(id));
    Act::new(by, "entry-judge", format!("{base}/confirm-correction"), base.clone())
        .under(&[(by.t("ledger-title"), "/ledger"), (number(id), &base)])
        .fact(by.t("field-reason"), said.reason)
        .fact(by.t("entry-reverse"), by.t(if said.reverse { "entry-reverse-yes" } else { "entry-reverse-no" }))
        .shows(open.id)
        .ask_choice(by, "act", Choice::words(by, "fund-answer", ["confirm", "decline"]))
        .ask(by, "area", "reason")
        .optional()
        .proving(by, Level::Decision)
        .answer(by, "ledger")
}

/// Corrections and closings that wait for an approver.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    if !context.actor.has(Role::Approver) {
        return Ok(Vec::new());
    }
    let open = proposal::Entity::find()
        .filter(proposal::Column::Kind.is_in([ProposalKind::Correction, ProposalKind::PeriodClose]))
        .filter(proposal::Column::Stage.eq(ProposalStage::Open))
        .order_by_asc(proposal::Column::Id)
        .limit(MOST)
        .all(context.edges.db.read())
        .await?;
    let task = |row: &proposal::Model| {
        let voucher = number(PostingId(row.subject_id));
        let (key, detail, href) = match row.kind {
            ProposalKind::PeriodClose => {
                ("task-period", context.t("periods-title"), "/ledger/periods/decide".to_owned())
            }
            _ => ("task-correction", voucher.clone(), format!("/ledger/{voucher}/confirm-correction")),
        };
        Task { href, title: context.t(key), detail, chip: String::new(), tone: "" }
    };
    Ok(open.iter().filter(|row| Some(row.proposed_by) != context.actor.person).map(task).collect())
}
