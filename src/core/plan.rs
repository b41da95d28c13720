//! What a call fixes for its awards: tranches with their gates, reports, rubric, and the lines of a spending report.

use serde::{Deserialize, Serialize};

/// What must hold before a tranche falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Both have signed the agreement.
    Signature,
    /// Every owner asked has consented.
    Consents,
    /// The mid-term report is accepted.
    MidTermReport,
    /// The mid-term evaluation passed.
    MidTermEvaluation,
    /// The final report is accepted.
    FinalReport,
}

impl Gate {
    /// Every gate.
    pub const ALL: &'static [Self] =
        &[Self::Signature, Self::Consents, Self::MidTermReport, Self::MidTermEvaluation, Self::FinalReport];

    /// The word in JSON and locale keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Consents => "consents",
            Self::MidTermReport => "mid_term_report",
            Self::MidTermEvaluation => "mid_term_evaluation",
            Self::FinalReport => "final_report",
        }
    }
}

/// One tranche of a call's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedTranche {
    /// Share of the award in basis points; the shares of a plan sum to 10000.
    pub share_bps: i64,
    /// What must hold before it falls due.
    pub gates: Vec<Gate>,
}

/// One report of a call's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedReport {
    /// `mid_term` or `final`.
    pub kind: String,
    /// Days after the agreement at which it is due.
    pub due_after_days: i64,
}

/// One criterion of a rubric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// Id in scores, e.g. `need`.
    pub id: String,
    /// Label in Chinese.
    pub label_zh: String,
    /// Label in English.
    pub label_en: String,
    /// Weight in basis points; the weights of a rubric sum to 10000.
    pub weight: i64,
    /// Highest value.
    pub max: i64,
    /// Whether a comment must be written.
    pub comment_required: bool,
}

/// One line of a report's spending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpendingLine {
    /// Budget head.
    pub head: String,
    /// Spent, in minor units.
    pub amount_minor: i64,
}

/// The shares of an award: by largest remainder, so that they sum to it exactly.
///
/// # Errors
/// When the shares do not sum to 10000 or an amount would be nothing.
pub fn tranches(amount_minor: i64, plan: &[PlannedTranche]) -> Result<Vec<i64>, super::money::MoneyError> {
    let weights: Vec<(usize, i64)> = plan.iter().enumerate().map(|(i, t)| (i, t.share_bps)).collect();
    Ok(super::money::split_by_largest_remainder(amount_minor, &weights)?.into_iter().map(|(_, part)| part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_is_paid_in_three() {
        let plan: Vec<PlannedTranche> =
            [5000, 4000, 1000].into_iter().map(|share_bps| PlannedTranche { share_bps, gates: vec![] }).collect();
        assert_eq!(tranches(8_300_000, &plan).unwrap(), vec![4_150_000, 3_320_000, 830_000]);
    }
}
