//! Something is moved: its text, its limit, what it concerns, and the roll of those who vote on it.

use super::seats;
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::core::lifecycle::Part;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::applications::rules::JUDGED;
use crate::grants::committees::rules::{JOINT_VOTES, OPEN_DAYS, incomplete, keeps_from_voting, weights};
use crate::grants::reviews::conflicts;
use crate::people::permission::{As, RolePermission};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use entities::kinds::{
    ApplicationId, AwardId, Ballot, CallId, ConflictGround, FundId, FundStage, MotionId, MotionStage, PersonId, Scope,
    Subject,
};
use entities::{application, award, call, fund, motion, motion_vote};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::BTreeMap;

/// Motions of one fund that may be open at once: more than a committee can weigh.
const OPEN_MOST: u64 = 20;

/// What a motion concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The fund as such.
    Fund,
    /// One of its calls.
    Call(CallId),
    /// An application to one of its calls.
    Application(ApplicationId),
    /// One of its awards.
    Award(AwardId),
}

/// What is moved.
#[derive(Debug, Clone)]
pub struct Moved {
    /// Public; names nobody.
    pub title: String,
    /// For the committee and staff.
    pub text: String,
    /// The most that it allows, in minor units.
    pub amount_minor: Option<i64>,
    /// What it concerns.
    pub about: About,
    /// No vote counts from then on.
    pub closes_at: DateTime<Utc>,
}

impl Moved {
    fn check(&self, now: DateTime<Utc>) -> Result<()> {
        let mut wrong = Vec::new();
        for (field, text) in [("title", &self.title), ("text", &self.text)] {
            if text.trim().is_empty() {
                wrong.push(Violation::at(field, "refused-empty"));
            }
        }
        if self.amount_minor.is_some_and(|amount| amount <= 0) {
            wrong.push(Violation::at("amount", "refused-zero"));
        }
        if self.closes_at <= now {
            wrong.push(Violation::at("closes_at", "refused-not-future"));
        } else if self.closes_at > now + Duration::days(OPEN_DAYS) {
            wrong.push(Violation::at("closes_at", "refused-motion-long").with("most", OPEN_DAYS));
        }
        crate::commons::texts::all_well(wrong)
    }
}

/// Moves something: by a member of the committee, or by a programme officer for the secretariat.
///
/// # Errors
/// Names the field; [`Error::NotFound`]; forbidden for another fund's committee; a refusal while the committee is not complete, when
/// the fund is not active, or for what is another fund's.
pub async fn open<R: RolePermission>(by: &As<R>, id: FundId, moved: Moved) -> Result<MotionId> {
    may_move(by, id)?;
    moved.check(by.edges.clock.now())?;
    let moved = &moved;
    by.write(|tx| async move {
        let tx = &tx;
        let fund = fund::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?.ok_or(Error::NotFound)?;
        if !matches!(fund.stage, FundStage::Active | FundStage::Closing) {
            return Err(Error::refused("refused-stage"));
        }
        of_fund(tx, id, moved.about).await?;
        let open = motion::Entity::find()
            .filter(motion::Column::FundId.eq(id))
            .filter(motion::Column::Stage.eq(MotionStage::Open))
            .count(tx)
            .await?;
        if open >= OPEN_MOST {
            return Err(Violation::at("", "refused-motion-many").with("most", OPEN_MOST).into());
        }
        let today = by.day_of(tx.now());
        let seated = voting(tx, &fund, today).await?;
        let shares = seats::shares(tx, id).await?;
        let all = if shares.is_empty() { i64::from(fund.committee_size) } else { JOINT_VOTES };
        let row =
            motion::Entity::insert(written(by.person()?, tx.now(), &fund, moved, all)).exec_with_returning(tx).await?;
        let roll = roll(tx, &row, &seated, &shares, today).await?;
        let told = roll.iter().filter(|vote| vote.1 == Ballot::Waiting).map(|vote| vote.0).collect();
        events::record(tx, by, Subject::Motion, row.id.0, Note::act("open")).await?;
        events::record(tx, by, Subject::Fund, id.0, Note::act("move").because(row.title.clone())).await?;
        let args = [("title", row.title.clone()), ("until.day", by.day_of(row.closes_at).to_string())];
        letters::to_people(tx, told, "motion-opened", &args, &page(&row)).await?;
        Ok(row.id)
    })
    .await
}

