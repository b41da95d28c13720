//! The list of projects: awards that became public when both had signed.

use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::sheet::{Block, Cell, Sheet};
use entities::award;
use entities::kinds::AwardStage;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Projects on a page.
const PAGE: u64 = 30;

/// Stages in which an award is public.
const PUBLIC: [AwardStage; 5] =
    [AwardStage::Active, AwardStage::Suspended, AwardStage::Closing, AwardStage::Closed, AwardStage::Terminated];

/// Whether an award at this stage is public.
pub(super) fn is_public(stage: AwardStage) -> bool {
    PUBLIC.contains(&stage)
}

/// The list, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, before: Option<i64>) -> Answer {
    let mut query = award::Entity::find()
        .filter(award::Column::Stage.is_in(PUBLIC))
        .order_by_desc(award::Column::Id)
        .limit(PAGE + 1);
    if let Some(before) = before {
        query = query.filter(award::Column::Id.lt(before));
    }
    let mut rows = query.all(context.edges.db.read()).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older_href = rows.last().filter(|_| more).map(|row| format!("/projects?before={}", row.id)).unwrap_or_default();
    let names = organisations::names(context, rows.iter().map(|row| row.organisation_id)).await?;
    let cells = |row: &award::Model| {
        vec![
            Cell::lead(row.title.clone(), format!("/projects/{}", row.id)),
            Cell::text(names.get(&row.organisation_id).cloned().unwrap_or_default()),
            Cell::text(context.t(&format!("stage-award-{}", row.stage))),
            Cell::number(context.money(row.amount_minor, row.currency)),
        ]
    };
    Sheet::new(context.t("projects-title"))
        .sentence(context.t("projects-sentence"))
        .with(Block::Table {
            title: String::new(),
            heads: ["head-project", "head-organisation", "head-stage", "head-amount"].map(|key| context.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("projects-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(context, "projects")
}
