//! A micro-, special, programme or joint fund: a sub-ledger of the foundation.

use crate::kinds::{Currency, FundId, FundKind, FundStage, FundraisingMode, OrganisationId, PersonId, SpendingType};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A micro-, special, programme or joint fund: a sub-ledger of the foundation.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "fund")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: FundId,
    /// Name in Chinese, or ''.
    pub name_zh: String,
    /// Name in English, or ''.
    pub name_en: String,
    /// What it is for.
    pub purpose_zh: String,
    /// The same in English.
    pub purpose_en: String,
    /// Kind.
    pub kind: FundKind,
    /// Community, or ''.
    pub community: String,
    /// Area code.
    pub area: String,
    /// One fund, one currency.
    pub currency: Currency,
    /// Receives this before it is active.
    pub opening_minimum_minor: i64,
    /// Management fee in basis points of amounts paid.
    pub fee_bps: i32,
    /// Fundraising mode.
    pub mode: FundraisingMode,
    /// Public fundraising qualification, or ''.
    pub qualification_number: String,
    /// Filed fundraising plan, or ''.
    pub filing_number: String,
    /// May the capital be spent.
    pub spending: SpendingType,
    /// What happens with the rest, in words.
    pub residue_rule: String,
    /// Members of the committee.
    pub committee_size: i32,
    /// Where it stands.
    pub stage: FundStage,
    /// Who opens it.
    pub initiator_id: OrganisationId,
    /// Number of the board minute that approved or declined, or ''.
    pub board_minute: String,
    /// SHA-256 of the agreement's text as signed, or ''.
    pub agreement_hash: String,
    /// Signatory of the initiator.
    pub initiator_signed_by: Option<PersonId>,
    /// When.
    pub initiator_signed_at: Option<DateTimeUtc>,
    /// Administrator.
    pub foundation_signed_by: Option<PersonId>,
    /// When.
    pub foundation_signed_at: Option<DateTimeUtc>,
    /// Successor.
    pub merged_into_id: Option<FundId>,
    /// Who drafted it.
    pub created_by: PersonId,
    /// When.
    pub created_at: DateTimeUtc,
    /// Counts every save.
    pub version: i32,
    /// Votes of the committee that must be given, of all, in basis points.
    pub quorum_bps: i32,
    /// More than this of the votes given must be for a motion, in basis points.
    pub majority_bps: i32,
    /// Whether an award needs a resolution of the committee.
    pub needs_resolution: bool,
    /// Whether the processor's fee is made good from the gift, by the agreement.
    pub bears_processor_fee: bool,
    /// Most of what was received that an endowed fund may promise in a year, in basis points.
    pub spend_cap_bps: i32,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
