//! Matching (配捐): what a pool adds to a gift, and what it takes back when the gift goes back.
//!
//! Owns two sums and no balance: the pool's balance is the ledger's. A match is the least of four
//! figures, rounded down, so that a pool never gives more than its ratio promised. A reversal is told as a
//! function of everything refunded so far, so that refunds in any number of parts return the match exactly.
//!
//! To add another limit to a pool, add one more figure to the minimum in [`match_for`].

use crate::core::money::{MoneyError, WHOLE_BPS};

/// What the pool adds to a gift, in minor units: min(ratio × gift, cap per gift, cap left, pool), at least 0.
///
/// `ratio_bps` is 10,000 for 1:1. `cap_left_minor` is what the pool's promise still allows in all,
/// `pool_available_minor` the money in it. Negative figures count as 0.
#[must_use]
pub fn match_for(
    gift_minor: i64,
    ratio_bps: i64,
    cap_per_gift_minor: Option<i64>,
    cap_left_minor: i64,
    pool_available_minor: i64,
) -> i64 {
    let (gift, ratio) = (gift_minor.max(0), ratio_bps.max(0));
    let promised = i128::from(gift) * i128::from(ratio) / i128::from(WHOLE_BPS);
    let promised = i64::try_from(promised).unwrap_or(i64::MAX);
    promised.min(cap_per_gift_minor.unwrap_or(i64::MAX)).min(cap_left_minor).min(pool_available_minor).max(0)
}

/// What goes back to the pool when `refund_minor` of a matched gift is refunded, in minor units.
///
/// Pro rata, half up on the running total: once the whole gift is refunded, the whole match is back.
///
/// # Errors
/// [`MoneyError::Negative`] for a negative figure, [`MoneyError::TooLarge`] when more than the gift
/// would have been refunded.
pub fn reversal_for(
    gift_minor: i64,
    matched_minor: i64,
    refunded_before_minor: i64,
    refund_minor: i64,
) -> Result<i64, MoneyError> {
    let figures = [gift_minor, matched_minor, refunded_before_minor, refund_minor];
    if figures.iter().any(|figure| *figure < 0) {
        return Err(MoneyError::Negative);
    }
    let refunded_after = refunded_before_minor
        .checked_add(refund_minor)
        .filter(|refunded| *refunded <= gift_minor)
        .ok_or(MoneyError::TooLarge)?;
    let before = returned_through(gift_minor, matched_minor, refunded_before_minor);
    Ok(returned_through(gift_minor, matched_minor, refunded_after) - before)
}

/// Needs `0 ≤ refunded ≤ gift`, so the answer is at most `matched`.
fn returned_through(gift_minor: i64, matched_minor: i64, refunded_minor: i64) -> i64 {
    if gift_minor == 0 {
        return 0;
    }
    let gift = i128::from(gift_minor);
    // Quotient and remainder apart: twice the whole product could pass an i128.
    let product = i128::from(matched_minor) * i128::from(refunded_minor);
    let round_up = i128::from(product % gift * 2 >= gift);
    i64::try_from(product / gift + round_up).unwrap_or(matched_minor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn thirty_thousand_is_exhausted_by_the_third_gift() {
        let mut pool = 3_000_000;
        let mut matches = Vec::new();
        for gift in [1_000_000; 6] {
            let matched = match_for(gift, 10_000, None, pool, pool);
            pool -= matched;
            matches.push(matched);
        }
        assert_eq!(matches, [1_000_000, 1_000_000, 1_000_000, 0, 0, 0]);
    }

    #[test]
    fn the_least_of_four_figures() {
        assert_eq!(match_for(333, 5_000, None, 1_000, 1_000), 166);
        assert_eq!(match_for(333, 20_000, Some(100), 1_000, 1_000), 100);
        assert_eq!(match_for(333, 20_000, None, 90, 1_000), 90);
        assert_eq!(match_for(333, 20_000, None, 1_000, 80), 80);
        assert_eq!(match_for(333, 20_000, None, -1, 80), 0);
        assert_eq!(match_for(i64::MAX, i64::MAX, None, i64::MAX, i64::MAX), i64::MAX);
    }

    #[test]
    fn a_refund_beyond_the_gift_is_refused() {
        assert_eq!(reversal_for(100, 50, 60, 41), Err(MoneyError::TooLarge));
        assert_eq!(reversal_for(100, 50, -1, 41), Err(MoneyError::Negative));
        assert_eq!(reversal_for(0, 0, 0, 0), Ok(0));
        assert_eq!(reversal_for(i64::MAX, i64::MAX, 0, i64::MAX), Ok(i64::MAX));
    }

    proptest! {
        #[test]
        fn refunds_in_parts_return_the_match_exactly(
            parts in prop::collection::vec(1..1_000_000_i64, 1..8),
            matched in 0..5_000_000_i64,
        ) {
            let gift: i64 = parts.iter().sum();
            let mut refunded = 0;
            let mut returned = 0;
            for part in parts {
                let back = reversal_for(gift, matched, refunded, part).unwrap();
                prop_assert!(back >= 0);
                refunded += part;
                returned += back;
            }
            prop_assert_eq!(returned, matched);
        }

        #[test]
        fn a_pool_gives_never_more_than_it_has_and_all_of_it_at_last(
            gifts in prop::collection::vec(1..3_000_000_i64, 1..40),
            ratio in 1..=100_000_i64,
            cap_per_gift in prop::option::of(1..500_000_i64),
            set_aside in 1..5_000_000_i64,
        ) {
            let mut left = set_aside;
            for gift in &gifts {
                let matched = match_for(*gift, ratio, cap_per_gift, left, left);
                prop_assert!(matched >= 0 && matched <= left);
                prop_assert!(i128::from(matched) * 10_000 <= i128::from(*gift) * i128::from(ratio));
                prop_assert!(cap_per_gift.is_none_or(|cap| matched <= cap));
                // Less than its ratio promised only where a cap or the end of the pool says so.
                let promised = i128::from(*gift) * i128::from(ratio) / 10_000;
                let capped = cap_per_gift.map_or(promised, |cap| promised.min(cap.into()));
                prop_assert_eq!(i128::from(matched), capped.min(left.into()));
                left -= matched;
            }
        }

        #[test]
        fn whatever_part_goes_back_the_match_that_stays_is_its_share_within_half_a_fen(
            gift in 1..1_000_000_000_i64, matched in 0..1_000_000_000_i64, share in 0..=10_000_i64,
        ) {
            let refunded = gift / 10_000 * share;
            let back = reversal_for(gift, matched, 0, refunded).unwrap();
            let exact = i128::from(matched) * i128::from(refunded);
            let off = (i128::from(back) * i128::from(gift) - exact).abs();
            prop_assert!(off * 2 <= i128::from(gift));
        }
    }
}
