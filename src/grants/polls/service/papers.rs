//! Ballots on paper: the roll says who took one, two people read each alone, and it counts once both read the same.

use super::ballots::{put, thrown, voted};
use super::{projects, take};
use crate::commons::events::{self, Note};
use crate::commons::texts::all_well;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::grants::polls::rules::{Choices, wrong};
use crate::people::permission::{As, Officer};
use crate::people::roles;
use entities::kinds::{PaperStage, PersonId, PollId, PollStage, Subject, VoteWay};
use entities::{poll, poll_paper};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;

/// Somebody on the roll took a paper ballot at the table: from now on no ballot of theirs comes online.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for who is not on the roll; a refusal once it is closed, or when they have voted.
pub async fn hand_out(by: &As<Officer>, id: PollId, person: PersonId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = take(tx, id).await?;
        if row.stage != PollStage::Open || tx.now() >= row.closes_at {
            return Err(Error::refused("refused-poll-closed"));
        }
        voted(tx, id, person, VoteWay::Paper).await?;
        events::record(tx, by, Subject::Poll, id.0, Note::act("hand-out")).await
    })
    .await
}

/// One of two reads a paper ballot. Nobody sees what the other read; who mistook it reads it again.
///
/// # Errors
/// [`Error::NotFound`]; by the field; a refusal before the poll is open, after the count, or when both read it the same already.
pub async fn enter(by: &As<Officer>, id: PollId, number: i32, choices: &Choices) -> Result<PaperStage> {
    let key = thrown(&by.edges.dice);
    by.write(|tx| async move {
        let tx = &tx;
        let row = take(tx, id).await?;
        if !matches!(row.stage, PollStage::Open | PollStage::Closed) {
            return Err(Error::refused("refused-poll-closed"));
        }
        if !(1..=100_000).contains(&number) {
            return Err(Error::field("number", "refused-poll-number"));
        }
        readable(tx, &row, choices).await?;
        let read = serde_json::to_value(choices)?;
        let stage = match of_number(tx, id, number).await? {
            None => first(tx, by, id, number, read).await?,
            Some(paper) => next(tx, by, &paper, read).await?,
        };
        if stage == PaperStage::Agreed {
            put(tx, key, id, VoteWay::Paper, &seal(id, number), choices).await?;
        }
        events::record(tx, by, Subject::Poll, id.0, Note::act("read-paper").because(number.to_string())).await?;
        Ok(stage)
    })
    .await
}

/// An empty paper is a ballot too: it counts as a voter who chose nothing.
async fn readable(tx: &Tx, row: &poll::Model, choices: &Choices) -> Result<()> {
    if choices.is_empty() {
        return Ok(());
    }
    let offered: Vec<_> = projects(tx, row.id).await?.into_iter().map(|(of, _)| of.application_id).collect();
    all_well(wrong(choices, &offered, row.most, row.points))
}

/// What stands beside a paper ballot in the list: made from the number that is printed on it.
pub fn seal(id: PollId, number: i32) -> String {
    fingerprint(format!("{id}\npaper {number}"))
}

async fn first(tx: &Tx, by: &As<Officer>, id: PollId, number: i32, read: Value) -> Result<PaperStage> {
    let row = poll_paper::ActiveModel {
        poll_id: Set(id),
        number: Set(number),
        stage: Set(PaperStage::Entered),
        first_by: Set(by.person()?),
        first_read: Set(read),
        ..Default::default()
    };
    poll_paper::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(PaperStage::Entered)
}

/// The second reads it, or one of the two reads it again.
async fn next(tx: &Tx, by: &As<Officer>, paper: &poll_paper::Model, read: Value) -> Result<PaperStage> {
    if paper.stage == PaperStage::Agreed {
        return Err(Error::field("number", "refused-poll-paper-agreed"));
    }
    let me = by.person()?;
    let mut set = poll_paper::ActiveModel { id: Set(paper.id), ..Default::default() };
    let other = if paper.first_by == me {
        set.first_read = Set(read.clone());
        paper.second_read.clone()
    } else {
        if paper.second_by.is_some_and(|second| second != me) {
            return Err(Error::Forbidden("forbidden-poll-paper"));
        }
        roles::apart(tx, by, &[Some(paper.first_by)]).await?;
        set.second_by = Set(Some(me));
        set.second_read = Set(Some(read.clone()));
        Some(paper.first_read.clone())
    };
    let stage = match other {
        None => PaperStage::Entered,
        Some(other) if other == read => PaperStage::Agreed,
        Some(_) => PaperStage::Apart,
    };
    set.stage = Set(stage);
    poll_paper::Entity::update(set).exec(tx).await?;
    Ok(stage)
}

async fn of_number(db: &impl ConnectionTrait, id: PollId, number: i32) -> Result<Option<poll_paper::Model>> {
    Ok(poll_paper::Entity::find()
        .filter(poll_paper::Column::PollId.eq(id))
        .filter(poll_paper::Column::Number.eq(number))
        .one(db)
        .await?)
}

/// The paper ballots of a poll by number.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_poll(db: &impl ConnectionTrait, id: PollId) -> Result<Vec<poll_paper::Model>> {
    let rows = poll_paper::Entity::find().filter(poll_paper::Column::PollId.eq(id));
    Ok(rows.order_by_asc(poll_paper::Column::Number).all(db).await?)
}
