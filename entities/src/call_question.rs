//! A question about a call, answered in public; who asked is told to nobody.

use crate::kinds::{CallId, CallQuestionId, CallQuestionStage, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A question about a call, answered in public; who asked is told to nobody.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "call_question")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: CallQuestionId,
    /// Which call.
    pub call_id: CallId,
    /// As it was asked.
    pub text: String,
    /// Who; on no page.
    pub asked_by: PersonId,
    /// When.
    pub asked_at: DateTimeUtc,
    /// Where it stands.
    pub stage: CallQuestionStage,
    /// Answer in Chinese, or ''.
    pub answer_zh: String,
    /// Answer in English, or ''.
    pub answer_en: String,
    /// Officer.
    pub answered_by: Option<PersonId>,
    /// When.
    pub answered_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
