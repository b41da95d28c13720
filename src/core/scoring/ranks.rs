//! Ranks, and how far they hang on one reviewer.
//!
//! rank = 1 + applications with a larger score, compared as people see them, in hundredths. The interval of a
//! rank is the range it takes over the full data and every panel with one reviewer left out. Nothing is
//! drawn. To add another replicate, add its scores to the loop in [`intervals`].

use super::aggregate::{Panel, Plan, Scores, scores_without};
use super::input::ScoringFile;

/// A rank on the full data, and its extremes over all replicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    pub rank: usize,
    pub best: usize,
    pub worst: usize,
}

/// Per application; `None` for one without a score.
pub(super) fn intervals(file: &ScoringFile, panel: &Panel, plan: &Plan, full: &Scores) -> Vec<Option<Interval>> {
    let alone = |rank: Option<usize>| rank.map(|rank| Interval { rank, best: rank, worst: rank });
    let mut intervals: Vec<Option<Interval>> = ranks(&full.scores).into_iter().map(alone).collect();
    for reviewer in 0..panel.reviewers.len() {
        let replicate = ranks(&scores_without(file, panel, plan, full, reviewer));
        for (interval, rank) in intervals.iter_mut().zip(replicate) {
            if let Some((interval, rank)) = interval.as_mut().zip(rank) {
                interval.best = interval.best.min(rank);
                interval.worst = interval.worst.max(rank);
            }
        }
    }
    intervals
}

fn ranks(scores: &[Option<i64>]) -> Vec<Option<usize>> {
    let mut descending: Vec<i64> = scores.iter().copied().flatten().collect();
    descending.sort_unstable_by(|left, right| right.cmp(left));
    let rank = |score: i64| descending.partition_point(|other| *other > score) + 1;
    scores.iter().map(|score| score.map(rank)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::score;
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn equal_scores_share_a_rank() {
        let scores = [Some(5), None, Some(9), Some(5), Some(1)];
        assert_eq!(ranks(&scores), [Some(2), None, Some(1), Some(2), Some(4)]);
    }

    fn file_of(method: &str, cells: &[Option<i64>], seats: usize) -> ScoringFile {
        let applications: Vec<String> = (0..cells.len().div_ceil(seats)).map(|place| format!("a{place}")).collect();
        let reviews: Vec<_> = cells.iter().enumerate().filter_map(|(place, total)| {
            let total = (*total)?;
            Some(json!({"application": format!("a{}", place / seats), "reviewer": format!("r{}", place % seats), "total": total}))
        }).collect();
        serde_json::from_value(json!({"method": method, "applications": applications, "reviews": reviews})).unwrap()
    }

    /// The judge for mean and median: rewrite the file without the reviewer and score that.
    fn by_rewriting(file: &ScoringFile) -> Vec<Option<(usize, usize)>> {
        let full = score(file).unwrap();
        let mut best: Vec<Option<(usize, usize)>> =
            full.applications.iter().map(|row| row.rank.map(|rank| (rank, rank))).collect();
        for reviewer in &full.reviewers {
            let mut without = file.clone();
            without.reviews.retain(|review| review.reviewer != reviewer.reviewer);
            let scored = score(&without).unwrap().applications;
            let scores: Vec<Option<i64>> =
                scored.iter().zip(&full.applications).map(|(row, full)| row.score.or(full.score)).collect();
            for (place, score) in scores.iter().enumerate() {
                if let (Some((low, high)), Some(score)) = (best[place], score) {
                    let rank = 1 + scores.iter().flatten().filter(|other| *other > score).count();
                    best[place] = Some((low.min(rank), high.max(rank)));
                }
            }
        }
        best
    }

    #[test]
    fn a_trimmed_application_stays_trimmed_while_it_can() {
        let intervals_with = |trim_from: i64, cells: &[Option<i64>], seats: usize| {
            let mut file = file_of("trimmed-mean", cells, seats);
            file.trim_from = trim_from;
            let rows = score(&file).unwrap().applications;
            rows.into_iter().map(|row| (row.score, row.rank_best, row.rank_worst)).collect::<Vec<_>>()
        };
        // Without the fourth reviewer the trimmed mean is 40, while the mean would be 30 and fall behind 35.
        let four = [Some(0), Some(40), Some(50), Some(100), None, None, None, None, None, Some(35)];
        let expected = [(Some(45), Some(1), Some(1)), (Some(35), Some(2), Some(2))];
        assert_eq!(intervals_with(4, &four, 5), expected);
        // With two of three left nothing can be dropped: 75 without the first reviewer, 25 without the third.
        let three = [Some(0), Some(50), Some(100), None, None, None, None, Some(60)];
        let expected = [(Some(50), Some(1), Some(2)), (Some(60), Some(1), Some(2))];
        assert_eq!(intervals_with(3, &three, 4), expected);
    }

    proptest! {
        #[test]
        fn agrees_with_scoring_the_file_again(
            method in prop::sample::select(vec!["mean", "median"]),
            cells in prop::collection::vec(prop::option::weighted(0.7, 0..40_i64), 1..40),
            seats in 1..7_usize,
        ) {
            let file = file_of(method, &cells, seats);
            let found: Vec<Option<(usize, usize)>> =
                score(&file).unwrap().applications.iter().map(|row| row.rank_best.zip(row.rank_worst)).collect();
            prop_assert_eq!(found, by_rewriting(&file));
        }

        #[test]
        fn every_method_answers_and_brackets_its_rank(
            method in prop::sample::select(vec!["mean", "trimmed-mean", "median", "reviewer-adjusted"]),
            cells in prop::collection::vec(prop::option::weighted(0.8, 0..=10_000_i64), 0..60),
            seats in 1..8_usize,
        ) {
            for row in score(&file_of(method, &cells, seats)).unwrap().applications {
                prop_assert_eq!(row.rank.is_some(), row.score.is_some());
                prop_assert!(row.rank_best <= row.rank && row.rank <= row.rank_worst);
            }
        }
    }
}
