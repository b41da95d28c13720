//! What a committee member or supervisor of a fund was appointed as; the role itself is the grant.

use crate::kinds::{CommitteeSeatId, FundId, OrganisationId, RoleGrantId, SeatPart};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What a committee member or supervisor of a fund was appointed as; the role itself is the grant.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "committee_seat")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: CommitteeSeatId,
    /// The fund.
    pub fund_id: FundId,
    /// The role with its term, given by two.
    pub grant_id: RoleGrantId,
    /// Part in the committee.
    pub part: SeatPart,
    /// Initiator of a joint fund for whom the member votes.
    pub organisation_id: Option<OrganisationId>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
