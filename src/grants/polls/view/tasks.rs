//! What waits in this room, for the desk: a vote that is out, a poll to open, one to count.

use crate::error::Result;
use crate::people::permission::Context;
use crate::web::parts::Task;
use entities::kinds::{PollId, PollStage, Role, VoteWay};
use entities::{poll, poll_voter};
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
    let out: Vec<PollId> = poll_voter::Entity::find()
        .select_only()
        .column(poll_voter::Column::PollId)
        .filter(poll_voter::Column::PersonId.eq(person))
        .filter(poll_voter::Column::Way.eq(VoteWay::Waiting))
        .order_by_desc(poll_voter::Column::PollId)
        .limit(MANY)
        .into_tuple()
        .all(db)
        .await?;
    let mut wanted = Condition::any().add(
        Condition::all()
            .add(poll::Column::Id.is_in(out.iter().copied()))
            .add(poll::Column::Stage.eq(PollStage::Open))
            .add(poll::Column::ClosesAt.gt(context.edges.clock.now())),
    );
    if context.actor.has(Role::ProgrammeOfficer) {
        let draft =
            Condition::all().add(poll::Column::Stage.eq(PollStage::Draft)).add(poll::Column::DraftedBy.ne(person));
        wanted = wanted.add(poll::Column::Stage.eq(PollStage::Closed)).add(draft);
    }
    let query = poll::Entity::find().filter(wanted).order_by_asc(poll::Column::ClosesAt).limit(MANY);
    let task = |row: poll::Model| {
        let act = match row.stage {
            PollStage::Draft => "open",
            PollStage::Closed => "count",
            _ => "vote",
        };
        Task {
            href: format!("/polls/{}", row.id),
            title: context.t(&format!("act-poll-{act}-title")),
            detail: row.title,
            chip: context.moment(row.closes_at),
            tone: "wait",
        }
    };
    Ok(query.all(db).await?.into_iter().map(task).collect())
}
