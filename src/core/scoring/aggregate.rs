//! From counted totals to one score an application.
//!
//! Owns the panel (who counted where), the plan (what is decided once on the full data: fall-back, who is
//! trimmed, who has a leniency) and the three plain methods. To add a plain method, add an arm to
//! [`simple_score`]: it gets the sorted totals of one application.

use super::Fallback;
use super::adjusted::{self, Solution};
use super::input::{Method, ScoringFile};
use super::totals::total_of;
use std::collections::BTreeMap;

/// A counted review: places of application and reviewer, total in hundredths.
pub(super) struct Counted {
    pub application: usize,
    pub reviewer: usize,
    pub total: i64,
}

/// Everyone's counted reviews.
pub(super) struct Panel<'a> {
    /// By first appearance among counted reviews.
    pub reviewers: Vec<&'a str>,
    /// In file order.
    pub counted: Vec<Counted>,
    /// Per application: (reviewer, total), by ascending total.
    by_application: Vec<Vec<(usize, i64)>>,
    /// Per reviewer: applications.
    by_reviewer: Vec<Vec<usize>>,
}

impl<'a> Panel<'a> {
    pub fn of(file: &'a ScoringFile) -> Self {
        let places: BTreeMap<&str, usize> =
            file.applications.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
        let mut seats: BTreeMap<&str, usize> = BTreeMap::new();
        let mut panel = Self {
            reviewers: Vec::new(),
            counted: Vec::new(),
            by_application: vec![Vec::new(); file.applications.len()],
            by_reviewer: Vec::new(),
        };
        for review in &file.reviews {
            let place = places.get(review.application.as_str());
            let Some((application, total)) = place.copied().zip(total_of(review, &file.criteria)) else {
                continue;
            };
            let reviewer = *seats.entry(&review.reviewer).or_insert_with(|| {
                panel.reviewers.push(&review.reviewer);
                panel.by_reviewer.push(Vec::new());
                panel.reviewers.len() - 1
            });
            panel.by_application[application].push((reviewer, total));
            panel.by_reviewer[reviewer].push(application);
            panel.counted.push(Counted { application, reviewer, total });
        }
        for reviews in &mut panel.by_application {
            reviews.sort_unstable_by_key(|(reviewer, total)| (*total, *reviewer));
        }
        panel
    }

    /// Reviews of each application as (reviewer, total).
    pub fn reviews(&self) -> &[Vec<(usize, i64)>] {
        &self.by_application
    }

    /// The applications a reviewer's counted reviews are of.
    pub fn applications_of(&self, reviewer: usize) -> &[usize] {
        &self.by_reviewer[reviewer]
    }

    /// How many counted reviews a reviewer has.
    pub fn reviews_by(&self, reviewer: usize) -> usize {
        self.by_reviewer[reviewer].len()
    }

    /// The totals of an application, ascending, without those of `left_out`.
    pub fn totals_of(&self, application: usize, left_out: Option<usize>) -> Vec<i64> {
        let reviews = self.by_application[application].iter();
        let kept = reviews.filter(|(reviewer, _)| Some(*reviewer) != left_out);
        kept.map(|(_, total)| *total).collect()
    }
}

/// What is decided once, on the full data, and holds in every replicate.
pub(super) struct Plan {
    pub used: Method,
    pub fallback: Option<Fallback>,
    /// Per application.
    pub trimmed: Vec<bool>,
    /// Per reviewer: whether a leniency is estimated.
    pub adjusts: Vec<bool>,
}

impl Plan {
    pub fn of(file: &ScoringFile, panel: &Panel) -> Self {
        let adjusts: Vec<bool> =
            (0..panel.reviewers.len()).map(|reviewer| at_least(panel.reviews_by(reviewer), file.min_reviews)).collect();
        let fallback = fallback_of(file, panel, &adjusts);
        let used = if fallback.is_some() { Method::Mean } else { file.method };
        let is_trimmed = |reviews: &Vec<_>| used == Method::TrimmedMean && at_least(reviews.len(), file.trim_from);
        let trimmed = panel.reviews().iter().map(is_trimmed).collect();
        Self { used, fallback, trimmed, adjusts }
    }
}