/// Whether the permission moves something in this fund: its committee, or a programme officer.
fn may_move<R: RolePermission>(by: &As<R>, id: FundId) -> Result<()> {
    let grant = by.permission().grant();
    let sits = R::PART == Part::Committee && grant.scope == Scope::Fund && grant.scope_id == Some(id.0);
    if sits || R::PART == Part::Officer { Ok(()) } else { Err(Error::Forbidden("forbidden-committee")) }
}

fn written(
    opened_by: PersonId,
    now: DateTime<Utc>,
    fund: &fund::Model,
    moved: &Moved,
    votes: i64,
) -> motion::ActiveModel {
    let (mut call_id, mut application_id, mut award_id) = (None, None, None);
    match moved.about {
        About::Fund => {}
        About::Call(id) => call_id = Some(id),
        About::Application(id) => application_id = Some(id),
        About::Award(id) => award_id = Some(id),
    }
    motion::ActiveModel {
        fund_id: Set(fund.id),
        title: Set(moved.title.trim().to_owned()),
        text: Set(moved.text.trim().to_owned()),
        currency: Set(fund.currency),
        amount_minor: Set(moved.amount_minor),
        call_id: Set(call_id),
        application_id: Set(application_id),
        award_id: Set(award_id),
        stage: Set(MotionStage::Open),
        quorum_bps: Set(fund.quorum_bps),
        majority_bps: Set(fund.majority_bps),
        votes: Set(votes),
        opened_by: Set(opened_by),
        opened_at: Set(now),
        closes_at: Set(moved.closes_at),
        ..Default::default()
    }
}

/// What it concerns is this fund's.
async fn of_fund(tx: &Tx, id: FundId, about: About) -> Result<()> {
    let call = match about {
        About::Fund => return Ok(()),
        About::Call(call) => Some(call),
        // A draft is its applicant's own, and a sealed bid nobody's: only what is judged can be moved.
        About::Application(application) => application::Entity::find_by_id(application)
            .one(tx)
            .await?
            .filter(|row| JUDGED.contains(&row.stage))
            .map(|row| row.call_id),
        About::Award(award) => award::Entity::find_by_id(award).one(tx).await?.map(|row| row.call_id),
    };
    let call = match call {
        Some(call) => call::Entity::find_by_id(call).one(tx).await?,
        None => None,
    };
    let own = call.is_some_and(|call| call.fund_id == id);
    if own { Ok(()) } else { Err(Error::field("about", "refused-motion-other-fund")) }
}

/// Who votes today, if the committee is complete.
async fn voting(tx: &Tx, fund: &fund::Model, today: NaiveDate) -> Result<Vec<seats::Seat>> {
    let mut seated = seats::all(tx, fund.id).await?;
    let watching = seats::supervisors(tx, &seated, today).await?.len();
    seated.retain(|seat| seat.votes(today));
    match incomplete(fund.committee_size, seated.len(), watching) {
        None => Ok(seated),
        Some(code) => {
            Err(Violation::at("", code).with("seated", seated.len()).with("size", fund.committee_size).into())
        }
    }
}

/// Writes the roll: every seat with its votes; who is tied to the party is recused from the start.
async fn roll(
    tx: &Tx,
    row: &motion::Model,
    seated: &[seats::Seat],
    shares: &[(entities::kinds::OrganisationId, i32)],
    today: NaiveDate,
) -> Result<Vec<(PersonId, Ballot)>> {
    let people: Vec<PersonId> = seated.iter().map(|seat| seat.grant.person_id).collect();
    let tied = tied(tx, row, &people, today).await?;
    let voices: Vec<_> = seated.iter().map(|seat| (seat.grant.person_id, seat.organisation)).collect();
    let votes = weights(shares, &voices);
    let mut told = Vec::new();
    let mut rows = Vec::new();
    for ((number, seat), (person, weight)) in (1..).zip(seated).zip(votes) {
        let ground = tied.get(&person);
        let ballot = if ground.is_some() { Ballot::Recused } else { Ballot::Waiting };
        told.push((person, ballot));
        rows.push(motion_vote::ActiveModel {
            motion_id: Set(row.id),
            seat: Set(number),
            person_id: Set(person),
            part: Set(seat.part),
            organisation_id: Set(seat.organisation),
            weight: Set(weight),
            ballot: Set(ballot),
            reason: Set(ground.map(|ground| ground.as_str().to_owned()).unwrap_or_default()),
            voted_at: Set(ground.map(|_| tx.now())),
            ..Default::default()
        });
    }
    motion_vote::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(told)
}

