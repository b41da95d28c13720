//! Lenient and strict reviewers: the additive model with shrinkage.
//!
//! y_ij = θ_i + b_j + e_ij. θ and b minimise Σ(y − θ − b)² + λ·Σ b²; θ is not shrunk, b is. A reviewer with too
//! few reviews keeps b = 0. Given b, θ_i is the mean of (y − b) over the application's reviews; putting that
//! in leaves linear equations in b alone, whose matrix is symmetric with no eigenvalue below λ. So the
//! conjugate gradient method solves them, and residual ÷ λ bounds the error whatever the panel looks like.
//!
//! This is the only place of the house with floats in a decision: the model has no useful exact form, and
//! scores are rounded with a margin of a millionth. To change the model, change [`Equations`] alone.
#![allow(clippy::float_arithmetic, reason = "a least-squares solution; totals enter and scores leave as integers")]

/// Largest error of a leniency, in hundredths: a tenth of what the page asks for.
const TOLERANCE: f64 = 1e-9;

/// Fresh starts from the true residual. Rounding noise is gone after the first; the rest are a bound.
const RESTARTS: usize = 4;

/// What is added before rounding down, so that an exact half that came out a hair low still goes up.
const MARGIN: f64 = 0.5 + 1e-6;

/// θ and b of one panel, in hundredths.
pub(super) struct Solution {
    /// Per application; `None` without a review.
    adjusted: Vec<Option<f64>>,
    /// Per reviewer; 0 where none is estimated.
    bias: Vec<f64>,
}

impl Solution {
    /// Scores in whole hundredths.
    pub fn scores(&self) -> Vec<Option<i64>> {
        let round = |adjusted: &Option<f64>| adjusted.map(whole);
        self.adjusted.iter().map(round).collect()
    }

    /// θ of an application, to six decimals.
    pub fn adjusted_of(&self, application: usize) -> Option<f64> {
        self.adjusted[application].map(six_decimals)
    }

    /// b of a reviewer, to six decimals.
    pub fn bias_of(&self, reviewer: usize) -> f64 {
        six_decimals(self.bias[reviewer])
    }
}

#[allow(clippy::cast_possible_truncation, reason = "θ is a few times 10000 at most, and a cast saturates")]
fn whole(adjusted: f64) -> i64 {
    (adjusted + MARGIN).floor() as i64
}

fn six_decimals(number: f64) -> f64 {
    // Adding zero turns −0 into 0, which reads better.
    (number * 1e6).round() / 1e6 + 0.0
}

/// Solves for the panel without `left_out`, starting from an earlier solution where there is one.
///
/// `reviews` holds (reviewer, total) per application; `adjusts` says whose leniency is estimated.
pub(super) fn solve(
    reviews: &[Vec<(usize, i64)>],
    adjusts: &[bool],
    lambda: i64,
    left_out: Option<usize>,
    start: Option<&Solution>,
) -> Solution {
    let equations = Equations::of(reviews, adjusts, lambda, left_out);
    let mut bias = start.map_or_else(|| vec![0.0; adjusts.len()], |solution| solution.bias.clone());
    for (estimated, bias) in equations.estimated.iter().zip(&mut bias) {
        if !estimated {
            *bias = 0.0;
        }
    }
    equations.refine(&mut bias);
    Solution { adjusted: equations.applications(&bias), bias }
}

/// The equations in b, after θ has been put in.
struct Equations {
    lambda: f64,
    /// Per application: (reviewer, total).
    reviews: Vec<Vec<(usize, f64)>>,
    /// Per reviewer.
    estimated: Vec<bool>,
    /// Per reviewer: λ + reviews, the preconditioner.
    weight: Vec<f64>,
}

impl Equations {
    fn of(reviews: &[Vec<(usize, i64)>], adjusts: &[bool], lambda: i64, left_out: Option<usize>) -> Self {
        let lambda = number(lambda);
        let mut estimated = adjusts.to_vec();
        if let Some(reviewer) = left_out {
            estimated[reviewer] = false;
        }
        let mut weight = vec![lambda; adjusts.len()];
        let mut kept = Vec::with_capacity(reviews.len());
        for row in reviews {
            let stay = row.iter().filter(|(reviewer, _)| Some(*reviewer) != left_out);
            let stay: Vec<(usize, f64)> = stay.map(|(reviewer, total)| (*reviewer, number(*total))).collect();
            for (reviewer, _) in &stay {
                weight[*reviewer] += 1.0;
            }
            kept.push(stay);
        }
        Self { lambda, reviews: kept, estimated, weight }
    }

