//! An applicant's appeal against a refusal.

use crate::kinds::{AppealAgainst, AppealId, AppealStage, ApplicationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// An applicant's appeal against a refusal.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "appeal")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: AppealId,
    /// Whose.
    pub application_id: ApplicationId,
    /// Which refusal.
    pub against: AppealAgainst,
    /// In words.
    pub ground: String,
    /// Where it stands.
    pub stage: AppealStage,
    /// Signatory.
    pub filed_by: PersonId,
    /// When.
    pub filed_at: DateTimeUtc,
    /// Somebody who took no part.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<DateTimeUtc>,
    /// Why.
    pub reason: String,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
