//! An assignment that was carried out: what was asked of the tool and what it answered; only ever added to.

use crate::kinds::{AssignmentPlanId, CallId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// An assignment that was carried out: what was asked of the tool and what it answered; only ever added to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "assignment_plan")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: AssignmentPlanId,
    /// The call.
    pub call_id: CallId,
    /// Published: by it ties are drawn, and drawn again by anybody.
    pub seed: String,
    /// The file of `decide assign`.
    pub question: String,
    /// What it answered.
    pub answer: String,
    /// Officer.
    pub made_by: PersonId,
    /// When.
    pub made_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
