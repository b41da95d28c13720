//! Pages of councils and polls: the polls of a call, one poll with its paper and result, the councils; acts in [`acts`], what was
//! counted in [`results`].

pub mod acts;
pub mod results;
pub mod tasks;

use super::service::{self, councils, counting, papers};
use crate::commons::events;
use crate::core::money::format_bps;
use crate::error::{Error, Result};
use crate::grants::calls;
use crate::grants::reviews::panel;
use crate::people::accounts;
use crate::people::permission::{As, Context, Officer};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Block, Cell, Sheet, history, stage_text};
use entities::kinds::{CallId, PaperStage, PersonId, PollId, PollKind, PollStage, Role, Subject, VoteWay};
use entities::{application, poll, poll_project, poll_voter};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

pub use tasks::waiting;

/// Polls of a call that are listed.
const LISTED: u64 = 50;
/// Events shown.
const HISTORY: u64 = 30;

/// Whether the reader works on polls: reads drafts, and who has voted.
fn works(context: &Context) -> bool {
    [Role::ProgrammeOfficer, Role::Approver, Role::Supervisor].into_iter().any(|role| context.actor.has(role))
}

/// A project on a ballot paper.
pub(super) type Project = (poll_project::Model, application::Model);

/// A poll as its reader may see it.
pub(super) struct Seen {
    pub row: poll::Model,
    pub roll: Vec<poll_voter::Model>,
    pub projects: Vec<Project>,
    /// Whether the reader works on it.
    pub staff: bool,
}

impl Seen {
    /// The reader's own line on the roll.
    pub fn own(&self, context: &Context) -> Option<&poll_voter::Model> {
        self.roll.iter().find(|voter| Some(voter.person_id) == context.actor.person)
    }

    /// Whether ballots still count.
    pub fn is_open(&self, context: &Context) -> bool {
        self.row.stage == PollStage::Open && context.edges.clock.now() < self.row.closes_at
    }

    fn came(&self, way: VoteWay) -> usize {
        self.roll.iter().filter(|voter| voter.way == way).count()
    }
}

/// A poll that is the reader's to see: a draft is staff's; an open one theirs who vote in it, for what is applied for is still being
/// judged; one that was counted everybody's. Who still judges these applications blindly finds nothing here.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) async fn visible(context: &Context, id: PollId) -> Result<Seen> {
    let db = context.edges.db.read();
    let row = service::load(db, id).await?;
    let roll = service::roll(db, id).await?;
    let staff = works(context);
    let votes = roll.iter().any(|voter| Some(voter.person_id) == context.actor.person);
    let seen = match row.stage {
        PollStage::Counted => true,
        PollStage::Draft => staff,
        _ => staff || votes,
    };
    if !seen || panel::blind(context).await?.contains(&row.call_id) {
        return Err(Error::NotFound);
    }
    let projects = service::projects(db, id).await?;
    Ok(Seen { row, roll, projects, staff })
}

