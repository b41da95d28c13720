//! The management fee (管理费) of a fund: what the foundation keeps of every payment.
//!
//! A fee is a function of everything paid so far, not of the single payment: each payment bears what the
//! running fee grew by. So tranches of any size sum to exactly the fee of the whole, and a fen is never
//! charged twice. The rate stands in the fund agreement, in basis points of amounts paid.
//!
//! To add another basis, add another running function of this shape and take differences of it.

use crate::core::money::{MoneyError, half_up_bps};

/// The fee on everything paid so far: `paid_total_minor` × `bps` / 10,000, half up, in minor units.
///
/// # Errors
/// [`MoneyError::Negative`] for a negative total or rate, [`MoneyError::TooLarge`] beyond an `i64`.
pub fn fee_through(paid_total_minor: i64, bps: i64) -> Result<i64, MoneyError> {
    if paid_total_minor < 0 || bps < 0 {
        return Err(MoneyError::Negative);
    }
    half_up_bps(paid_total_minor, bps)
}

/// The fee one payment bears after `paid_before_minor` was paid: the growth of the running fee, in minor units.
///
/// # Errors
/// As [`fee_through`].
pub fn fee_for_payment(paid_before_minor: i64, payment_minor: i64, bps: i64) -> Result<i64, MoneyError> {
    if payment_minor < 0 {
        return Err(MoneyError::Negative);
    }
    let paid_after = paid_before_minor.checked_add(payment_minor).ok_or(MoneyError::TooLarge)?;
    Ok(fee_through(paid_after, bps)? - fee_through(paid_before_minor, bps)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fees_of(payments: &[i64], bps: i64) -> Vec<i64> {
        let mut paid = 0;
        let mut fees = Vec::new();
        for payment in payments {
            fees.push(fee_for_payment(paid, *payment, bps).unwrap());
            paid += payment;
        }
        fees
    }

    #[test]
    fn the_wall_of_hangzhong_street() {
        assert_eq!(fee_through(8_300_000, 100), Ok(83_000));
        assert_eq!(fees_of(&[4_150_000, 3_320_000, 830_000], 100), [41_500, 33_200, 8_300]);
        assert_eq!(fees_of(&[4_150_000, 3_320_000, 580_000], 100), [41_500, 33_200, 5_800]);
        assert_eq!(fee_through(8_050_000, 100), Ok(80_500));
    }

    #[test]
    fn nothing_negative_bears_a_fee() {
        assert_eq!(fee_through(-1, 100), Err(MoneyError::Negative));
        assert_eq!(fee_for_payment(5, -1, 100), Err(MoneyError::Negative));
        assert_eq!(fee_for_payment(i64::MAX, 1, 100), Err(MoneyError::TooLarge));
    }

    proptest! {
        #[test]
        fn any_tranches_sum_to_the_fee_of_the_whole(
            payments in prop::collection::vec(0..1_000_000_000_i64, 0..12),
            bps in 0..=10_000_i64,
        ) {
            let fees = fees_of(&payments, bps);
            prop_assert!(fees.iter().all(|fee| *fee >= 0));
            prop_assert_eq!(fees.iter().sum::<i64>(), fee_through(payments.iter().sum(), bps).unwrap());
        }
    }
}