fn fallback_of(file: &ScoringFile, panel: &Panel, adjusts: &[bool]) -> Option<Fallback> {
    if file.method != Method::ReviewerAdjusted {
        return None;
    }
    let reviewed = panel.reviews().iter().filter(|reviews| !reviews.is_empty()).count();
    if !at_least(reviewed, file.min_applications) {
        return Some(Fallback::FewApplications);
    }
    let busy = adjusts.iter().filter(|adjusts| **adjusts).count();
    (!at_least(busy, file.min_reviewers)).then_some(Fallback::FewReviewers)
}

fn at_least(count: usize, least: i64) -> bool {
    i64::try_from(count).is_ok_and(|count| count >= least)
}

/// The scores of the full data.
pub(super) struct Scores {
    /// Per application, hundredths; `None` without a counted review.
    pub scores: Vec<Option<i64>>,
    /// θ and b, when `used` is reviewer-adjusted.
    pub solution: Option<Solution>,
}

pub(super) fn full_scores(file: &ScoringFile, panel: &Panel, plan: &Plan) -> Scores {
    if plan.used == Method::ReviewerAdjusted {
        let solution = adjusted::solve(panel.reviews(), &plan.adjusts, file.lambda, None, None);
        return Scores { scores: solution.scores(), solution: Some(solution) };
    }
    let score = |application| simple_score(file, plan, application, &panel.totals_of(application, None));
    let scores = (0..file.applications.len()).map(score).collect();
    Scores { scores, solution: None }
}

/// The scores without one reviewer; an application left without a review keeps its full-data score.
pub(super) fn scores_without(
    file: &ScoringFile,
    panel: &Panel,
    plan: &Plan,
    full: &Scores,
    left_out: usize,
) -> Vec<Option<i64>> {
    if let Some(solution) = &full.solution {
        let replicate = adjusted::solve(panel.reviews(), &plan.adjusts, file.lambda, Some(left_out), Some(solution));
        let kept = replicate.scores().into_iter().zip(&full.scores);
        return kept.map(|(score, full)| score.or(*full)).collect();
    }
    let mut scores = full.scores.clone();
    for application in panel.applications_of(left_out) {
        let totals = panel.totals_of(*application, Some(left_out));
        if let Some(score) = simple_score(file, plan, *application, &totals) {
            scores[*application] = Some(score);
        }
    }
    scores
}

fn simple_score(file: &ScoringFile, plan: &Plan, application: usize, totals: &[i64]) -> Option<i64> {
    match plan.used {
        Method::Median => median_half_up(totals),
        Method::TrimmedMean if plan.trimmed[application] => {
            // Too few are left only in a replicate; then the mean of what is left stands.
            let trim = usize::try_from(file.trim).unwrap_or(usize::MAX);
            let kept = totals.len().checked_sub(trim).and_then(|end| totals.get(trim..end));
            mean_half_up(kept.filter(|kept| !kept.is_empty()).unwrap_or(totals))
        }
        Method::TrimmedMean | Method::Mean | Method::ReviewerAdjusted => mean_half_up(totals),
    }
}

/// Half up of the mean, in hundredths; `None` of nothing. Totals are 0..=10000, so nothing overflows.
pub(super) fn mean_half_up(totals: &[i64]) -> Option<i64> {
    let count = i64::try_from(totals.len()).ok().filter(|count| *count > 0)?;
    let sum: i64 = totals.iter().sum();
    Some((sum * 2 + count) / (count * 2))
}

fn median_half_up(ascending: &[i64]) -> Option<i64> {
    let middle = ascending.len() / 2;
    let upper = *ascending.get(middle)?;
    if ascending.len() % 2 == 1 {
        return Some(upper);
    }
    mean_half_up(&[*ascending.get(middle.checked_sub(1)?)?, upper])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_medians_are_half_up() {
        assert_eq!(mean_half_up(&[]), None);
        assert_eq!(mean_half_up(&[1, 2]), Some(2));
        assert_eq!(mean_half_up(&[1, 1, 2]), Some(1));
        assert_eq!(median_half_up(&[]), None);
        assert_eq!(median_half_up(&[7]), Some(7));
        assert_eq!(median_half_up(&[1, 4, 7, 9]), Some(6));
        assert_eq!(median_half_up(&[1, 4, 9]), Some(4));
    }
}
