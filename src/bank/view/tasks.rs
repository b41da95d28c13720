//! What waits in this room, for the desk: a line a list, not a line each, because there may be hundreds.

use crate::bank::rules::LATE_DAYS;
use crate::bank::service::figures::{self, Which};
use crate::error::Result;
use crate::people::permission::Context;
use crate::web::parts::Task;
use chrono::NaiveDate;
use entities::bank_statement;
use entities::kinds::{ProposalKind, ProposalStage, Role, StatementLineId, StatementStage, Subject};
use entities::proposal;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Tasks of one kind on the desk.
const MANY: u64 = 20;
/// Lines counted for the desk: beyond this it says "at least".
const COUNTED: u64 = 100;

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let (finance, approver) = (context.actor.has(Role::FinanceOfficer), context.actor.has(Role::Approver));
    let mut tasks = Vec::new();
    if finance || approver {
        tasks.extend(lists(context).await?);
        tasks.extend(proposed(context, approver).await?);
    }
    if finance {
        tasks.extend(checked(context).await?);
    }
    Ok(tasks)
}

/// Lines to place and suspense to empty, with the age of the oldest.
async fn lists(context: &Context) -> Result<Vec<Task>> {
    let db = context.edges.db.read();
    let today = context.edges.today();
    let mut tasks = Vec::new();
    for (which, href, key) in
        [(Which::Unplaced, "/bank/lines", "task-bank-lines"), (Which::Suspense, "/bank/suspense", "task-bank-suspense")]
    {
        let rows = figures::lines(db, which, None, COUNTED).await?;
        let Some(oldest) = rows.iter().map(|row| row.day).min() else { continue };
        let days = (today - oldest).num_days().max(0);
        tasks.push(Task {
            href: href.into(),
            title: context.t_count(key, i64::try_from(rows.len()).unwrap_or(0)),
            detail: context.t("bank-title"),
            chip: context.t_count("bank-days", days),
            tone: if days > LATE_DAYS { "stop" } else { "wait" },
        });
    }
    Ok(tasks)
}

/// What somebody else chose, or wants to send back.
async fn proposed(context: &Context, approver: bool) -> Result<Vec<Task>> {
    let mut kinds = vec![ProposalKind::LineMatch];
    if approver {
        kinds.push(ProposalKind::SuspenseReturn);
    }
    let rows = proposal::Entity::find()
        .filter(proposal::Column::Stage.eq(ProposalStage::Open))
        .filter(proposal::Column::Kind.is_in(kinds))
        .filter(proposal::Column::Subject.eq(Subject::StatementLine))
        .filter(proposal::Column::ProposedBy.ne(context.actor.person.map_or(0, |person| person.0)))
        .order_by_asc(proposal::Column::Id)
        .limit(MANY)
        .all(context.edges.db.read())
        .await?;
    let one = |row: proposal::Model| Task {
        href: format!("/bank/lines/{}", StatementLineId(row.subject_id)),
        title: context.t(&format!("proposal-{}", row.kind)),
        detail: context.t("bank-title"),
        chip: context.day(context.day_of(row.proposed_at)),
        tone: "wait",
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Files that were checked and neither imported nor discarded.
async fn checked(context: &Context) -> Result<Vec<Task>> {
    let rows = bank_statement::Entity::find()
        .filter(bank_statement::Column::Stage.eq(StatementStage::Checked))
        .order_by_asc(bank_statement::Column::Id)
        .limit(MANY)
        .all(context.edges.db.read())
        .await?;
    let days = |from: NaiveDate, to: NaiveDate| format!("{} – {}", context.day(from), context.day(to));
    let one = |row: bank_statement::Model| Task {
        href: format!("/bank/statements/{}", row.id),
        title: context.t("act-statement-import-title"),
        detail: days(row.from_day, row.to_day),
        chip: String::new(),
        tone: "wait",
    };
    Ok(rows.into_iter().map(one).collect())
}
