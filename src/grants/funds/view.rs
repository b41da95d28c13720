//! The pages of funds: the list here, the fund in [`page`], acts in [`acts`], the agreement as PDF in [`papers`], pools and capital in [`pools`], tasks in [`tasks`].

pub mod acts;
pub mod joint;
pub mod leaving;
pub mod page;
pub mod papers;
pub mod pools;
pub mod tasks;

use super::rules::is_public;
use super::service;
use crate::error::{Error, Result};
use crate::ledger::balances;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::ActLink;
use crate::web::sheet::{Block, Cell, Sheet, stage_text};
use entities::fund;
use entities::kinds::{FundId, FundStage};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

pub use tasks::waiting;

/// Funds on one page of the list: two screens of a phone.
const PAGE: u64 = 30;
/// What the public sees.
const PUBLIC: [FundStage; 5] =
    [FundStage::Approved, FundStage::Active, FundStage::Closing, FundStage::Closed, FundStage::Merged];

/// The list, newest first; drafts only for their organisation and staff.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, before: Option<i64>) -> Answer {
    let db = context.edges.db.read();
    let mut query = fund::Entity::find().order_by_desc(fund::Column::Id).limit(PAGE + 1);
    if let Some(before) = before {
        query = query.filter(fund::Column::Id.lt(before));
    }
    if !context.actor.is_staff() {
        let mine = context.actor.memberships.iter().map(|membership| membership.organisation_id);
        query = query
            .filter(Condition::any().add(fund::Column::Stage.is_in(PUBLIC)).add(fund::Column::InitiatorId.is_in(mine)));
    }
    let mut rows = query.all(db).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older_href = rows.last().filter(|_| more).map(|row| format!("/funds?before={}", row.id)).unwrap_or_default();
    let ids: Vec<FundId> = rows.iter().map(|row| row.id).collect();
    let flows = balances::flows(db, &ids).await?;
    let cells = |row: &fund::Model| {
        let flow = flows.iter().find(|(id, _)| *id == row.id).map(|(_, flow)| *flow).unwrap_or_default();
        vec![
            Cell::lead(context.pick(&row.name_zh, &row.name_en), format!("/funds/{}", row.id)),
            Cell::text(row.community.clone()),
            Cell::text(stage_text(context, "fund", row.stage.as_str())),
            Cell::number(context.money(flow.received_minor, row.currency)),
            Cell::number(context.money(flow.paid_minor, row.currency)),
            Cell::number(context.money(flow.available_minor, row.currency)),
        ]
    };
    let heads = ["head-fund", "head-community", "head-stage", "flow-received", "flow-paid", "flow-available"];
    let new = ActLink { href: "/funds/new".into(), text: context.t("act-fund-draft-button"), tone: "" };
    let acts = if signs(context) { vec![new] } else { Vec::new() };
    Sheet::new(context.t("funds-title"))
        .sentence(context.t("funds-sentence"))
        .now(context.t("now-title"), "", acts)
        .with(Block::Table {
            title: String::new(),
            heads: heads.map(|head| context.t(head)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("funds-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(context, "funds")
}

/// Whether the reader signs for some organisation.
fn signs(context: &Context) -> bool {
    context.actor.memberships.iter().any(|membership| membership.role == entities::kinds::MemberRole::Signatory)
}

/// A fund the reader may see.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn visible(context: &Context, id: FundId) -> Result<fund::Model> {
    let row = service::load(context.edges.db.read(), id).await?;
    if seen_by(context, &row) {
        return Ok(row);
    }
    let together = service::initiators::of_fund(context.edges.db.read(), id).await?;
    let partner = together.iter().any(|one| context.actor.belongs_to(one.row.organisation_id));
    if partner { Ok(row) } else { Err(Error::NotFound) }
}

/// Whether a fund is the reader's to see.
fn seen_by(context: &Context, row: &fund::Model) -> bool {
    is_public(row.stage) || context.actor.belongs_to(row.initiator_id) || context.actor.is_staff()
}

/// Colour of a stage.
pub(super) fn tone(stage: FundStage) -> &'static str {
    match stage {
        FundStage::Active => "ok",
        FundStage::Draft | FundStage::Submitted | FundStage::Approved | FundStage::Closing => "wait",
        FundStage::Declined => "stop",
        FundStage::Closed | FundStage::Merged => "quiet",
    }
}
