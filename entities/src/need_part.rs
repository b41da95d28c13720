//! A part of the co-building list that a partner can claim.

use crate::kinds::{Currency, NeedId, NeedPartId, OrganisationId, PartKind, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A part of the co-building list that a partner can claim.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "need_part")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: NeedPartId,
    /// The need.
    pub need_id: NeedId,
    /// What is asked for.
    pub kind: PartKind,
    /// In words.
    pub label: String,
    /// Partner who claimed it.
    pub claimed_by_id: Option<OrganisationId>,
    /// Who claimed for them.
    pub claimed_by_person: Option<PersonId>,
    /// When.
    pub claimed_at: Option<DateTimeUtc>,
    /// How much money is wanted, which several partners may carry together.
    pub wanted_minor: Option<i64>,
    /// Of that amount.
    pub currency: Option<Currency>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
