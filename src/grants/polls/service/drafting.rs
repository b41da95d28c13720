//! A poll is drafted by one officer and opened by another, who sees what it asks; from then on nothing of it changes.

use super::{councils, load, projects, take};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::commons::texts::all_well;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::applications::rules::JUDGED;
use crate::grants::polls::rules::{OPEN_DAYS, PROJECTS_MOST};
use crate::people::permission::{As, Officer};
use crate::people::roles;
use chrono::{DateTime, Utc};
use entities::kinds::{ApplicationId, CallId, CallStage, PollId, PollKind, PollStage, Subject, VoteWay};
use entities::{application, call, fund, poll, poll_project, poll_voter};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// A poll as an officer drafts it.
#[derive(Debug, Clone)]
pub struct Drafted {
    /// Public.
    pub title: String,
    /// Whose council votes.
    pub community: String,
    /// What a ballot says.
    pub kind: PollKind,
    /// Most projects on one ballot.
    pub most: i32,
    /// Most points for one project; 1 for approvals.
    pub points: i32,
    /// What may be spent, in minor units of the fund's currency.
    pub budget_minor: i64,
    /// Share of the roll that must vote, in basis points.
    pub quorum_bps: i32,
    /// No ballot counts from then on.
    pub closes_at: DateTime<Utc>,
    /// The projects, in the order of the paper.
    pub projects: Vec<ApplicationId>,
}

impl Drafted {
    fn check(&self, now: DateTime<Utc>) -> Result<()> {
        let mut wrong = Vec::new();
        for (field, text) in [("title", &self.title), ("community", &self.community)] {
            if text.trim().is_empty() {
                wrong.push(Violation::at(field, "refused-empty"));
            }
        }
        let mut within = |field: &str, value: i64, least: i64, most: i64| {
            if !(least..=most).contains(&value) {
                wrong.push(Violation::at(field, "refused-out-of-range").with("least", least).with("most", most));
            }
        };
        within("most", self.most.into(), 1, 100);
        within("points", self.points.into(), 1, if self.kind == PollKind::Approval { 1 } else { 100 });
        within("quorum_bps", self.quorum_bps.into(), 0, 10_000);
        if self.budget_minor <= 0 {
            wrong.push(Violation::at("budget", "refused-zero"));
        }
        if self.closes_at <= now {
            wrong.push(Violation::at("closes_at", "refused-past"));
        } else if self.closes_at > now + chrono::Duration::days(OPEN_DAYS) {
            wrong.push(Violation::at("closes_at", "refused-poll-long").with("most", OPEN_DAYS));
        }
        if self.projects.len() < 2 || self.projects.len() > PROJECTS_MOST {
            wrong.push(Violation::whole("refused-poll-projects").with("most", PROJECTS_MOST));
        }
        all_well(wrong)
    }
}

/// What of a call can be put to a vote: whatever is judged there, in the order of its arrival.
///
/// # Errors
/// When the database cannot be read.
pub async fn offered(db: &impl sea_orm::ConnectionTrait, call: CallId) -> Result<Vec<application::Model>> {
    Ok(application::Entity::find()
        .filter(application::Column::CallId.eq(call))
        .filter(application::Column::Stage.is_in(JUDGED))
        .order_by_asc(application::Column::Id)
        .all(db)
        .await?)
}

