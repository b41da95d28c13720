//! One motion: what is moved, who has voted how, and, once it is closed, its minutes. The public reads the title, the result and the
//! counts; who sat where is for those inside, or where policy lets everybody read it.

use super::{insider, seat_text, tone};
use crate::commons::{events, policies};
use crate::core::money::format_bps;
use crate::error::{Error, Result};
use crate::grants::committees::rules::Tally;
use crate::grants::committees::service::{motions, votes};
use crate::grants::funds;
use crate::grants::reviews::panel;
use crate::people::permission::Context;
use crate::people::{accounts, organisations};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Block, Cell, Sheet, history, stage_text};
use entities::kinds::{Ballot, FundId, MotionId, MotionStage, Role, SeatPart, Subject};
use entities::{application, call, motion, motion_vote};
use sea_orm::EntityTrait;

/// Stages that the public reads.
pub(super) const PUBLIC: [MotionStage; 3] = [MotionStage::Passed, MotionStage::Rejected, MotionStage::Lapsed];
/// Events shown.
const HISTORY: u64 = 30;

/// A motion of this fund that is the reader's to see.
///
/// # Errors
/// [`Error::NotFound`] for another fund's and for what is not public yet.
pub async fn visible(context: &Context, fund: FundId, id: MotionId) -> Result<motion::Model> {
    funds::view::visible(context, fund).await?;
    let row = motions::load(context.edges.db.read(), id).await?;
    let seen = row.fund_id == fund && (PUBLIC.contains(&row.stage) || insider(context, fund));
    if seen { Ok(row) } else { Err(Error::NotFound) }
}

/// The page.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn show(context: &Context, fund: FundId, id: MotionId) -> Answer {
    let db = context.edges.db.read();
    let row = visible(context, fund, id).await?;
    let inside = insider(context, fund);
    let roll = motions::of_motion(db, id).await?;
    let of = funds::service::load(db, fund).await?;
    let base = format!("/funds/{fund}");
    let committee = format!("{base}/committee");
    let name = context.pick(&of.name_zh, &of.name_en);
    let mut sheet = Sheet::new(row.title.clone())
        .under(&[
            (context.t("funds-title"), "/funds"),
            (name, &base),
            (context.t("committee-title"), committee.as_str()),
        ])
        .chip(stage_text(context, "motion", row.stage.as_str()), tone(row.stage))
        .now(context.t("now-title"), waits(context, &row, &roll), offered(context, &row, &roll))
        .beside(facts(context, &row, inside).await?);
    if inside {
        sheet = sheet.with(Block::Prose { title: context.t("motion-text"), text: row.text.clone() });
    }
    let counted = row.stage != MotionStage::Open && row.stage != MotionStage::Withdrawn;
    if counted {
        sheet = sheet.with(counts(context, &row, &roll));
    }
    let names_public = policies::on(db, context.edges.today()).await?.committee_names_public == 1;
    if inside || (counted && names_public) {
        sheet = sheet.with(seats(context, &row, &roll).await?);
    }
    if let Some(minutes) = votes::minutes_of(db, id).await? {
        let by = minutes.facts["closed_by"].as_str().unwrap_or("clock");
        let items = vec![
            Fact::new(context.t("motion-minutes-at"), context.moment(minutes.at)),
            Fact::new(context.t("motion-closed-by"), context.t(&format!("motion-closed-by-{by}"))),
        ];
        sheet = sheet.beside(Block::Facts { title: context.t("motion-minutes"), items });
    }
    if inside {
        sheet = sheet.beside(history(context, "motion", &events::history(db, Subject::Motion, id.0, HISTORY).await?));
    }
    sheet.answer(context, "funds")
}

/// The reader's own seat on the roll.
pub(super) fn own<'a>(context: &Context, roll: &'a [motion_vote::Model]) -> Option<&'a motion_vote::Model> {
    roll.iter().find(|vote| Some(vote.person_id) == context.actor.person)
}

/// Whether votes still count.
fn is_open(context: &Context, row: &motion::Model) -> bool {
    row.stage == MotionStage::Open && context.edges.clock.now() < row.closes_at
}

fn waits(context: &Context, row: &motion::Model, roll: &[motion_vote::Model]) -> String {
    if !is_open(context, row) {
        return String::new();
    }
    let until = context.moment(row.closes_at);
    match own(context, roll).map(|own| own.ballot) {
        Some(Ballot::Waiting) => context.t_with("motion-now-vote", &[("until", &until)]),
        Some(Ballot::Recused) => context.t("motion-now-recused"),
        Some(ballot) => {
            let ballot = context.t(&format!("ballot-{ballot}"));
            context.t_with("motion-now-voted", &[("ballot", &ballot), ("until", &until)])
        }
        None => context.t_with("motion-now-waits", &[("until", &until)]),
    }
}

