//! Scores: from what reviewers wrote to a ranking anyone can check.
//!
//! Owns the total of a review, the four ways a call may aggregate totals (mean, trimmed mean, median,
//! reviewer-adjusted), ranks, and how far a rank depends on one reviewer. The method is fixed by the call
//! before scoring; the raw mean is always shown beside the score. Its definitions are published on the
//! page about the decision tools, the contract: pages and `decide scores` answer from this same code.
//!
//! Read in order: `input` (the file and its refusals), `totals` (one review), `aggregate` (one
//! application), `adjusted` (lenient and strict reviewers), `ranks` (one reviewer left out at a time).
//! Scores are whole hundredths, 0..=10000; floats live in `adjusted` only.
//!
//! To add a method, add it to [`Method`], give it an arm in `aggregate::simple_score` or a solver beside
//! `adjusted`, and its definition to the page.

mod adjusted;
mod aggregate;
mod input;
mod ranks;
mod totals;

pub use input::{Criterion, Method, Review, ScoringError, ScoringFile};

use crate::core::refusal::Refusal;
use crate::core::strict;
use aggregate::{Panel, Plan};
use serde::{Deserialize, Serialize};

/// Why the whole file was scored by the mean although the call asked for reviewer-adjusted scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fallback {
    /// Fewer than `min_applications` applications have a counted review.
    FewApplications,
    /// Fewer than `min_reviewers` reviewers have `min_reviews` counted reviews.
    FewReviewers,
}

/// The answer. Keys are written in this order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoringAnswer {
    /// What the call asked for.
    pub method: Method,
    /// What was done: `method`, or the mean after a fall-back.
    pub used: Method,
    /// Why `used` differs.
    pub fallback: Option<Fallback>,
    /// In file order.
    pub applications: Vec<ApplicationScore>,
    /// By first appearance among counted reviews.
    pub reviewers: Vec<ReviewerBias>,
    /// The counted reviews, in file order.
    pub totals: Vec<CountedTotal>,
}

/// One application's figures; scores are hundredths, `None` where nothing was counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApplicationScore {
    /// Application id.
    pub application: String,
    /// Counted reviews.
    pub reviews: usize,
    /// The raw mean, half up.
    pub mean: Option<i64>,
    /// The score that ranks.
    pub score: Option<i64>,
    /// θ in hundredths, to six decimals; only for reviewer-adjusted scores.
    pub adjusted: Option<f64>,
    /// Whether highest and lowest totals were dropped.
    pub trimmed: bool,
    /// 1 + applications with a larger score.
    pub rank: Option<usize>,
    /// Best rank over the full data and every panel with one reviewer left out.
    pub rank_best: Option<usize>,
    /// Worst such rank.
    pub rank_worst: Option<usize>,
    /// Largest total − smallest total.
    pub spread: Option<i64>,
    /// Whether the spread is wide enough to talk about.
    pub discuss: bool,
}

/// One reviewer's part in the answer.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct ReviewerBias {
    /// Reviewer id.
    pub reviewer: String,
    /// Counted reviews.
    pub reviews: usize,
    /// Leniency b in hundredths, to six decimals; only for reviewer-adjusted scores.
    pub bias: Option<f64>,
}

/// The total of one counted review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountedTotal {
    /// Application id.
    pub application: String,
    /// Reviewer id.
    pub reviewer: String,
    /// Hundredths, 0..=10000.
    pub total: i64,
}

/// Scores and ranks what a file says, as `tributary decide scores` does.
///
/// # Errors
/// [`Refusal`] naming the field or the line that breaks a rule of the page.
pub fn outcome(text: &str) -> Result<ScoringAnswer, Refusal> {
    let file: ScoringFile = strict::read(text)?;
    score(&file).map_err(|error| Refusal::at(error.field, error.problem))
}

impl ReviewerBias {
    /// The leniency as pages show it: whole hundredths, halves away from zero.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "a leniency lies within the scale of the scores")]
    pub fn hundredths(&self) -> Option<i64> {
        self.bias.map(|bias| bias.round() as i64)
    }
}

/// Scores and ranks every application of `file`.
///
/// # Errors
/// [`ScoringError`] naming the first field that breaks a rule of the page.
pub fn score(file: &ScoringFile) -> Result<ScoringAnswer, ScoringError> {
    file.validate()?;
    let panel = Panel::of(file);
    let plan = Plan::of(file, &panel);
    let full = aggregate::full_scores(file, &panel, &plan);
    let intervals = ranks::intervals(file, &panel, &plan, &full);
    Ok(ScoringAnswer {
        method: file.method,
        used: plan.used,
        fallback: plan.fallback,
        applications: application_scores(file, &panel, &plan, &full, &intervals),
        reviewers: reviewer_biases(&panel, &full),
        totals: counted_totals(file, &panel),
    })
}