/// The polls of a call.
///
/// # Errors
/// [`Error::NotFound`] for a call there is none of.
pub async fn of_call(context: &Context, id: CallId) -> Answer {
    let db = context.edges.db.read();
    let call = calls::view::visible(context, id).await?;
    let staff = works(context);
    let mut query =
        poll::Entity::find().filter(poll::Column::CallId.eq(id)).order_by_desc(poll::Column::Id).limit(LISTED);
    if !staff {
        query = query.filter(poll::Column::Stage.ne(PollStage::Draft));
    }
    let rows = query.all(db).await?;
    let cells = |row: &poll::Model| {
        vec![
            Cell::lead(row.title.clone(), format!("/polls/{}", row.id)),
            Cell::text(row.community.clone()),
            Cell::text(stage_text(context, "poll", row.stage.as_str())),
            Cell::text(context.moment(row.closes_at)),
        ]
    };
    let title = context.pick(&call.title_zh, &call.title_en);
    let mut acts = Vec::new();
    if context.actor.has(Role::ProgrammeOfficer) {
        let link = |href: String, key: &str, tone| ActLink { href, text: context.t(key), tone };
        acts.push(link(format!("/calls/{id}/polls/draft"), "act-poll-draft-button", ""));
        acts.push(link("/councils".into(), "councils-title", "quiet"));
    }
    acts.push(ActLink { href: "/polls/try".into(), text: context.t("act-poll-try-button"), tone: "quiet" });
    Sheet::new(context.t("polls-title"))
        .under(&[(title, &format!("/calls/{id}"))])
        .sentence(context.t("polls-sentence"))
        .now(context.t("now-title"), "", acts)
        .with(Block::Table {
            title: context.t("polls-list"),
            heads: ["head-poll", "head-community", "head-stage", "poll-closes"].map(|key| context.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("polls-empty"),
        })
        .answer(context, "calls")
}

/// One poll.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn show(context: &Context, id: PollId) -> Answer {
    let db = context.edges.db.read();
    let seen = visible(context, id).await?;
    let result = counting::result_of(db, id).await?;
    let row = &seen.row;
    let mut sheet = Sheet::new(row.title.clone())
        .under(&[
            (context.t("calls-title"), "/calls"),
            (context.t("polls-title"), &format!("/calls/{}/polls", row.call_id)),
        ])
        .chip(stage_text(context, "poll", row.stage.as_str()), tone(row.stage))
        .sentence(context.t_with("poll-sentence", &[("community", &row.community)]))
        .now(context.t("now-title"), waits(context, &seen), offered(context, &seen))
        .beside(facts(context, &seen));
    sheet = match &result {
        Some(result) => results::blocks(context, &seen, result)?.into_iter().fold(sheet, Sheet::with),
        None => sheet.with(paper(context, &seen)),
    };
    if row.stage != PollStage::Draft {
        sheet = sheet.with(turnout(context, &seen));
    }
    if seen.staff {
        let rows = papers::of_poll(db, id).await?;
        if !rows.is_empty() {
            sheet = sheet.with(on_paper(context, &rows));
        }
        let past = events::history(db, Subject::Poll, id.0, HISTORY).await?;
        sheet = sheet.beside(history(context, "poll", &past));
    }
    sheet.answer(context, "calls")
}

/// Colour of a stage.
const fn tone(stage: PollStage) -> &'static str {
    match stage {
        PollStage::Draft | PollStage::Open | PollStage::Closed => "wait",
        PollStage::Counted => "ok",
        PollStage::Failed => "stop",
        PollStage::Cancelled => "quiet",
    }
}

fn waits(context: &Context, seen: &Seen) -> String {
    let until = context.moment(seen.row.closes_at);
    match seen.own(context).map(|own| own.way) {
        Some(VoteWay::Waiting) if seen.is_open(context) => context.t_with("poll-now-vote", &[("until", &until)]),
        Some(VoteWay::Online) => context.t("poll-now-voted"),
        Some(VoteWay::Paper) => context.t("poll-now-paper"),
        _ => String::new(),
    }
}

/// What the reader may do.
fn offered(context: &Context, seen: &Seen) -> Vec<ActLink> {
    let id = seen.row.id;
    let link = |act: &str, tone| ActLink {
        href: format!("/polls/{id}/{act}"),
        text: context.t(&format!("act-poll-{act}-button")),
        tone,
    };
    let mut acts = Vec::new();
    let officer = context.actor.has(Role::ProgrammeOfficer);
    if seen.is_open(context) && seen.own(context).is_some_and(|own| own.way == VoteWay::Waiting) {
        acts.push(link("vote", ""));
    }
    match seen.row.stage {
        PollStage::Draft if officer => {
            if Some(seen.row.drafted_by) != context.actor.person {
                acts.push(link("open", ""));
            }
            acts.push(link("cancel", "stop"));
        }
        PollStage::Open if officer => {
            acts.extend([link("hand-out", "quiet"), link("read-paper", "quiet"), link("cancel", "stop")]);
        }
        PollStage::Closed if officer => acts.extend([link("count", ""), link("read-paper", "quiet")]),
        PollStage::Counted => {
            let text = context.t("poll-file");
            acts.push(ActLink { href: format!("/polls/{id}/ballots.pb"), text, tone: "quiet" });
        }
        _ => {}
    }
    if !matches!(seen.row.stage, PollStage::Draft | PollStage::Cancelled) {
        acts.push(link("check", "quiet"));
    }
    acts
}

