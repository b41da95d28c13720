//! What the clock reminds of: a report once before its day and once after it.

use super::load;
use crate::commons::letters;
use crate::commons::policies;
use crate::edges::Edges;
use crate::error::Result;
use crate::people::permission::{As, Context, System};
use chrono::{Days, NaiveDate};
use entities::kinds::{ReportId, ReportStage, Role};
use entities::report;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// Reports looked at in one tick.
const TICK: u64 = 200;
/// Stages in which it is the grantee's turn.
const THEIRS: [ReportStage; 4] =
    [ReportStage::Open, ReportStage::InProgress, ReportStage::AwaitingSignOff, ReportStage::ChangesRequested];

/// Before its day, or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Before,
    After,
}

/// Reminds of reports that wait for their grantee.
///
/// # Errors
/// When the database cannot be read; a reminder that fails does not stop the others.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let today = edges.today();
    let policy = policies::on(edges.db.read(), today).await?;
    let system = &Context::system(edges.clone());
    let far = today.checked_add_days(Days::new(policy.report_remind_before_days.unsigned_abs())).unwrap_or(today);
    let late = today.checked_sub_days(Days::new(policy.report_remind_after_days.unsigned_abs())).unwrap_or(today);
    for turn in [Turn::Before, Turn::After] {
        for id in waiting(edges, turn, (today, far, late)).await? {
            let done = by_turn(system, id, turn).await;
            if let Err(error) = done {
                tracing::warn!(report = id.0, %error, "the reminder was not sent");
            }
        }
    }
    Ok(())
}

async fn waiting(edges: &Arc<Edges>, turn: Turn, days: (NaiveDate, NaiveDate, NaiveDate)) -> Result<Vec<ReportId>> {
    let (today, far, late) = days;
    let query = report::Entity::find().filter(report::Column::Stage.is_in(THEIRS));
    let query = match turn {
        Turn::Before => {
            query.filter(report::Column::BeforeAt.is_null()).filter(report::Column::DueOn.between(today, far))
        }
        Turn::After => query
            .filter(report::Column::AfterAt.is_null())
            .filter(report::Column::DueOn.lte(late))
            .filter(report::Column::DueOn.lt(today)),
    };
    let rows = query.order_by_asc(report::Column::Id).limit(TICK).all(edges.db.read()).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// One reminder, if it still waits and nobody reminded of it meanwhile: the mark is a compare-and-set.
async fn by_turn(by: &As<System>, id: ReportId, turn: Turn) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, award) = load(tx, id).await?;
        let (column, name) = match turn {
            Turn::Before => (report::Column::BeforeAt, "report-before"),
            Turn::After => (report::Column::AfterAt, "report-after"),
        };
        let mark = match turn {
            Turn::Before => report::ActiveModel { before_at: Set(Some(tx.now())), ..Default::default() },
            Turn::After => report::ActiveModel { after_at: Set(Some(tx.now())), ..Default::default() },
        };
        let marked = report::Entity::update_many()
            .set(mark)
            .filter(report::Column::Id.eq(id))
            .filter(report::Column::Stage.is_in(THEIRS))
            .filter(column.is_null())
            .exec(tx)
            .await?;
        if marked.rows_affected == 0 {
            return Ok(());
        }
        let args = [("title", award.title.clone()), ("due.day", row.due_on.to_string())];
        let link = format!("/reports/{id}");
        letters::to_organisation(tx, award.organisation_id, name, &args, &link).await?;
        if turn == Turn::Before {
            return Ok(());
        }
        letters::to_role(tx, Role::ProgrammeOfficer, "report-late", &args, &link).await
    })
    .await
}
