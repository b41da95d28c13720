//! What waits in this room, for the desk: votes that are out, and motions that the chair may close.

use crate::error::Result;
use crate::grants::committees::service::motions;
use crate::people::permission::Context;
use crate::web::parts::Task;
use entities::kinds::{Ballot, MotionId, MotionStage, SeatPart};
use entities::{motion, motion_vote};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Tasks of this room on the desk.
const MANY: u64 = 20;

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let Some(person) = context.actor.person else { return Ok(Vec::new()) };
    let db = context.edges.db.read();
    let chair = motion_vote::Column::Part.eq(SeatPart::Chair);
    // Open motions on whose roll the reader is, and how the reader voted there.
    let own: Vec<(MotionId, Ballot)> = motion_vote::Entity::find()
        .select_only()
        .column(motion_vote::Column::MotionId)
        .column(motion_vote::Column::Ballot)
        .filter(motion_vote::Column::PersonId.eq(person))
        .filter(Condition::any().add(motion_vote::Column::Ballot.eq(Ballot::Waiting)).add(chair))
        .order_by_desc(motion_vote::Column::MotionId)
        .limit(MANY)
        .into_tuple()
        .all(db)
        .await?;
    let rows = motion::Entity::find()
        .filter(motion::Column::Id.is_in(own.iter().map(|(id, _)| *id)))
        .filter(motion::Column::Stage.eq(MotionStage::Open))
        .filter(motion::Column::ClosesAt.gt(context.edges.clock.now()))
        .order_by_asc(motion::Column::ClosesAt)
        .all(db)
        .await?;
    let out: Vec<MotionId> = motion_vote::Entity::find()
        .select_only()
        .column(motion_vote::Column::MotionId)
        .distinct()
        .filter(motion_vote::Column::MotionId.is_in(rows.iter().map(|row| row.id)))
        .filter(motion_vote::Column::Ballot.eq(Ballot::Waiting))
        .into_tuple()
        .all(db)
        .await?;
    let one = |row: motion::Model| {
        let votes = own.iter().any(|(id, ballot)| *id == row.id && *ballot == Ballot::Waiting);
        let act = if votes { "vote" } else { "close" };
        // The chair closes it once nobody's vote is out; until then only the clock does.
        if !votes && out.contains(&row.id) {
            return None;
        }
        Some(Task {
            href: motions::page(&row),
            title: context.t(&format!("act-motion-{act}-title")),
            detail: row.title,
            chip: context.moment(row.closes_at),
            tone: "wait",
        })
    };
    Ok(rows.into_iter().filter_map(one).collect())
}
