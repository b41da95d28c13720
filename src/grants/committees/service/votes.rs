//! Votes, recusals, and the close: by the clock on its day, or by the chair once everybody who may vote has.

use super::motions::{closed, of_motion, page, take, tied};
use super::seats;
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::committees::rules::{Tally, closing_act};
use crate::people::permission::{As, Committee, Context, Permission};
use entities::kinds::{Ballot, MotionId, MotionStage, PersonId, Role, Scope, SeatPart, Subject};
use entities::{motion, motion_minutes, motion_vote};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use std::sync::Arc;

/// Motions closed in one tick.
const AT_ONCE: u64 = 100;

/// Votes, or votes otherwise than before, until it closes.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for who is not on the roll, has left the committee or is tied to the party; a refusal once
/// it is closed.
pub async fn vote(by: &As<Committee>, id: MotionId, ballot: Ballot) -> Result<()> {
    if !matches!(ballot, Ballot::For | Ballot::Against | Ballot::Abstain) {
        return Err(Error::field("ballot", "refused-choose"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let (row, own) = own_seat(tx, by, id).await?;
        if own.ballot == Ballot::Recused {
            return Err(Error::Forbidden("forbidden-motion-recused"));
        }
        // Whoever went to work for the applicant since it opened votes no more.
        if !tied(tx, &row, &[own.person_id], by.day_of(tx.now())).await?.is_empty() {
            return Err(Error::Forbidden("forbidden-motion-tied"));
        }
        set(tx, &own, ballot, "").await?;
        // What was voted stands on the roll alone: whoever reads the history before the close learns nothing.
        events::record(tx, by, Subject::Motion, id.0, Note::act("vote")).await
    })
    .await
}

/// Stands back: from now on the seat votes no more, and a vote given before counts no more.
///
/// # Errors
/// As [`vote`]; a refusal without a reason.
pub async fn recuse(by: &As<Committee>, id: MotionId, reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let (_, own) = own_seat(tx, by, id).await?;
        if own.ballot == Ballot::Recused {
            return Err(Error::Forbidden("forbidden-motion-recused"));
        }
        set(tx, &own, Ballot::Recused, reason.trim()).await?;
        events::record(tx, by, Subject::Motion, id.0, Note::act("recuse")).await
    })
    .await
}

/// The chair closes it before its day: never as long as somebody may still vote.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for who does not chair it; a refusal while a vote is out or once it is closed.
pub async fn close(by: &As<Committee>, id: MotionId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let (row, own) = own_seat(tx, by, id).await?;
        if own.part != SeatPart::Chair {
            return Err(Error::Forbidden("forbidden-motion-chair"));
        }
        let roll = of_motion(tx, id).await?;
        if roll.iter().any(|vote| vote.ballot == Ballot::Waiting) {
            return Err(Error::refused("refused-motion-waiting"));
        }
        conclude(tx, by, &row, &roll).await
    })
    .await
}

/// What the clock brings: motions whose day has come are closed.
///
/// # Errors
/// When the database refuses.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let due: Vec<MotionId> = motion::Entity::find()
        .select_only()
        .column(motion::Column::Id)
        .filter(motion::Column::Stage.eq(MotionStage::Open))
        .filter(motion::Column::ClosesAt.lte(edges.clock.now()))
        .order_by_asc(motion::Column::ClosesAt)
        .order_by_asc(motion::Column::Id)
        .limit(AT_ONCE)
        .into_tuple()
        .all(edges.db.read())
        .await?;
    let system = &Context::system(edges.clone());
    for id in due {
        let done = system.write(|tx| async move {
            let tx = &tx;
            let row = take(tx, id).await?;
            if row.stage != MotionStage::Open || row.closes_at > tx.now() {
                return Ok(());
            }
            conclude(tx, system, &row, &of_motion(tx, id).await?).await
        });
        if let Err(error) = done.await {
            tracing::warn!(motion = id.0, %error, "a motion was not closed");
        }
    }
    Ok(())
}

