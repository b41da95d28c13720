//! A period whose books are closed: nothing is posted into it any more.

use crate::kinds::{BookPeriodId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A period whose books are closed: nothing is posted into it any more.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "book_period")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: BookPeriodId,
    /// Its last day; the next one begins after it.
    pub until: Date,
    /// Entries of the books on the day it was closed, as the second person saw them.
    pub entries: i64,
    /// Who asked.
    pub proposed_by: PersonId,
    /// Who closed it.
    pub closed_by: PersonId,
    /// When.
    pub closed_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
