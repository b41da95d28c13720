//! An outside look at an award, with a score that gates the next tranche.

use crate::kinds::{AwardId, EvaluationId, EvaluationKind, EvaluationStage, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// An outside look at an award, with a score that gates the next tranche.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "evaluation")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: EvaluationId,
    /// Which award.
    pub award_id: AwardId,
    /// Kind.
    pub kind: EvaluationKind,
    /// Who.
    pub evaluator_id: PersonId,
    /// Officer.
    pub assigned_by: PersonId,
    /// Where it stands.
    pub stage: EvaluationStage,
    /// In hundredths.
    pub score: Option<i32>,
    /// In hundredths, of the policy of that day.
    pub pass_mark: i32,
    /// What was found, public once published.
    pub findings: String,
    /// What the grantee mended.
    pub rectification: String,
    /// Signatory.
    pub rectified_by: Option<PersonId>,
    /// The one it repeats.
    pub previous_id: Option<EvaluationId>,
    /// When.
    pub submitted_at: Option<DateTimeUtc>,
    /// When.
    pub published_at: Option<DateTimeUtc>,
    /// Answers to the questions of its form.
    pub answers: Json,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
