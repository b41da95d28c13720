//! A need that a bid answers.

use crate::kinds::{ApplicationId, ApplicationNeedId, NeedId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A need that a bid answers.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "application_need")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: ApplicationNeedId,
    /// Whose bid.
    pub application_id: ApplicationId,
    /// Which need.
    pub need_id: NeedId,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
