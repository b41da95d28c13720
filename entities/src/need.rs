//! Something a community lacks; listed, then answered by a call, fund or project.

use crate::kinds::{CallId, FundId, NeedId, NeedStage, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Something a community lacks; listed, then answered by a call, fund or project.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "need")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: NeedId,
    /// Title in Chinese, or ''.
    pub title_zh: String,
    /// Title in English, or ''.
    pub title_en: String,
    /// What is wrong and for whom.
    pub summary_zh: String,
    /// The same in English.
    pub summary_en: String,
    /// Community.
    pub community: String,
    /// Area code.
    pub area: String,
    /// Year the need was first recorded.
    pub since_year: Option<i32>,
    /// Where it stands.
    pub stage: NeedStage,
    /// Work waits until every owner consented.
    pub consents_required: bool,
    /// Who proposed it.
    pub proposed_by: Option<PersonId>,
    /// When.
    pub proposed_at: DateTimeUtc,
    /// The need that took it over.
    pub merged_into_id: Option<NeedId>,
    /// The call that answers it.
    pub call_id: Option<CallId>,
    /// The fund that answers it.
    pub fund_id: Option<FundId>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
