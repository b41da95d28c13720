//! What an organisation promised for a time: a sum in instalments, or a share of each year's profit.

use crate::kinds::{Anonymity, Currency, FundId, NeedId, OrganisationId, PersonId, PlanKind, PlanStage, PledgePlanId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What an organisation promised for a time: a sum in instalments, or a share of each year's profit.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "pledge_plan")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PledgePlanId,
    /// To which fund.
    pub fund_id: FundId,
    /// A sum in instalments, or a share of profit.
    pub kind: PlanKind,
    /// Where it stands.
    pub stage: PlanStage,
    /// Who promised.
    pub donor_organisation_id: OrganisationId,
    /// The whole sum; none of a share of profit.
    pub amount_minor: Option<i64>,
    /// Same as the fund's.
    pub currency: Currency,
    /// Share of the profit; none of a sum.
    pub share_bps: Option<i32>,
    /// Month of the day by which a year's share is due, in the year after.
    pub due_month: Option<i32>,
    /// Day of that month.
    pub due_day: Option<i32>,
    /// First business year.
    pub first_year: Option<i32>,
    /// Last business year.
    pub last_year: Option<i32>,
    /// Whether the agreement lets the public read what was declared.
    pub figures_public: bool,
    /// What the public may see of its gifts.
    pub anonymity: Anonymity,
    /// Or waived.
    pub receipt_wanted: bool,
    /// Only for this need.
    pub restriction_need_id: Option<NeedId>,
    /// Number or name of the agreement, or ''.
    pub agreement: String,
    /// Signatory.
    pub created_by: PersonId,
    /// When.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