fn application_scores(
    file: &ScoringFile,
    panel: &Panel,
    plan: &Plan,
    full: &aggregate::Scores,
    intervals: &[Option<ranks::Interval>],
) -> Vec<ApplicationScore> {
    let figures = |(place, id): (usize, &String)| {
        let totals = panel.totals_of(place, None);
        let spread = totals.last().zip(totals.first()).map(|(high, low)| high - low);
        let interval = intervals[place];
        ApplicationScore {
            application: id.clone(),
            reviews: totals.len(),
            mean: aggregate::mean_half_up(&totals),
            score: full.scores[place],
            adjusted: full.solution.as_ref().and_then(|solution| solution.adjusted_of(place)),
            trimmed: plan.trimmed[place],
            rank: interval.map(|interval| interval.rank),
            rank_best: interval.map(|interval| interval.best),
            rank_worst: interval.map(|interval| interval.worst),
            spread,
            discuss: spread.is_some_and(|spread| spread >= file.discuss_from),
        }
    };
    file.applications.iter().enumerate().map(figures).collect()
}

fn reviewer_biases(panel: &Panel, full: &aggregate::Scores) -> Vec<ReviewerBias> {
    let part = |(place, id): (usize, &&str)| ReviewerBias {
        reviewer: (*id).to_owned(),
        reviews: panel.reviews_by(place),
        bias: full.solution.as_ref().map(|solution| solution.bias_of(place)),
    };
    panel.reviewers.iter().enumerate().map(part).collect()
}

fn counted_totals(file: &ScoringFile, panel: &Panel) -> Vec<CountedTotal> {
    let row = |counted: &aggregate::Counted| CountedTotal {
        application: file.applications[counted.application].clone(),
        reviewer: panel.reviewers[counted.reviewer].to_owned(),
        total: counted.total,
    };
    panel.counted.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wall(method: &str, recused: bool) -> ScoringAnswer {
        let mut reviews = Vec::new();
        for (application, totals) in [("SO-1", [92, 88, 85, 84, 60]), ("SO-2", [86, 86, 85, 84, 84])] {
            for (place, total) in totals.into_iter().enumerate() {
                reviews.push(json!({"application": application, "reviewer": format!("r{}", place + 1),
                    "total": total * 100, "recused": recused && place == 4}));
            }
        }
        let file = json!({"method": method, "applications": ["SO-1", "SO-2"], "reviews": reviews});
        score(&serde_json::from_value(file).unwrap()).unwrap()
    }

    fn scores_of(answer: &ScoringAnswer) -> Vec<i64> {
        answer.applications.iter().map(|row| row.score.unwrap()).collect()
    }

    #[test]
    fn the_method_fixed_before_scoring_decides() {
        assert_eq!(scores_of(&wall("mean", false)), [8_180, 8_500]);
        assert_eq!(scores_of(&wall("median", false)), [8_500, 8_500]);
        let trimmed = wall("trimmed-mean", false);
        assert_eq!(scores_of(&trimmed), [8_567, 8_500]);
        let first = &trimmed.applications[0];
        assert_eq!((first.mean, first.trimmed, first.rank), (Some(8_180), true, Some(1)));
        assert_eq!((first.spread, first.discuss), (Some(3_200), true));
        assert!(!trimmed.applications[1].discuss);
    }

    #[test]
    fn four_reviewers_are_not_trimmed() {
        let answer = wall("trimmed-mean", true);
        assert_eq!(scores_of(&answer), [8_725, 8_525]);
        assert!(!answer.applications[0].trimmed);
        assert_eq!((answer.reviewers.len(), answer.totals.len()), (4, 8));
    }

    #[test]
    fn two_applications_fall_back_to_the_mean() {
        let answer = wall("reviewer-adjusted", false);
        assert_eq!((answer.used, answer.fallback), (Method::Mean, Some(Fallback::FewApplications)));
        assert_eq!(answer.applications[0].adjusted, None);
        assert_eq!(answer.reviewers[0].bias, None);
    }

    #[test]
    fn the_answer_keeps_its_key_order() {
        let text = serde_json::to_string(&wall("trimmed-mean", false)).unwrap();
        let start = concat!(
            r#"{"method":"trimmed-mean","used":"trimmed-mean","fallback":null,"applications":[{"application":"SO-1","#,
            r#""reviews":5,"mean":8180,"score":8567,"adjusted":null,"trimmed":true,"rank":1,"rank_best":1,"rank_worst":"#,
        );
        assert!(text.starts_with(start), "{text}");
        assert!(text.contains(r#""reviewers":[{"reviewer":"r1","reviews":2,"bias":null}"#));
        assert!(text.contains(r#""totals":[{"application":"SO-1","reviewer":"r1","total":9200}"#));
    }

    #[test]
    fn nothing_counted_is_null_not_zero() {
        let file = json!({"method": "mean", "applications": ["a", "b"], "criteria": [{"id": "c", "weight": 10000, "max": 5}],
            "reviews": [{"application": "a", "reviewer": "r", "values": {"c": null}},
                        {"application": "b", "reviewer": "r", "values": {"c": 0}}]});
        let answer = score(&serde_json::from_value(file).unwrap()).unwrap();
        let (empty, zero) = (&answer.applications[0], &answer.applications[1]);
        assert_eq!(
            (empty.score, empty.mean, empty.rank, empty.rank_best, empty.spread),
            (None, None, None, None, None)
        );
        assert_eq!((zero.score, zero.rank, zero.reviews), (Some(0), Some(1), 1));
        assert_eq!(answer.totals.len(), 1);
    }
}
