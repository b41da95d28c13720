//! What came of the money: the last step of a donor's trace.

use crate::error::Result;
use entities::kinds::{AwardId, AwardStage, EvaluationStage, ReportKind, ReportStage};
use entities::{award, evaluation, report};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;

/// How far an award has come, the last thing that everybody may read of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Work goes on; nothing was accepted yet.
    Underway,
    /// A report of the way was accepted.
    Reported,
    /// A finding was published.
    Evaluated,
    /// The final report was accepted.
    Final,
    /// Closed: its page tells the whole case.
    Closed,
    /// Ended before its time.
    Terminated,
}

impl Outcome {
    /// As the end of a locale key.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Underway => "underway",
            Self::Reported => "reported",
            Self::Evaluated => "evaluated",
            Self::Final => "final",
            Self::Closed => "closed",
            Self::Terminated => "terminated",
        }
    }
}

/// The outcomes of some awards.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(
    db: &impl ConnectionTrait,
    awards: impl Iterator<Item = AwardId>,
) -> Result<BTreeMap<AwardId, (award::Model, Outcome)>> {
    let awards = award::Entity::find().filter(award::Column::Id.is_in(awards)).all(db).await?;
    let ids: Vec<AwardId> = awards.iter().map(|row| row.id).collect();
    let reports = report::Entity::find()
        .filter(report::Column::AwardId.is_in(ids.iter().copied()))
        .filter(report::Column::Stage.eq(ReportStage::Accepted))
        .all(db)
        .await?;
    let findings = evaluation::Entity::find()
        .filter(evaluation::Column::AwardId.is_in(ids))
        .filter(evaluation::Column::PublishedAt.is_not_null())
        .filter(evaluation::Column::Stage.ne(EvaluationStage::Assigned))
        .all(db)
        .await?;
    let outcome = |row: &award::Model| match row.stage {
        AwardStage::Closed => Outcome::Closed,
        AwardStage::Terminated => Outcome::Terminated,
        _ => {
            let told = reports.iter().filter(|told| told.award_id == row.id).map(|told| match told.kind {
                ReportKind::Final => Outcome::Final,
                _ => Outcome::Reported,
            });
            let found = findings.iter().filter(|found| found.award_id == row.id).map(|_| Outcome::Evaluated);
            told.chain(found).max().unwrap_or(Outcome::Underway)
        }
    };
    Ok(awards.into_iter().map(|row| (row.id, (row.clone(), outcome(&row)))).collect())
}

/// How many people the accepted final reports of some awards count.
///
/// # Errors
/// When the database cannot be read.
pub async fn reached(
    db: &impl ConnectionTrait,
    awards: impl Iterator<Item = AwardId>,
) -> Result<BTreeMap<AwardId, i32>> {
    let rows = report::Entity::find()
        .filter(report::Column::AwardId.is_in(awards))
        .filter(report::Column::Kind.eq(ReportKind::Final))
        .filter(report::Column::Stage.eq(ReportStage::Accepted))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.award_id, row.beneficiaries)).collect())
}