fn facts(context: &Context, seen: &Seen) -> Block {
    let row = &seen.row;
    let quorum = format_bps(i64::from(row.quorum_bps));
    let says = match row.kind {
        PollKind::Approval => context.t_with("poll-approval", &[("most", &row.most.to_string())]),
        PollKind::Scoring => {
            let (most, points) = (row.most.to_string(), row.points.to_string());
            context.t_with("poll-scoring", &[("most", &most), ("points", &points)])
        }
    };
    let items = vec![
        Fact::new(context.t("poll-budget"), context.money(row.budget_minor, row.currency)),
        Fact::new(context.t("poll-says"), says),
        Fact::new(context.t("poll-quorum"), context.t_with("poll-quorum-text", &[("share", &quorum)])),
        Fact::new(context.t("poll-closes"), context.moment(row.closes_at)),
        Fact::new(context.t("poll-rule"), context.t("poll-rule-text")),
        Fact::new(context.t("poll-secret"), context.t("poll-secret-text")),
    ];
    Block::Facts { title: context.t("facts-title"), items }
}

/// The projects before the count: nobody learns what the ballots say.
fn paper(context: &Context, seen: &Seen) -> Block {
    let cells = |(of, application): &Project| {
        vec![Cell::lead(application.title.clone(), ""), Cell::number(context.money(of.cost_minor, seen.row.currency))]
    };
    Block::Table {
        title: context.t("poll-paper"),
        heads: ["head-project", "head-asked"].map(|key| context.t(key)).into(),
        rows: seen.projects.iter().map(cells).collect(),
        empty: String::new(),
    }
}

fn turnout(context: &Context, seen: &Seen) -> Block {
    let voted = seen.came(VoteWay::Online) + seen.came(VoteWay::Paper);
    let figure = |key: &str, n: usize| Fact::new(context.t(key), n.to_string());
    let items = vec![
        Fact::new(context.t("poll-roll"), seen.row.roll.to_string()),
        figure("poll-voted", voted),
        figure("poll-on-paper", seen.came(VoteWay::Paper)),
    ];
    Block::Figures { title: context.t("poll-turnout"), items }
}

/// Which papers were read, and by how many: never what they say, or the second would read the first.
fn on_paper(context: &Context, rows: &[entities::poll_paper::Model]) -> Block {
    let cells = |row: &entities::poll_paper::Model| {
        let key = match row.stage {
            PaperStage::Entered => "poll-paper-entered",
            PaperStage::Apart => "poll-paper-apart",
            PaperStage::Agreed => "poll-paper-agreed",
        };
        vec![Cell::lead(row.number.to_string(), ""), Cell::text(context.t(key))]
    };
    Block::Table {
        title: context.t("poll-papers"),
        heads: ["field-number", "head-stage"].map(|key| context.t(key)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: String::new(),
    }
}

/// The councils with who sits there: for officers.
///
/// # Errors
/// When the database cannot be read.
pub async fn councils(by: &As<Officer>) -> Answer {
    let context: &Context = by;
    let db = context.edges.db.read();
    let all = councils::communities(db).await?;
    let people: Vec<PersonId> = all.iter().flat_map(|(_, seats)| seats).map(|seat| seat.person_id).collect();
    let names = accounts::names(db, people.into_iter()).await?;
    let text = context.t("act-council-seat-button");
    let mut sheet = Sheet::new(context.t("councils-title")).sentence(context.t("councils-sentence")).now(
        context.t("now-title"),
        "",
        vec![ActLink { href: "/councils/seat".into(), text, tone: "" }],
    );
    let heads = || ["head-member", "head-since", "head-act"].map(|key| context.t(key)).to_vec();
    if all.is_empty() {
        let (title, empty) = (context.t("councils-title"), context.t("councils-empty"));
        sheet = sheet.with(Block::Table { title, heads: heads(), rows: Vec::new(), empty });
    }
    for (community, seats) in &all {
        let cells = |seat: &entities::council_seat::Model| {
            let leave = Cell {
                text: context.t("act-council-leave-button"),
                href: format!("/councils/seats/{}/leave", seat.id),
                class: "",
            };
            let name = names.get(&seat.person_id).cloned().unwrap_or_default();
            vec![Cell::lead(name, ""), Cell::text(context.day(context.day_of(seat.seated_at))), leave]
        };
        let rows = seats.iter().map(cells).collect();
        sheet = sheet.with(Block::Table { title: community.clone(), heads: heads(), rows, empty: String::new() });
    }
    sheet.answer(context, "calls")
}
