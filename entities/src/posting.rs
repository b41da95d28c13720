//! A voucher group: the transfers of one event in the books, with its public number.

use crate::kinds::{AwardId, FundId, PersonId, PostingId, Recipe, Subject};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A voucher group: the transfers of one event in the books, with its public number.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "posting")]
pub struct Model {
    /// Key; the public number is `V-` and this, six digits wide.
    #[sea_orm(primary_key)]
    pub id: PostingId,
    /// Which row of the table of postings.
    pub recipe: Recipe,
    /// When posted.
    pub at: DateTimeUtc,
    /// Day of the event in the foundation's zone.
    pub occurred_on: Date,
    /// Fund it concerns.
    pub fund_id: Option<FundId>,
    /// Award it concerns.
    pub award_id: Option<AwardId>,
    /// What it was posted for.
    pub subject: Subject,
    /// Which one.
    pub subject_id: i64,
    /// Who; nobody for the system.
    pub created_by: Option<PersonId>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