    /// θ for given b: the mean of y − b.
    fn applications(&self, bias: &[f64]) -> Vec<Option<f64>> {
        let mean = |row: &Vec<(usize, f64)>| {
            let sum: f64 = row.iter().map(|(reviewer, total)| total - bias[*reviewer]).sum();
            (!row.is_empty()).then(|| sum / length(row))
        };
        self.reviews.iter().map(mean).collect()
    }

    /// Half the downhill gradient at b: Σ(y − θ(b) − b) − λb for each estimated reviewer.
    fn residual(&self, bias: &[f64]) -> Vec<f64> {
        let mut residual: Vec<f64> = bias.iter().map(|bias| -self.lambda * bias).collect();
        for (row, adjusted) in self.reviews.iter().zip(self.applications(bias)) {
            let adjusted = adjusted.unwrap_or(0.0);
            for (reviewer, total) in row {
                residual[*reviewer] += total - bias[*reviewer] - adjusted;
            }
        }
        self.keep_estimated(&mut residual);
        residual
    }

    /// The matrix times a direction: (λ + reviews)·d − the mean direction of each application.
    fn product(&self, direction: &[f64]) -> Vec<f64> {
        let pairs = self.weight.iter().zip(direction);
        let mut product: Vec<f64> = pairs.map(|(weight, step)| weight * step).collect();
        for row in &self.reviews {
            let sum: f64 = row.iter().map(|(reviewer, _)| direction[*reviewer]).sum();
            let mean = if row.is_empty() { 0.0 } else { sum / length(row) };
            for (reviewer, _) in row {
                product[*reviewer] -= mean;
            }
        }
        self.keep_estimated(&mut product);
        product
    }

    fn keep_estimated(&self, vector: &mut [f64]) {
        for (entry, estimated) in vector.iter_mut().zip(&self.estimated) {
            if !estimated {
                *entry = 0.0;
            }
        }
    }

    fn refine(&self, bias: &mut [f64]) {
        for _ in 0..RESTARTS {
            let residual = self.residual(bias);
            if self.is_small(&residual) {
                return;
            }
            self.descend(bias, residual);
        }
    }

    /// The error of b is at most |residual| / λ, because no eigenvalue is below λ.
    fn is_small(&self, residual: &[f64]) -> bool {
        dot(residual, residual).sqrt() <= TOLERANCE * self.lambda
    }

    /// Conjugate gradients with the diagonal as preconditioner.
    fn descend(&self, bias: &mut [f64], mut residual: Vec<f64>) {
        let mut scaled = self.scale(&residual);
        let mut direction = scaled.clone();
        let mut slope = dot(&residual, &scaled);
        // In exact arithmetic one step a reviewer is enough; rounding may ask for some more.
        for _ in 0..bias.len() * 2 + 100 {
            let product = self.product(&direction);
            let bend = dot(&direction, &product);
            if bend <= 0.0 || self.is_small(&residual) {
                return;
            }
            let step = slope / bend;
            add_scaled(bias, step, &direction);
            add_scaled(&mut residual, -step, &product);
            scaled = self.scale(&residual);
            let next = dot(&residual, &scaled);
            let turn = next / slope;
            slope = next;
            for (entry, scaled) in direction.iter_mut().zip(&scaled) {
                *entry = scaled + turn * *entry;
            }
        }
    }

    fn scale(&self, residual: &[f64]) -> Vec<f64> {
        residual.iter().zip(&self.weight).map(|(entry, weight)| entry / weight).collect()
    }
}

#[allow(clippy::cast_precision_loss, reason = "totals and λ are at most 10000")]
fn number(whole: i64) -> f64 {
    whole as f64
}

