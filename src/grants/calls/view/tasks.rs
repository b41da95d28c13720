//! What waits in this room, for the desk.

use crate::error::Result;
use crate::people::permission::Context;
use crate::web::parts::Task;
use crate::web::sheet::stage_text;
use entities::call;
use entities::kinds::{CallStage, Role};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    if !context.actor.has(Role::ProgrammeOfficer) {
        return Ok(Vec::new());
    }
    let rows = call::Entity::find()
        .filter(call::Column::Stage.is_in([CallStage::Draft, CallStage::Closed]))
        .order_by_asc(call::Column::ClosesAt)
        .limit(20)
        .all(context.edges.db.read())
        .await?;
    let mine = rows.iter().filter(|row| row.stage == CallStage::Closed || context.actor.person != Some(row.drafted_by));
    let task = |row: &call::Model| {
        let (act, key) = match row.stage {
            CallStage::Draft => ("check", "task-call-check"),
            _ => ("start-review", "task-call-start-review"),
        };
        let late = row.stage == CallStage::Draft && row.opens_at <= context.edges.clock.now();
        Task {
            href: format!("/calls/{}/{act}", row.id),
            title: context.t_with(key, &[("call", &context.pick(&row.title_zh, &row.title_en))]),
            detail: context.moment(row.closes_at),
            chip: if late { context.t("late") } else { stage_text(context, "call", row.stage.as_str()) },
            tone: if late { "stop" } else { "wait" },
        }
    };
    Ok(mine.map(task).collect())
}
