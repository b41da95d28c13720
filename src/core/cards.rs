//! Amounts as the payment processor writes them.
//!
//! Owns one rule: the processor counts in the smallest unit too, but it has its own list of how small that is. Where it
//! agrees with ISO 4217 (CNY, JPY) the figure is the same; nothing is ever multiplied by a hundred out of habit.
//!
//! To add a currency with which it disagrees, add it to the list that fits.

use crate::core::money::MoneyError;
use iso_currency::Currency;

/// ISO 4217 gives them no minor unit, the processor counts them in hundredths.
const IN_HUNDREDTHS: [Currency; 2] = [Currency::ISK, Currency::UGX];

/// Three decimals, of which the processor takes no last digit but zero.
const IN_TENS: [Currency; 5] = [Currency::BHD, Currency::JOD, Currency::KWD, Currency::OMR, Currency::TND];

/// Our minor units as the processor counts them.
///
/// # Errors
/// [`MoneyError::Decimals`] where it cannot take the last digit, [`MoneyError::TooLarge`] beyond an `i64`.
pub fn to_processor(minor: i64, currency: Currency) -> Result<i64, MoneyError> {
    if IN_HUNDREDTHS.contains(&currency) {
        return minor.checked_mul(100).ok_or(MoneyError::TooLarge);
    }
    if IN_TENS.contains(&currency) && minor % 10 != 0 {
        return Err(MoneyError::Decimals(2));
    }
    Ok(minor)
}

/// What the processor counts, in our minor units.
///
/// # Errors
/// [`MoneyError::Decimals`] for a part of our smallest unit.
pub fn from_processor(amount: i64, currency: Currency) -> Result<i64, MoneyError> {
    if !IN_HUNDREDTHS.contains(&currency) {
        return Ok(amount);
    }
    if amount % 100 == 0 { Ok(amount / 100) } else { Err(MoneyError::Decimals(0)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yen_are_never_multiplied_by_a_hundred() {
        for (currency, ours, theirs) in [
            (Currency::JPY, 500, 500),
            (Currency::KRW, 9_000, 9_000),
            (Currency::CNY, 12_345, 12_345),
            (Currency::KWD, 1_230, 1_230),
            (Currency::ISK, 5, 500),
        ] {
            assert_eq!(to_processor(ours, currency), Ok(theirs));
            assert_eq!(from_processor(theirs, currency), Ok(ours));
        }
        assert_eq!(to_processor(1_234, Currency::KWD), Err(MoneyError::Decimals(2)));
        assert_eq!(from_processor(550, Currency::ISK), Err(MoneyError::Decimals(0)));
        assert_eq!(to_processor(i64::MAX, Currency::UGX), Err(MoneyError::TooLarge));
    }
}
