//! What waits in this room, for the desk.

use super::{Titles, queue, titles, told};
use crate::error::Result;
use crate::grants::reviews::panel;
use crate::people::permission::Context;
use crate::web::parts::Task;
use crate::web::sheet::stage_text;
use entities::kinds::{CallStage, ReviewStage, Role};
use entities::{call, review};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Tasks shown on the desk.
const TASKS: u64 = 20;
/// What waits for the reader: reviews to answer and to write, applications that need reviewers.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let Some(person) = context.actor.person else { return Ok(Vec::new()) };
    let db = context.edges.db.read();
    let open = [ReviewStage::Invited, ReviewStage::Accepted, ReviewStage::InProgress, ReviewStage::Reopened];
    let mine = review::Entity::find()
        .filter(review::Column::ReviewerId.eq(person))
        .filter(review::Column::Stage.is_in(open))
        .order_by_asc(review::Column::Id)
        .limit(TASKS)
        .all(db)
        .await?;
    let titles = if mine.is_empty() { Titles::new() } else { titles(context, &mine).await? };
    let queue = if mine.is_empty() { Vec::new() } else { queue(context).await? };
    let asked = call::Entity::find().filter(call::Column::Id.is_in(mine.iter().map(|row| row.call_id))).all(db).await?;
    let own = |row: &review::Model| {
        let place = queue.iter().position(|other| other.id == row.id).unwrap_or(0);
        let call = asked.iter().find(|call| call.id == row.call_id);
        let call = call.map(|call| context.pick(&call.title_zh, &call.title_en)).unwrap_or_default();
        own_task(context, row, &told(context, &titles, row, place), call)
    };
    let mut tasks: Vec<Task> = mine.iter().map(own).collect();
    if context.actor.has(Role::ProgrammeOfficer) || context.actor.has_somewhere(Role::PanelChair) {
        let calls = call::Entity::find()
            .filter(call::Column::Stage.eq(CallStage::InReview))
            .order_by_asc(call::Column::Id)
            .limit(TASKS)
            .all(db)
            .await?;
        // A chair looks after the panels of the calls they chair.
        for call in &calls {
            if panel::visible(context, call.id).await.is_ok() {
                tasks.push(Task {
                    href: format!("/calls/{}/reviews", call.id),
                    title: context.t("task-review-panel"),
                    detail: context.pick(&call.title_zh, &call.title_en),
                    chip: String::new(),
                    tone: "quiet",
                });
            }
        }
    }
    tasks.truncate(TASKS as usize);
    Ok(tasks)
}

fn own_task(context: &Context, row: &review::Model, name: &str, call: String) -> Task {
    let invited = row.stage == ReviewStage::Invited;
    Task {
        href: format!("/reviews/{}", row.id),
        title: context.t_with(if invited { "task-review-answer" } else { "task-review-write" }, &[("name", name)]),
        detail: call,
        chip: stage_text(context, "review", row.stage.as_str()),
        tone: "wait",
    }
}
