//! The pages of committees: a fund's committee here, a motion in [`motion`], acts in [`acts`], tasks in [`tasks`].

pub mod acts;
pub mod motion;
pub mod tasks;

use super::service::seats::{self, Seat};
use super::service::votes;
use crate::commons::policies;
use crate::core::money::format_bps;
use crate::error::Result;
use crate::grants::funds;
use crate::people::permission::Context;
use crate::people::{accounts, organisations};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Block, Cell, Sheet, stage_text};
use entities::kinds::{FundId, FundStage, MotionStage, Role, RoleGrantStage, SeatPart};
use entities::{fund, motion as motions};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

pub use tasks::waiting;

/// Motions on one page of the list.
const PAGE: u64 = 20;

/// Whether the reader is one of those who vote, watch or work for the committee: they read what is still open, and who it is about.
pub(super) fn insider(context: &Context, fund: FundId) -> bool {
    context.actor.is_staff() || votes::sits(context, fund)
}

/// Colour of a stage.
pub(super) const fn tone(stage: MotionStage) -> &'static str {
    match stage {
        MotionStage::Open => "wait",
        MotionStage::Passed => "ok",
        MotionStage::Rejected => "stop",
        MotionStage::Lapsed | MotionStage::Withdrawn => "quiet",
    }
}

/// A fund's committee: what the agreement says, who sits there, what it resolved.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for a fund that is not the reader's to see.
pub async fn show(context: &Context, id: FundId, before: Option<i64>) -> Answer {
    let db = context.edges.db.read();
    let row = funds::view::visible(context, id).await?;
    let inside = insider(context, id);
    let mut seated = seats::all(db, id).await?;
    let today = context.edges.today();
    let watching = seats::supervisors(db, &seated, today).await?.len();
    let base = format!("/funds/{id}");
    let name = context.pick(&row.name_zh, &row.name_en);
    let mut sheet = Sheet::new(context.t("committee-title"))
        .under(&[(context.t("funds-title"), "/funds"), (name.clone(), &base)])
        .sentence(name)
        .now(context.t("now-title"), "", offered(context, &row))
        .beside(facts(context, &row, &seated, watching));
    sheet = list(context, &row, inside, before, sheet).await?;
    if inside {
        seated.retain(|seat| seat.grant.ends_on.is_none_or(|day| day >= today));
        sheet = sheet.with(people(context, &seated).await?);
    } else if policies::on(db, today).await?.committee_names_public == 1 {
        seated.retain(|seat| seat.votes(today) || seat.watches(today));
        sheet = sheet.with(people(context, &seated).await?);
    }
    sheet.answer(context, "funds")
}

fn offered(context: &Context, row: &fund::Model) -> Vec<ActLink> {
    let mut acts = Vec::new();
    let link = |act: &str, tone| ActLink {
        href: format!("/funds/{}/committee/{act}", row.id),
        text: context.t(&format!("act-committee-{act}-button")),
        tone,
    };
    let sits = context
        .actor
        .grants
        .iter()
        .any(|grant| grant.role == Role::CommitteeMember && grant.scope_id == Some(row.id.0));
    let moves = context.actor.has(Role::ProgrammeOfficer) || sits;
    if moves && row.committee_size > 0 && matches!(row.stage, FundStage::Active | FundStage::Closing) {
        acts.push(link("open", ""));
    }
    if context.actor.has(Role::Administrator) && row.committee_size > 0 && !funds::service::is_over(row.stage) {
        acts.push(link("appoint", "quiet"));
    }
    acts
}

