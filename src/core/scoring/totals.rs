//! The total of one review, exactly.
//!
//! Owns total = half up(10000 · Σ weight·value/max ÷ Σ weight) over the criteria answered. Criteria may have
//! any largest value, so the common denominator can be longer than any machine integer; a small natural
//! number is kept here for that. To add a rule about missing answers, change [`total_of`] and the page.

use super::input::{Criterion, FULL_TOTAL, Review};
use std::cmp::Ordering;

/// The total of `review` in hundredths; `None` if it does not count: recused, or nothing answered.
pub(super) fn total_of(review: &Review, criteria: &[Criterion]) -> Option<i64> {
    if review.recused {
        return None;
    }
    let Some(values) = &review.values else {
        return review.total;
    };
    let answered: Vec<(&Criterion, i64)> =
        criteria.iter().filter_map(|criterion| Some((criterion, values.get(&criterion.id).copied()??))).collect();
    if answered.is_empty() {
        return None;
    }
    Some(weighted_total(&answered))
}

fn weighted_total(answered: &[(&Criterion, i64)]) -> i64 {
    // Σ weight·value/max as one fraction over the product of the largest values.
    let mut numerator = Natural::from(0);
    let mut denominator = Natural::from(1);
    let mut weights = 0_u64;
    for (criterion, value) in answered {
        let weight = criterion.weight.unsigned_abs();
        let share = denominator.times(weight).times(value.unsigned_abs());
        numerator = numerator.times(criterion.max.unsigned_abs()).plus(&share);
        denominator = denominator.times(criterion.max.unsigned_abs());
        weights += weight;
    }
    // Half up is the largest t with t − 1/2 ≤ x, that is (2t − 1)·denominator·weights ≤ 20000·numerator.
    let doubled = numerator.times(FULL_TOTAL.unsigned_abs() * 2);
    let unit = denominator.times(weights);
    let (mut low, mut high) = (0_u64, FULL_TOTAL.unsigned_abs());
    while low < high {
        let middle = (low + high).div_ceil(2);
        if unit.times(middle * 2 - 1).compare(&doubled) == Ordering::Greater {
            high = middle - 1;
        } else {
            low = middle;
        }
    }
    i64::try_from(low).unwrap_or(FULL_TOTAL)
}

/// A natural number of any length, least significant limb first, without leading zeros.
struct Natural(Vec<u64>);

impl From<u64> for Natural {
    fn from(number: u64) -> Self {
        Self(if number == 0 { Vec::new() } else { vec![number] })
    }
}

impl Natural {
    fn times(&self, factor: u64) -> Self {
        let mut limbs = Vec::with_capacity(self.0.len() + 1);
        let mut carry = 0_u64;
        if factor == 0 {
            return Self(limbs);
        }
        for limb in &self.0 {
            let product = u128::from(*limb) * u128::from(factor) + u128::from(carry);
            limbs.push(low_half(product));
            carry = low_half(product >> 64);
        }
        if carry > 0 {
            limbs.push(carry);
        }
        Self(limbs)
    }

    fn plus(&self, other: &Self) -> Self {
        let length = self.0.len().max(other.0.len());
        let mut limbs = Vec::with_capacity(length + 1);
        let mut carry = 0_u64;
        for place in 0..length {
            let limb = |number: &Self| u128::from(number.0.get(place).copied().unwrap_or(0));
            let sum = limb(self) + limb(other) + u128::from(carry);
            limbs.push(low_half(sum));
            carry = low_half(sum >> 64);
        }
        if carry > 0 {
            limbs.push(carry);
        }
        Self(limbs)
    }

    fn compare(&self, other: &Self) -> Ordering {
        let by_length = self.0.len().cmp(&other.0.len());
        by_length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

fn low_half(number: u128) -> u64 {
    u64::try_from(number & u128::from(u64::MAX)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn criterion(weight: i64, max: i64) -> Criterion {
        Criterion { id: String::new(), weight, max }
    }

    /// The same by one fraction in `i128`, for largest values small enough.
    fn by_common_fraction(answered: &[(&Criterion, i64)]) -> i64 {
        let product: i128 = answered.iter().map(|(criterion, _)| i128::from(criterion.max)).product();
        let shares = answered.iter().map(|(criterion, value)| {
            i128::from(criterion.weight) * i128::from(*value) * (product / i128::from(criterion.max))
        });
        let weights: i128 = answered.iter().map(|(criterion, _)| i128::from(criterion.weight)).sum();
        let (over, under) = (shares.sum::<i128>() * 20_000 + product * weights, product * weights * 2);
        i64::try_from(over / under).unwrap()
    }

    #[test]
    fn the_rubric_of_hangzhong_street() {
        let rubric = [(20, 18), (25, 25), (15, 15), (15, 15), (15, 15), (10, 4)];
        let criteria: Vec<Criterion> = rubric.iter().map(|(max, _)| criterion(max * 100, *max)).collect();
        let answered: Vec<(&Criterion, i64)> = criteria.iter().zip(rubric.map(|(_, value)| value)).collect();
        assert_eq!(weighted_total(&answered), 9_200);
    }

    #[test]
    fn exactly_half_goes_up_whatever_the_size() {
        // 1/20000 of the whole is half a hundredth.
        assert_eq!(weighted_total(&[(&criterion(10_000, 20_000), 1)]), 1);
        assert_eq!(weighted_total(&[(&criterion(10_000, 20_001), 1)]), 0);
        let huge = criterion(1, i64::MAX);
        let all: Vec<(&Criterion, i64)> = std::iter::repeat_n((&huge, i64::MAX), 40).collect();
        assert_eq!(weighted_total(&all), 10_000);
        let last = i64::MAX - 1;
        assert_eq!(weighted_total(&[(&criterion(1, last), last / 2), (&huge, i64::MAX / 2)]), 5_000);
        assert_eq!(weighted_total(&[(&huge, 0)]), 0);
    }

    proptest! {
        #[test]
        fn agrees_with_a_common_fraction(
            answers in prop::collection::vec((1..10_000_i64, 1..5_000_i64, 0..=10_000_i64), 1..7),
        ) {
            let criteria: Vec<Criterion> = answers.iter().map(|(weight, max, _)| criterion(*weight, *max)).collect();
            let answered: Vec<(&Criterion, i64)> =
                criteria.iter().zip(&answers).map(|(criterion, (_, _, value))| (criterion, value % (criterion.max + 1))).collect();
            prop_assert_eq!(weighted_total(&answered), by_common_fraction(&answered));
        }
    }
}