#[allow(clippy::cast_precision_loss, reason = "a list in memory is shorter than 2^53")]
fn length<T>(list: &[T]) -> f64 {
    list.len() as f64
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

fn add_scaled(vector: &mut [f64], factor: f64, other: &[f64]) {
    for (entry, other) in vector.iter_mut().zip(other) {
        *entry += factor * other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The judge: all normal equations in θ and b at once, by elimination with pivots.
    fn by_elimination(reviews: &[Vec<(usize, i64)>], adjusts: &[bool], lambda: i64) -> (Vec<f64>, Vec<f64>) {
        let (rows, seats) = (reviews.len(), adjusts.len());
        let size = rows + seats;
        let mut table = vec![vec![0.0; size + 1]; size];
        for (seat, adjusts) in adjusts.iter().enumerate() {
            table[rows + seat][rows + seat] = if *adjusts { lambda as f64 } else { 1.0 };
        }
        for (row, reviews) in reviews.iter().enumerate() {
            if reviews.is_empty() {
                table[row][row] = 1.0;
            }
            for (seat, total) in reviews {
                let seat = rows + *seat;
                table[row][row] += 1.0;
                table[row][size] += *total as f64;
                if adjusts[seat - rows] {
                    table[row][seat] += 1.0;
                    table[seat][row] += 1.0;
                    table[seat][seat] += 1.0;
                    table[seat][size] += *total as f64;
                }
            }
        }
        for place in 0..size {
            let pivot = (place..size).max_by(|a, b| table[*a][place].abs().total_cmp(&table[*b][place].abs())).unwrap();
            table.swap(place, pivot);
            for other in (0..size).filter(|other| *other != place) {
                let factor = table[other][place] / table[place][place];
                let source = table[place].clone();
                add_scaled(&mut table[other], -factor, &source);
            }
        }
        let solved: Vec<f64> = (0..size).map(|place| table[place][size] / table[place][place]).collect();
        (solved[..rows].to_vec(), solved[rows..].to_vec())
    }

    #[test]
    fn full_crossing_is_corrected_by_m_over_m_plus_lambda() {
        // Two reviewers, four applications, one always 10 points above: b = ±5 points · 4 / (4 + 3).
        let reviews: Vec<Vec<(usize, i64)>> =
            (0..4).map(|place| vec![(0, 6_000 + place * 100), (1, 5_000 + place * 100)]).collect();
        let solution = solve(&reviews, &[true, true], 3, None, None);
        assert_eq!(solution.bias_of(0), 285.714286);
        assert_eq!(solution.bias_of(1), -285.714286);
        assert_eq!(solution.scores(), [5_500, 5_600, 5_700, 5_800].map(Some));
    }

    #[test]
    fn nobody_to_adjust_is_the_mean() {
        let solution = solve(&[vec![(0, 1), (1, 2)], vec![]], &[false, false], 3, None, None);
        assert_eq!((solution.adjusted_of(0), solution.adjusted_of(1)), (Some(1.5), None));
        assert_eq!(solution.scores(), [Some(2), None]);
    }

    proptest! {
        #[test]
        fn agrees_with_elimination(
            cells in prop::collection::vec(prop::option::weighted(0.6, 0..=10_000_i64), 1..70),
            seats in 1..8_usize,
            minimum in 1..4_usize,
            lambda in 1..=100_i64,
            left_out in prop::option::of(0..8_usize),
        ) {
            let chunks = cells.chunks(seats).map(|row| {
                row.iter().enumerate().filter_map(|(seat, total)| Some((seat, (*total)?))).collect::<Vec<_>>()
            });
            let reviews: Vec<Vec<(usize, i64)>> = chunks.collect();
            let count = |seat: usize| reviews.iter().flatten().filter(|(reviewer, _)| *reviewer == seat).count();
            let adjusts: Vec<bool> = (0..seats).map(|seat| count(seat) >= minimum).collect();
            let left_out = left_out.filter(|seat| *seat < seats);
            let full = solve(&reviews, &adjusts, lambda, None, None);
            let found = solve(&reviews, &adjusts, lambda, left_out, Some(&full));

            let keep = |row: &Vec<(usize, i64)>| row.iter().copied().filter(|(seat, _)| Some(*seat) != left_out).collect();
            let kept: Vec<Vec<(usize, i64)>> = reviews.iter().map(keep).collect();
            let judged: Vec<bool> = adjusts.iter().enumerate().map(|(seat, adjusts)| *adjusts && Some(seat) != left_out).collect();
            let (adjusted, bias) = by_elimination(&kept, &judged, lambda);
            for (found, judge) in found.bias.iter().zip(&bias) {
                prop_assert!((found - judge).abs() < 1e-7, "{} {}", found, judge);
            }
            for (found, judge) in found.adjusted.iter().zip(&adjusted) {
                prop_assert!(found.is_none_or(|found| (found - judge).abs() < 1e-7));
            }
        }
    }
}
