//! Somebody who sits in the residents' council of a community; the role itself is the grant.

use crate::kinds::{CouncilSeatId, PersonId, RoleGrantId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Somebody who sits in the residents' council of a community; the role itself is the grant.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "council_seat")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: CouncilSeatId,
    /// The role with its term.
    pub grant_id: RoleGrantId,
    /// Who.
    pub person_id: PersonId,
    /// Of which community.
    pub community: String,
    /// Officer.
    pub seated_by: PersonId,
    /// When.
    pub seated_at: DateTimeUtc,
    /// When the seat was given up.
    pub left_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
