//! The count: at its hour a poll closes; once every paper was read alike by two, the box is written as a file and counted by both rules.

use super::{ballots, load, papers, projects, roll, take};
use crate::commons::events::Note;
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::core::voting::{self, Completion, Rule};
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::polls::rules::{Paper, quorate};
use crate::people::permission::{As, Officer, System};
use entities::kinds::{PaperStage, PollId, PollStage, Role, VoteWay};
use entities::{poll, poll_result};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Polls closed in one tick.
const AT_ONCE: u64 = 100;

/// Closes what is due; one that fails keeps none of the others open.
///
/// # Errors
/// When the database cannot be read.
pub async fn close_due(by: &As<System>) -> Result<()> {
    let due: Vec<PollId> = poll::Entity::find()
        .select_only()
        .column(poll::Column::Id)
        .filter(poll::Column::Stage.eq(PollStage::Open))
        .filter(poll::Column::ClosesAt.lte(by.edges.clock.now()))
        .order_by_asc(poll::Column::ClosesAt)
        .order_by_asc(poll::Column::Id)
        .limit(AT_ONCE)
        .into_tuple()
        .all(by.edges.db.read())
        .await?;
    for id in due {
        let done = by.write(|tx| async move {
            let tx = &tx;
            let row = take(tx, id).await?;
            if row.stage != PollStage::Open || row.closes_at > tx.now() {
                return Ok(());
            }
            advance(tx, by, &row, "close", Note::act("")).await?;
            let args = [("title", row.title.clone())];
            letters::to_role(tx, Role::ProgrammeOfficer, "poll-closed", &args, &format!("/polls/{id}")).await
        });
        if let Err(error) = done.await {
            tracing::warn!(poll = id.0, %error, "a poll was not closed");
        }
    }
    Ok(())
}

/// Counts a poll that is closed. Nobody chooses anything here: the same box gives the same result to whoever counts it.
///
/// # Errors
/// [`Error::NotFound`]; a refusal before its hour, while a paper is read by one or otherwise by the other, or when there are more
/// papers than were handed out.
pub async fn count(by: &As<Officer>, id: PollId) -> Result<PollStage> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = take(tx, id).await?;
        if row.stage != PollStage::Closed {
            return Err(Error::refused("refused-stage"));
        }
        let voters = roll(tx, id).await?;
        let came = |way: VoteWay| voters.iter().filter(|voter| voter.way == way).count();
        let read = papers::of_poll(tx, id).await?;
        if let Some(paper) = read.iter().find(|paper| paper.stage != PaperStage::Agreed) {
            return Err(Violation::whole("refused-poll-paper-open").with("number", paper.number).into());
        }
        if read.len() > came(VoteWay::Paper) {
            let (papers, handed) = (read.len(), came(VoteWay::Paper));
            return Err(Violation::whole("refused-poll-papers").with("papers", papers).with("handed", handed).into());
        }
        // A paper that was handed out and never came back is no vote.
        let voted = came(VoteWay::Online) + read.len();
        let box_of = ballots::all(tx, id).await?;
        if box_of.len() != voted {
            return Err(Error::Internal(format!("poll {id}: {} ballots of {voted} voters", box_of.len())));
        }
        let votes = i64::try_from(voted).unwrap_or(i64::MAX);
        if !quorate(votes, i64::from(row.roll), row.quorum_bps) {
            return advance(tx, by, &row, "fail", Note::act("")).await;
        }
        keep(tx, &row, &box_of).await?;
        advance(tx, by, &row, "count", Note::act("")).await
    })
    .await
}

/// Writes the file and both answers.
async fn keep(tx: &Tx, row: &poll::Model, box_of: &[(String, super::super::rules::Choices)]) -> Result<()> {
    let offered: Vec<_> = projects(tx, row.id)
        .await?
        .into_iter()
        .map(|(of, application)| (of.application_id, of.cost_minor, application.title))
        .collect();
    let paper = Paper {
        title: &row.title,
        community: &row.community,
        kind: row.kind,
        currency: row.currency,
        budget_minor: row.budget_minor,
        projects: &offered,
        ballots: box_of,
    };
    let text = paper.pabulib();
    let counted = |rule: Rule| {
        let outcome = voting::outcome(&text, rule, Completion::Add1u);
        outcome.map_err(|refusal| Error::Internal(format!("poll {}: {refusal}", row.id)))
    };
    let (shares, greedy) = (counted(Rule::EqualShares)?, counted(Rule::Greedy)?);
    let result = poll_result::ActiveModel {
        poll_id: Set(row.id),
        shares: Set(serde_json::to_value(&shares)?),
        greedy: Set(serde_json::to_value(&greedy)?),
        pabulib: Set(text),
        at: Set(tx.now()),
        ..Default::default()
    };
    poll_result::Entity::insert(result).exec_without_returning(tx).await?;
    Ok(())
}

/// What was counted, once it was.
///
/// # Errors
/// When the database cannot be read.
pub async fn result_of(db: &impl ConnectionTrait, id: PollId) -> Result<Option<poll_result::Model>> {
    Ok(poll_result::Entity::find().filter(poll_result::Column::PollId.eq(id)).one(db).await?)
}

/// The file of a poll that was counted.
///
/// # Errors
/// [`Error::NotFound`] before.
pub async fn file(db: &impl ConnectionTrait, id: PollId) -> Result<String> {
    load(db, id).await?;
    Ok(result_of(db, id).await?.ok_or(Error::NotFound)?.pabulib)
}