/// The motion, open and held until the end of this transaction, with the seat of who acts.
async fn own_seat(tx: &Tx, by: &As<Committee>, id: MotionId) -> Result<(motion::Model, motion_vote::Model)> {
    let person = by.person()?;
    let row = take(tx, id).await?;
    let seated = seats::all(tx, row.fund_id).await?;
    let today = by.day_of(tx.now());
    // The term is asked anew: the role may be one for another fund, or this one's may be over.
    if !seated.iter().any(|seat| seat.grant.person_id == person && seat.votes(today)) {
        return Err(Error::Forbidden("forbidden-committee"));
    }
    let own = of_motion(tx, id).await?.into_iter().find(|vote| vote.person_id == person);
    let own = own.ok_or(Error::Forbidden("forbidden-motion-roll"))?;
    if row.stage != MotionStage::Open || tx.now() >= row.closes_at {
        return Err(Error::refused("refused-motion-closed"));
    }
    Ok((row, own))
}

async fn set(tx: &Tx, own: &motion_vote::Model, ballot: Ballot, reason: &str) -> Result<()> {
    let set = motion_vote::ActiveModel {
        id: Set(own.id),
        ballot: Set(ballot),
        reason: Set(reason.to_owned()),
        voted_at: Set(Some(tx.now())),
        ..Default::default()
    };
    motion_vote::Entity::update(set).exec(tx).await?;
    Ok(())
}

/// Counts, moves the stage, writes the minutes and tells everybody concerned.
async fn conclude<P: Permission>(tx: &Tx, by: &As<P>, row: &motion::Model, roll: &[motion_vote::Model]) -> Result<()> {
    let mut tally = Tally { all: row.votes, ..Tally::default() };
    for vote in roll {
        tally.count(vote.ballot, vote.weight);
    }
    closed(tx, row.id, by.actor.person).await?;
    let act = closing_act(tally, row.quorum_bps, row.majority_bps);
    let stage = advance(tx, by, row, act, Note::act("")).await?;
    let minutes = motion_minutes::ActiveModel {
        motion_id: Set(row.id),
        facts: Set(minutes(row, roll, tally, stage, by.actor.person)),
        at: Set(tx.now()),
        ..Default::default()
    };
    motion_minutes::Entity::insert(minutes).exec_without_returning(tx).await?;
    let args = [("title", row.title.clone()), ("result.word", format!("stage-motion-{stage}"))];
    let mut people: Vec<PersonId> = roll.iter().map(|vote| vote.person_id).collect();
    people.push(row.opened_by);
    letters::to_people(tx, people, "motion-closed", &args, &page(row)).await?;
    letters::to_role(tx, Role::ProgrammeOfficer, "motion-closed", &args, &page(row)).await
}

/// The minutes: seats by number and part, never a name.
fn minutes(
    row: &motion::Model,
    roll: &[motion_vote::Model],
    tally: Tally,
    stage: MotionStage,
    chair: Option<PersonId>,
) -> serde_json::Value {
    let seats: Vec<serde_json::Value> = roll
        .iter()
        .map(|vote| {
            json!({ "seat": vote.seat, "part": vote.part, "for": vote.organisation_id, "votes": vote.weight,
                "ballot": vote.ballot })
        })
        .collect();
    json!({
        "result": stage,
        "closed_by": if chair.is_some() { "chair" } else { "clock" },
        "quorum_bps": row.quorum_bps,
        "majority_bps": row.majority_bps,
        "votes": tally.all,
        "yes": tally.yes,
        "no": tally.no,
        "abstained": tally.abstained,
        "seats": seats,
    })
}

/// Whether somebody sits on a fund's committee or watches it, by their role for that fund.
pub fn sits(context: &Context, fund: entities::kinds::FundId) -> bool {
    context.actor.grants.iter().any(|grant| {
        grant.scope == Scope::Fund
            && grant.scope_id == Some(fund.0)
            && matches!(grant.role, Role::CommitteeMember | Role::Supervisor)
    })
}

/// The minutes of a motion, once it is closed by a count.
///
/// # Errors
/// When the database cannot be read.
pub async fn minutes_of(db: &impl sea_orm::ConnectionTrait, id: MotionId) -> Result<Option<motion_minutes::Model>> {
    Ok(motion_minutes::Entity::find().filter(motion_minutes::Column::MotionId.eq(id)).one(db).await?)
}
