//! The rows that a fund's page tells, whoever reads it.

use super::entries::Entries;
use super::reached::Reached;
use super::story::Story;
use crate::commons::texts::Name;
use crate::commons::{holds, policies, proposals};
use crate::error::Result;
use crate::grants::funds::service::{self, budgets, idle, initiators, initiators::Initiator};
use crate::ledger::balances::{self, Flow};
use crate::ledger::years::{self, Year};
use crate::people::organisations;
use crate::people::permission::Context;
use chrono::NaiveDate;
use entities::kinds::{BudgetHead, FundId, GiftKind, GiftStage, Subject};
use entities::{fund, gift, hold, proposal};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::BTreeMap;

/// One fund as it stands.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) row: fund::Model,
    pub(super) initiator: Name,
    pub(super) flow: Flow,
    /// Worth of what was given in kind, in minor units; beside the cash.
    pub(super) in_kind_minor: i64,
    /// What is promised, in minor units; beside the cash.
    pub(super) pledged_minor: i64,
    pub(super) standing: Vec<hold::Model>,
    pub(super) open: Vec<proposal::Model>,
    pub(super) entries: Entries,
    pub(super) story: Story,
    /// What came of its awards.
    pub(super) reached: Reached,
    /// Initiators of a joint fund.
    pub(super) initiators: Vec<Initiator>,
    /// What each year brought.
    pub(super) years: Vec<Year>,
    /// What was planned for it.
    pub(super) budgets: BTreeMap<i32, BTreeMap<BudgetHead, i64>>,
    /// Day of the last use.
    pub(super) last_moved: Option<NaiveDate>,
    /// After so many days without use it is idle.
    pub(super) idle_days: i64,
}

impl Snapshot {
    /// # Errors
    /// [`crate::error::Error::NotFound`] when there is no such fund.
    pub(super) async fn load(context: &Context, db: &impl ConnectionTrait, id: FundId) -> Result<Self> {
        let row = service::load(db, id).await?;
        let mut names = organisations::both_names(db, [row.initiator_id].into_iter()).await?;
        let beside = beside(db, id).await?;
        let of = |kind| beside.iter().filter(|(of, ..)| *of == kind).map(|(.., sum)| *sum).sum::<i64>();
        Ok(Self {
            initiator: names.remove(&row.initiator_id).unwrap_or_default(),
            flow: balances::flow(db, id).await?,
            in_kind_minor: of(GiftKind::InKind),
            pledged_minor: of(GiftKind::Bank),
            standing: holds::standing(db, Subject::Fund, id.0).await?,
            open: proposals::all_open(db, Subject::Fund, id.0).await?,
            entries: Entries::load(db, &row).await?,
            story: Story::load(db, id).await?,
            reached: Reached::load(db, id).await?,
            initiators: initiators::of_fund(db, id).await?,
            years: years::of_fund(db, id).await?,
            budgets: budgets::of_fund(db, id).await?,
            last_moved: idle::last_moved(db, context.edges.config.zone, id).await?,
            idle_days: policies::on(db, context.edges.today()).await?.idle_days,
            row,
        })
    }
}

/// Sums of what is accepted in kind and of what is promised, in minor units.
async fn beside(db: &impl ConnectionTrait, id: FundId) -> Result<Vec<(GiftKind, GiftStage, i64)>> {
    Ok(gift::Entity::find()
        .select_only()
        .column(gift::Column::Kind)
        .column(gift::Column::Stage)
        .column_as(gift::Column::AmountMinor.sum().cast_as("bigint"), "total")
        .filter(gift::Column::FundId.eq(id))
        .filter(gift::Column::Kind.is_in([GiftKind::Bank, GiftKind::InKind]))
        .filter(gift::Column::Stage.is_in([GiftStage::Pledged, GiftStage::Accepted, GiftStage::Used]))
        .group_by(gift::Column::Kind)
        .group_by(gift::Column::Stage)
        .into_tuple()
        .all(db)
        .await?)
}
