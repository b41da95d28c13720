//! The figures that the play must arrive at, in minor units; scores in hundredths. Read back from the database.

use serde::Serialize;

/// What is read back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Cash received by the fund, matches included.
    pub cash: i64,
    /// Goods in kind.
    pub in_kind: i64,
    /// Pledged and not counted.
    pub pledged: i64,
    /// What the fund had left once the award was reserved.
    pub available_after_award: i64,
    /// The tranches as planned.
    pub tranches_planned: Vec<i64>,
    /// The last tranche as paid.
    pub last_tranche_paid: i64,
    /// Paid in all.
    pub total_paid: i64,
    /// Management fee.
    pub fee: i64,
    /// Released when the award closed.
    pub released: i64,
    /// What the fund has at the end.
    pub final_balance: i64,
    /// What the bank has at the end.
    pub bank: i64,
    /// Scores of both applications.
    pub scores: Scores,
}

/// Scores by method: first SO-1, then SO-2.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Scores {
    /// Plain mean of five.
    pub mean: Vec<i64>,
    /// Trimmed mean of five.
    pub trimmed: Vec<i64>,
    /// The call's method after the fifth reviewer was recused.
    pub after_recusal: Vec<i64>,
}

impl Figures {
    /// What they must be.
    pub fn expected() -> Self {
        Self {
            cash: 9_836_000,
            in_kind: 800_000,
            pledged: 1_000_000,
            available_after_award: 1_453_000,
            tranches_planned: vec![4_150_000, 3_320_000, 830_000],
            last_tranche_paid: 580_000,
            total_paid: 8_050_000,
            fee: 80_500,
            released: 252_500,
            final_balance: 1_705_500,
            bank: 198_786_000,
            scores: Scores { mean: vec![8180, 8500], trimmed: vec![8567, 8500], after_recusal: vec![8725, 8525] },
        }
    }
}
