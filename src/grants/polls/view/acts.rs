//! The pages of acts on councils and polls: the draft, the ballot, papers read, a receipt checked.

use super::{Project, Seen, visible};
use crate::core::money::format_bps;
use crate::error::{Error, Result};
use crate::grants::polls::service::{ballots, councils, drafting};
use crate::grants::reviews::panel;
use crate::people::accounts;
use crate::people::permission::{As, Context, Level, Officer};
use crate::web::page::Answer;
use crate::web::parts::Choice;
use crate::web::sheet::{Act, Block, Sheet};
use entities::kinds::{ApplicationId, CallId, CouncilSeatId, PollId, PollKind, PollStage, Role, VoteWay};
use entities::{application, call, council_seat, fund, poll_voter};
use sea_orm::EntityTrait;
use std::collections::BTreeSet;

/// The field of a project on a paper.
pub fn field(project: ApplicationId) -> String {
    format!("project.{project}")
}

/// The page that drafts a poll.
///
/// # Errors
/// [`Error::NotFound`] for a call there is none of, or whose bids are not the reader's to see.
pub async fn draft(by: &As<Officer>, id: CallId) -> Answer {
    let context: &Context = by;
    if panel::blind(context).await?.contains(&id) {
        return Err(Error::NotFound);
    }
    let db = context.edges.db.read();
    let call = call::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let fund = fund::Entity::find_by_id(call.fund_id).one(db).await?.ok_or(Error::NotFound)?;
    let offered = drafting::offered(db, id).await?;
    let communities = councils::communities(db).await?;
    let communities =
        communities.into_iter().map(|(name, seats)| Choice::new(&name, format!("{name} · {}", seats.len())));
    let kinds = Choice::words(context, "poll-kind", PollKind::ALL.iter().map(|kind| kind.as_str()));
    let title = context.pick(&call.title_zh, &call.title_en);
    let back = format!("/calls/{id}/polls");
    let page = Act::new(context, "poll-draft", format!("{back}/draft"), back.clone())
        .under(&[
            (context.t("calls-title"), "/calls"),
            (title.clone(), &format!("/calls/{id}")),
            (context.t("polls-title"), &back),
        ])
        .fact(context.t("head-call"), title)
        .ask(context, "text", "title")
        .hint(context.t("poll-title-hint"))
        .ask_choice(context, "community", communities.collect())
        .hint(context.t("poll-community-hint"))
        .ask_choice(context, "kind", kinds)
        .ask(context, "number", "most")
        .labelled(context.t("poll-most"))
        .value("5")
        .ask(context, "number", "points")
        .labelled(context.t("poll-points"))
        .value("1")
        .hint(context.t("poll-points-hint"))
        .ask_money(context, "budget", fund.currency)
        .labelled(context.t("poll-budget"))
        .ask(context, "text", "quorum_bps")
        .labelled(context.t("poll-quorum"))
        .value(format_bps(5_000))
        .ask(context, "moment", "closes_at")
        .labelled(context.t("poll-closes"));
    let with = |page: Act, row: &application::Model| {
        let label = format!("{} · {}", row.title, context.money(row.ask_minor, row.currency));
        page.ask_for("check", &field(row.id), label).optional().ticked(true)
    };
    offered.iter().fold(page, with).answer(context, "calls")
}

/// The page of an act on a poll.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of, or that is not the reader's.
pub async fn act(context: &Context, id: PollId, act: &str) -> Answer {
    let seen = visible(context, id).await?;
    let known = ["vote", "open", "cancel", "hand-out", "read-paper", "count", "check"];
    let known = known.into_iter().find(|name| *name == act).ok_or(Error::NotFound)?;
    match known {
        "vote" if seen.own(context).is_none() => return Err(Error::Forbidden("forbidden-poll-roll")),
        "vote" | "check" => {}
        _ if !context.actor.has(Role::ProgrammeOfficer) => return Err(Error::Forbidden("forbidden-part")),
        _ => {}
    }
    let (base, polls) = (format!("/polls/{id}"), format!("/calls/{}/polls", seen.row.call_id));
    let page = Act::new(context, &format!("poll-{known}"), format!("{base}/{known}"), base.clone())
        .under(&[
            (context.t("calls-title"), "/calls"),
            (context.t("polls-title"), &polls),
            (seen.row.title.clone(), &base),
        ])
        .fact(context.t("head-poll"), seen.row.title.clone())
        .fact(context.t("poll-closes"), context.moment(seen.row.closes_at));
    let page = match known {
        "vote" => ballot(context, &seen, page).await?,
        "open" => opened(context, &seen, page).proving(context, Level::Decision),
        "cancel" => page.ask(context, "area", "reason").stop().proving(context, Level::Decision),
        "hand-out" => page.ask_choice(context, "person", waiting(context, &seen.roll).await?),
        "read-paper" => marks(context, &seen, page.ask(context, "number", "number"), &seen.projects, &BTreeSet::new()),
        "count" => page.proving(context, Level::Decision),
        _ => page.ask(context, "text", "receipt"),
    };
    page.answer(context, "calls")
}