/// What the agreement says of the committee, and whether it is complete.
fn facts(context: &Context, row: &fund::Model, seated: &[Seat], watching: usize) -> Block {
    let today = context.edges.today();
    let votes = seated.iter().filter(|seat| seat.votes(today)).count();
    let share = |bps: i32| format_bps(i64::from(bps));
    let needed = if row.needs_resolution { "fund-resolution-needed" } else { "fund-resolution-free" };
    let of = [("seated", votes.to_string()), ("size", row.committee_size.to_string())];
    let of: Vec<(&str, &str)> = of.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let items = vec![
        Fact::new(context.t("committee-seats"), context.t_with("committee-seats-of", &of)),
        Fact::new(context.t("committee-supervisors"), watching.to_string()),
        Fact::new(
            context.t("committee-quorum"),
            context.t_with("committee-at-least", &[("share", &share(row.quorum_bps))]),
        ),
        Fact::new(
            context.t("committee-majority"),
            context.t_with("committee-more-than", &[("share", &share(row.majority_bps))]),
        ),
        Fact::new(context.t("field-needs-resolution"), context.t(needed)),
    ];
    Block::Facts { title: context.t("committee-agreement"), items }
}

/// Motions, newest first; what is still open only for those inside.
async fn list(context: &Context, row: &fund::Model, inside: bool, before: Option<i64>, sheet: Sheet) -> Result<Sheet> {
    let mut query = motions::Entity::find()
        .filter(motions::Column::FundId.eq(row.id))
        .order_by_desc(motions::Column::Id)
        .limit(PAGE + 1);
    if let Some(before) = before {
        query = query.filter(motions::Column::Id.lt(before));
    }
    if !inside {
        query = query.filter(motions::Column::Stage.is_in(motion::PUBLIC));
    }
    let mut rows = query.all(context.edges.db.read()).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older_href = rows
        .last()
        .filter(|_| more)
        .map(|last| format!("/funds/{}/committee?before={}", row.id, last.id))
        .unwrap_or_default();
    let cells = |row: &motions::Model| {
        let amount = row.amount_minor.map(|minor| context.money(minor, row.currency));
        vec![
            Cell::lead(row.title.clone(), format!("/funds/{}/committee/motions/{}", row.fund_id, row.id)),
            Cell::text(stage_text(context, "motion", row.stage.as_str())),
            Cell::number(amount.unwrap_or_else(|| "—".into())),
            Cell::text(context.moment(row.closed_at.unwrap_or(row.closes_at))),
        ]
    };
    let heads = ["head-motion", "head-stage", "committee-most", "committee-closes"];
    Ok(sheet
        .with(Block::Table {
            title: context.t("committee-motions"),
            heads: heads.map(|head| context.t(head)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("committee-motions-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() }))
}

/// Who sits there, for those inside, or where policy lets everybody read it.
async fn people(context: &Context, seated: &[Seat]) -> Result<Block> {
    let names = accounts::names(context.edges.db.read(), seated.iter().map(|seat| seat.grant.person_id)).await?;
    let initiators = organisations::names(context, seated.iter().filter_map(|seat| seat.organisation)).await?;
    let cells = |seat: &Seat| {
        let initiator = seat.organisation.and_then(|id| initiators.get(&id).cloned());
        let stage = match (seat.grant.stage, seat.grant.ends_on) {
            (RoleGrantStage::Proposed, _) => context.t("committee-proposed"),
            (_, Some(day)) => context.t_with("committee-until", &[("day", &context.day(day))]),
            _ => "—".to_owned(),
        };
        let part = seat_text(context, seat.part);
        vec![
            Cell::lead(names.get(&seat.grant.person_id).cloned().unwrap_or_default(), ""),
            Cell::text(initiator.map_or_else(|| part.clone(), |initiator| format!("{part} · {initiator}"))),
            Cell::text(stage),
        ]
    };
    Ok(Block::Table {
        title: context.t("committee-people"),
        heads: ["head-person", "committee-part", "committee-term"].map(|head| context.t(head)).into(),
        rows: seated.iter().map(cells).collect(),
        empty: context.t("committee-people-empty"),
    })
}

/// The part in words.
pub(super) fn seat_text(context: &Context, part: SeatPart) -> String {
    context.t(&format!("seat-part-{part}"))
}