/// Drafts a poll on projects of a call.
///
/// # Errors
/// [`Error::NotFound`]; by the field; a refusal while the call takes applications, or once it is decided.
pub async fn draft(by: &As<Officer>, id: CallId, drafted: Drafted) -> Result<PollId> {
    let drafted = &drafted;
    by.write(|tx| async move {
        let tx = &tx;
        drafted.check(tx.now())?;
        let call = call::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
        if !matches!(call.stage, CallStage::Closed | CallStage::InReview) {
            return Err(Error::refused("refused-poll-call"));
        }
        let offered = offered(tx, id).await?;
        let chosen: Option<Vec<&application::Model>> =
            drafted.projects.iter().map(|id| offered.iter().find(|row| row.id == *id)).collect();
        let chosen = chosen.ok_or_else(|| Error::refused("refused-unknown"))?;
        let fund = fund::Entity::find_by_id(call.fund_id).one(tx).await?.ok_or(Error::NotFound)?;
        let row = written(by, tx, &call, &fund, drafted)?;
        let poll = poll::Entity::insert(row).exec_with_returning(tx).await?.id;
        let rows = chosen.iter().map(|row| poll_project::ActiveModel {
            poll_id: Set(poll),
            application_id: Set(row.id),
            cost_minor: Set(row.ask_minor),
            ..Default::default()
        });
        poll_project::Entity::insert_many(rows).exec_without_returning(tx).await?;
        events::record(tx, by, Subject::Poll, poll.0, Note::act("draft")).await?;
        Ok(poll)
    })
    .await
}

fn written(
    by: &As<Officer>,
    tx: &Tx,
    call: &call::Model,
    fund: &fund::Model,
    drafted: &Drafted,
) -> Result<poll::ActiveModel> {
    Ok(poll::ActiveModel {
        call_id: Set(call.id),
        title: Set(drafted.title.trim().to_owned()),
        community: Set(drafted.community.trim().to_owned()),
        kind: Set(drafted.kind),
        most: Set(drafted.most),
        points: Set(drafted.points),
        currency: Set(fund.currency),
        budget_minor: Set(drafted.budget_minor),
        quorum_bps: Set(drafted.quorum_bps),
        stage: Set(PollStage::Draft),
        closes_at: Set(drafted.closes_at),
        drafted_by: Set(by.person()?),
        drafted_at: Set(tx.now()),
        roll: Set(0),
        version: Set(1),
        ..Default::default()
    })
}

/// Opens a poll: the roll is written, and everybody on it is asked.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for who drafted it; a refusal when its hour has passed, when nobody sits in that council, or when a
/// project was withdrawn meanwhile.
pub async fn open(by: &As<Officer>, id: PollId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = take(tx, id).await?;
        roles::apart(tx, by, &[Some(row.drafted_by)]).await?;
        by.saw(row.version)?;
        if row.closes_at <= tx.now() {
            return Err(Error::refused("refused-poll-late"));
        }
        let asked = projects(tx, id).await?;
        if asked.iter().any(|(of, now)| !JUDGED.contains(&now.stage) || of.cost_minor != now.ask_minor) {
            return Err(Error::refused("refused-poll-projects-moved"));
        }
        let members = councils::members(tx, &row.community, by.day_of(tx.now())).await?;
        if members.is_empty() {
            return Err(Error::refused("refused-poll-nobody"));
        }
        let set = poll::ActiveModel {
            id: Set(id),
            opened_by: Set(by.actor.person),
            opened_at: Set(Some(tx.now())),
            roll: Set(i32::try_from(members.len()).unwrap_or(i32::MAX)),
            version: Set(row.version + 1),
            ..Default::default()
        };
        poll::Entity::update(set).exec(tx).await?;
        let voters = members.iter().map(|person| poll_voter::ActiveModel {
            poll_id: Set(id),
            person_id: Set(*person),
            way: Set(VoteWay::Waiting),
            ..Default::default()
        });
        poll_voter::Entity::insert_many(voters).exec_without_returning(tx).await?;
        let row = load(tx, id).await?;
        advance(tx, by, &row, "open", Note::act("")).await?;
        let args = [("title", row.title.clone()), ("until.day", by.day_of(row.closes_at).to_string())];
        letters::to_people(tx, members, "poll-opened", &args, &format!("/polls/{id}")).await
    })
    .await
}

/// Cancels a poll. Its ballots are never counted.
///
/// # Errors
/// [`Error::NotFound`]; a refusal without a reason, or once it is closed.
pub async fn cancel(by: &As<Officer>, id: PollId, reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let row = take(tx, id).await?;
        advance(tx, by, &row, "cancel", Note::act("").because(reason.trim())).await.map(|_| ())
    })
    .await
}