/// The ballot paper. The receipt stands on it before the vote: whoever loses the answer has it all the same.
async fn ballot(context: &Context, seen: &Seen, page: Act) -> Result<Act> {
    let db = context.edges.db.read();
    let offered: Vec<application::Model> = seen.projects.iter().map(|(_, of)| of.clone()).collect();
    let tied = ballots::tied(db, &seen.row, &offered, context.person()?, context.edges.today()).await?;
    let receipt = ballots::receipt(&context.edges.dice);
    let mut page = page
        .fact(context.t("poll-budget"), context.money(seen.row.budget_minor, seen.row.currency))
        .fact(context.t("poll-most"), seen.row.most.to_string())
        .ask(context, "text", "receipt")
        .value(receipt)
        .hint(context.t("poll-receipt-hint"));
    let names: Vec<String> = offered.iter().filter(|row| tied.contains(&row.id)).map(|row| row.title.clone()).collect();
    if !names.is_empty() {
        page = page.fact(context.t("poll-tied"), names.join(" · "));
    }
    Ok(marks(context, seen, page, &seen.projects, &tied))
}

/// One field for each project: a tick for an approval, a number for points.
fn marks(context: &Context, seen: &Seen, page: Act, projects: &[Project], left_out: &BTreeSet<ApplicationId>) -> Act {
    let offered = projects.iter().filter(|(of, _)| !left_out.contains(&of.application_id));
    offered.fold(page, |page, (of, application)| {
        let name = field(of.application_id);
        let label = format!("{} · {}", application.title, context.money(of.cost_minor, seen.row.currency));
        match seen.row.kind {
            PollKind::Approval => page.ask_for("check", &name, label).optional(),
            PollKind::Scoring => page
                .ask_for("number", &name, label)
                .optional()
                .hint(context.t_with("poll-points-range", &[("most", &seen.row.points.to_string())])),
        }
    })
}

/// What the second officer opens.
fn opened(context: &Context, seen: &Seen, page: Act) -> Act {
    let row = &seen.row;
    let page = page
        .shows(row.version)
        .fact(context.t("head-community"), row.community.clone())
        .fact(context.t("poll-budget"), context.money(row.budget_minor, row.currency))
        .fact(context.t("poll-most"), row.most.to_string())
        .fact(context.t("poll-points"), row.points.to_string())
        .fact(context.t("poll-quorum"), format_bps(i64::from(row.quorum_bps)));
    seen.projects.iter().fold(page, |page, (of, application)| {
        page.fact(application.title.clone(), context.money(of.cost_minor, row.currency))
    })
}

/// Whoever has not voted, to be handed a paper.
async fn waiting(context: &Context, roll: &[poll_voter::Model]) -> Result<Vec<Choice>> {
    let waiting = roll.iter().filter(|voter| voter.way == VoteWay::Waiting).map(|voter| voter.person_id);
    let names = accounts::names(context.edges.db.read(), waiting).await?;
    let mut choices: Vec<Choice> = names.into_iter().map(|(person, name)| Choice::new(person, name)).collect();
    choices.sort_by(|one, other| one.label.cmp(&other.label));
    Ok(choices)
}

/// What a receipt shows: the ballot that lies in the box under it.
///
/// # Errors
/// [`Error::NotFound`] for a poll that is not the reader's to see; a refusal for a receipt without a ballot.
pub async fn checked(context: &Context, id: PollId, receipt: &str) -> Answer {
    let seen = visible(context, id).await?;
    let found = ballots::of_receipt(context.edges.db.read(), id, receipt).await?;
    let choices = found.ok_or_else(|| Error::field("receipt", "refused-poll-no-ballot"))?;
    let chosen = seen.projects.iter().filter_map(|(of, application)| {
        let points = choices.get(&of.application_id)?;
        Some(crate::web::parts::Fact::new(application.title.clone(), points.to_string()))
    });
    let key = if seen.row.stage == PollStage::Counted { "poll-check-counted" } else { "poll-check-in" };
    let seal = ballots::seal(id, receipt).unwrap_or_default();
    Sheet::new(context.t("act-poll-check-title"))
        .under(&[(seen.row.title.clone(), &format!("/polls/{id}"))])
        .sentence(context.t(key))
        .with(Block::Facts { title: context.t("poll-check-ballot"), items: chosen.collect() })
        .with(Block::Prose { title: context.t("poll-check-seal"), text: seal })
        .answer(context, "calls")
}

/// The page that seats a council member.
///
/// # Errors
/// When the database cannot be read.
pub async fn seat(by: &As<Officer>) -> Answer {
    let context: &Context = by;
    let db = context.edges.db.read();
    let holders = councils::holders(db, context.edges.today()).await?;
    let names = accounts::names(db, holders.into_iter()).await?;
    let people = names.into_iter().map(|(person, name)| Choice::new(person, name)).collect();
    Act::new(context, "council-seat", "/councils/seat", "/councils")
        .under(&[(context.t("councils-title"), "/councils")])
        .ask_choice(context, "person", people)
        .hint(context.t("council-person-hint"))
        .ask(context, "text", "community")
        .answer(context, "calls")
}

/// The page that takes a seat back.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn leave(by: &As<Officer>, id: CouncilSeatId) -> Answer {
    let context: &Context = by;
    let db = context.edges.db.read();
    let row = council_seat::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let names = accounts::names(db, std::iter::once(row.person_id)).await?;
    Act::new(context, "council-leave", format!("/councils/seats/{id}/leave"), "/councils")
        .under(&[(context.t("councils-title"), "/councils")])
        .fact(context.t("head-member"), names.get(&row.person_id).cloned().unwrap_or_default())
        .fact(context.t("head-community"), row.community)
        .ask(context, "area", "reason")
        .stop()
        .answer(context, "calls")
}

/// The page that counts a file of somebody's.
///
/// # Errors
/// Never.
pub async fn trial(context: &Context) -> Answer {
    Act::new(context, "poll-try", "/polls/try", "/calls").ask(context, "file", "file").answer(context, "calls")
}
