//! What waits in this room, for the desk.

use crate::error::Result;
use crate::grants::calls::rules::is_sealed;
use crate::people::permission::Context;
use crate::web::parts::Task;
use crate::web::sheet::stage_text;
use entities::call;
use entities::kinds::{CallStage, PersonId, Role};
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
    // A second person is needed for two of them: never the one who began.
    let mine = rows.iter().filter(|row| begun_by(row).is_none_or(|begun| context.actor.person != Some(begun)));
    let task = |row: &call::Model| {
        let (act, key) = match row.stage {
            CallStage::Draft => ("check", "task-call-check"),
            _ if !is_sealed(row) => ("start-review", "task-call-start-review"),
            _ if row.opening_by.is_none() => ("ask-opening", "task-call-ask-opening"),
            _ => ("open-bids", "task-call-open-bids"),
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

/// Who took the first half of what waits here, where somebody else takes the second.
fn begun_by(row: &call::Model) -> Option<PersonId> {
    match row.stage {
        CallStage::Draft => Some(row.drafted_by),
        _ if is_sealed(row) => row.opening_by,
        _ => None,
    }
}
