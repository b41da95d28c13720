//! One of several initiators of a joint fund, with its share.

use crate::kinds::{FundId, JointInitiatorId, OrganisationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One of several initiators of a joint fund, with its share.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "joint_initiator")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: JointInitiatorId,
    /// The fund.
    pub fund_id: FundId,
    /// Who opens it with others.
    pub organisation_id: OrganisationId,
    /// Share in votes and residue, in basis points.
    pub share_bps: i32,
    /// Who signed the agreement for it; the first initiator signs on the fund.
    pub signed_by: Option<PersonId>,
    /// When.
    pub signed_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