fn offered(context: &Context, row: &motion::Model, roll: &[motion_vote::Model]) -> Vec<ActLink> {
    if !is_open(context, row) {
        return Vec::new();
    }
    let base = motions::page(row);
    let link = |act: &str, tone| ActLink {
        href: format!("{base}/{act}"),
        text: context.t(&format!("act-motion-{act}-button")),
        tone,
    };
    let mut acts = Vec::new();
    let waiting = roll.iter().any(|vote| vote.ballot == Ballot::Waiting);
    if let Some(own) = own(context, roll).filter(|own| own.ballot != Ballot::Recused) {
        let voted = own.ballot != Ballot::Waiting;
        if own.part == SeatPart::Chair && !waiting {
            acts.push(link("close", ""));
        }
        acts.push(link("vote", if voted { "quiet" } else { "" }));
        acts.push(link("recuse", "quiet"));
    }
    let nobody = roll.iter().all(|vote| matches!(vote.ballot, Ballot::Waiting | Ballot::Recused));
    if nobody && Some(row.opened_by) == context.actor.person {
        acts.push(link("withdraw", "stop"));
    }
    acts
}

async fn facts(context: &Context, row: &motion::Model, inside: bool) -> Result<Block> {
    let share = |bps: i32| format_bps(i64::from(bps));
    let mut items = Vec::new();
    if let Some(most) = row.amount_minor {
        items.push(Fact::new(context.t("committee-most"), context.money(most, row.currency)));
    }
    items.extend(concerned(context, row, inside).await?);
    items.push(Fact::new(context.t("motion-opened"), context.moment(row.opened_at)));
    items.push(Fact::new(context.t("committee-closes"), context.moment(row.closed_at.unwrap_or(row.closes_at))));
    let quorum = context.t_with("committee-at-least", &[("share", &share(row.quorum_bps))]);
    let majority = context.t_with("committee-more-than", &[("share", &share(row.majority_bps))]);
    items.push(Fact::new(context.t("committee-quorum"), quorum));
    items.push(Fact::new(context.t("committee-majority"), majority));
    Ok(Block::Facts { title: context.t("facts-title"), items })
}

/// What it concerns. An application under review is nobody's to read but theirs who work on it.
async fn concerned(context: &Context, row: &motion::Model, inside: bool) -> Result<Option<Fact>> {
    let db = context.edges.db.read();
    if let Some(id) = row.call_id {
        let call = call::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
        let title = context.pick(&call.title_zh, &call.title_en);
        return Ok(Some(Fact::linked(context.t("motion-about"), title, format!("/calls/{id}"))));
    }
    if let Some(id) = row.award_id {
        return Ok(Some(Fact::linked(
            context.t("motion-about"),
            context.t("motion-about-award"),
            format!("/projects/{id}"),
        )));
    }
    let Some(id) = row.application_id.filter(|_| inside) else { return Ok(None) };
    let application = application::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    if panel::blind(context).await?.contains(&application.call_id) {
        return Ok(None);
    }
    let label = context.t("motion-about");
    Ok(Some(if context.actor.is_staff() {
        Fact::linked(label, application.title, format!("/applications/{id}"))
    } else {
        Fact::new(label, application.title)
    }))
}

/// The votes as they were counted.
fn counts(context: &Context, row: &motion::Model, roll: &[motion_vote::Model]) -> Block {
    let mut tally = Tally { all: row.votes, ..Tally::default() };
    for vote in roll {
        tally.count(vote.ballot, vote.weight);
    }
    let figure = |key: &str, votes: i64| Fact::new(context.t(key), votes.to_string());
    let items = vec![
        figure("ballot-for", tally.yes),
        figure("ballot-against", tally.no),
        figure("ballot-abstain", tally.abstained),
        figure("motion-not-given", tally.all - tally.given()),
    ];
    Block::Figures { title: context.t("motion-counts"), items }
}

/// The roll. As long as it is open one reads whether the others have voted, and not how.
async fn seats(context: &Context, row: &motion::Model, roll: &[motion_vote::Model]) -> Result<Block> {
    let names = accounts::names(context.edges.db.read(), roll.iter().map(|vote| vote.person_id)).await?;
    let initiators = organisations::names(context, roll.iter().filter_map(|vote| vote.organisation_id)).await?;
    let open = row.stage == MotionStage::Open;
    let weighted = roll.iter().any(|vote| vote.weight != 1);
    let ballot = |vote: &motion_vote::Model| {
        let own = Some(vote.person_id) == context.actor.person;
        let given = matches!(vote.ballot, Ballot::For | Ballot::Against | Ballot::Abstain);
        if open && given && !own { context.t("ballot-given") } else { context.t(&format!("ballot-{}", vote.ballot)) }
    };
    let cells = |vote: &motion_vote::Model| {
        let initiator = vote.organisation_id.and_then(|id| initiators.get(&id).cloned());
        let part = seat_text(context, vote.part);
        let mut cells = vec![
            Cell::lead(names.get(&vote.person_id).cloned().unwrap_or_default(), ""),
            Cell::text(initiator.map_or_else(|| part.clone(), |initiator| format!("{part} · {initiator}"))),
        ];
        if weighted {
            cells.push(Cell::number(format_bps(vote.weight)));
        }
        cells.push(Cell::text(ballot(vote)));
        cells
    };
    let mut heads = vec!["head-person", "committee-part", "motion-weight", "motion-ballot"];
    if !weighted {
        heads.remove(2);
    }
    Ok(Block::Table {
        title: context.t("motion-roll"),
        heads: heads.into_iter().map(|head| context.t(head)).collect(),
        rows: roll.iter().map(cells).collect(),
        empty: String::new(),
    })
}

/// Whether the reader may open a motion in this fund.
pub(super) fn moves(context: &Context, fund: FundId) -> bool {
    context.actor.has(Role::ProgrammeOfficer) || votes::sits(context, fund)
}