/// Who of these people is tied to the party that a motion concerns, and how.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn tied(
    tx: &Tx,
    row: &motion::Model,
    people: &[PersonId],
    today: NaiveDate,
) -> Result<BTreeMap<PersonId, ConflictGround>> {
    let of_award = match row.award_id {
        Some(award) => award::Entity::find_by_id(award).one(tx).await?.map(|row| row.application_id),
        None => None,
    };
    let Some(application) = row.application_id.or(of_award) else { return Ok(BTreeMap::new()) };
    let application = application::Entity::find_by_id(application).one(tx).await?.ok_or(Error::NotFound)?;
    let call = call::Entity::find_by_id(application.call_id).one(tx).await?.ok_or(Error::NotFound)?;
    let derived = conflicts::derive_all(tx, &call, std::slice::from_ref(&application), people, today).await?;
    let mut tied = BTreeMap::new();
    for ((_, person), found) in derived {
        if let Some((ground, _)) = found.into_iter().find(|(ground, _)| keeps_from_voting(*ground)) {
            tied.insert(person, ground);
        }
    }
    for noted in conflicts::recorded(tx, &[application.id], people).await? {
        if keeps_from_voting(noted.ground) {
            tied.entry(noted.person_id).or_insert(noted.ground);
        }
    }
    Ok(tied)
}

/// Takes a motion back: by who moved it, as long as nobody has voted.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for others; a refusal once somebody voted or it is closed.
pub async fn withdraw<R: RolePermission>(by: &As<R>, id: MotionId, reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = take(tx, id).await?;
        may_move(by, row.fund_id)?;
        if row.opened_by != by.person()? {
            return Err(Error::Forbidden("forbidden-motion-mover"));
        }
        let voted = [Ballot::For, Ballot::Against, Ballot::Abstain];
        if row.stage == MotionStage::Open && of_motion(tx, id).await?.iter().any(|vote| voted.contains(&vote.ballot)) {
            return Err(Error::refused("refused-motion-voted"));
        }
        if row.stage == MotionStage::Open {
            closed(tx, id, None).await?;
        }
        advance(tx, by, &row, "withdraw", Note::act("").because(reason)).await.map(|_| ())
    })
    .await
}

/// Writes down when a motion closed, before its stage moves.
pub(super) async fn closed(tx: &Tx, id: MotionId, by: Option<PersonId>) -> Result<()> {
    let set =
        motion::ActiveModel { id: Set(id), closed_at: Set(Some(tx.now())), closed_by: Set(by), ..Default::default() };
    motion::Entity::update(set).exec(tx).await?;
    Ok(())
}

/// A motion that nobody else changes until this transaction ends.
pub(super) async fn take(tx: &Tx, id: MotionId) -> Result<motion::Model> {
    motion::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?.ok_or(Error::NotFound)
}

/// The roll of a motion by seat.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_motion(db: &impl ConnectionTrait, id: MotionId) -> Result<Vec<motion_vote::Model>> {
    Ok(motion_vote::Entity::find()
        .filter(motion_vote::Column::MotionId.eq(id))
        .order_by_asc(motion_vote::Column::Seat)
        .all(db)
        .await?)
}

/// A motion by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: MotionId) -> Result<motion::Model> {
    motion::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// Where a motion is read.
pub fn page(row: &motion::Model) -> String {
    format!("/funds/{}/committee/motions/{}", row.fund_id, row.id)
}
