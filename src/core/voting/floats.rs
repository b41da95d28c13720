//! The one way from long numbers to floats, and how far floats may be trusted.
#![allow(
    clippy::float_arithmetic,
    reason = "floats sort out the clear cases; what they cannot certify is compared exactly"
)]

use num_bigint::{BigInt, BigUint, Sign};

/// What one operation may be wrong by, relatively: four times what it is, so that short sums of them are covered.
pub(super) const ROUNDING: f64 = 1.0 / (1_u64 << 51) as f64;

/// What a voter's money may be wrong by with each purchase, relative to the share.
pub(super) const PER_PURCHASE: f64 = 1.0 / (1_u64 << 48) as f64;

/// `over` ÷ `under`, wrong by no more than [`ROUNDING`] relatively.
pub(super) fn ratio(over: &BigInt, under: &BigUint) -> f64 {
    let ((above, up), (below, down)) = (leading(over.magnitude()), leading(under));
    let size = above / below * 2_f64.powi(exponent(up) - exponent(down));
    if over.sign() == Sign::Minus { -size } else { size }
}

/// A number as its first 64 bits and how many bits follow.
fn leading(number: &BigUint) -> (f64, u64) {
    let behind = number.bits().saturating_sub(64);
    ((number >> behind).iter_u64_digits().next().map_or(0.0, float_of_u64), behind)
}

fn exponent(bits: u64) -> i32 {
    i32::try_from(bits).unwrap_or(i32::MAX / 2)
}

#[allow(clippy::cast_precision_loss, reason = "the nearest float is what is wanted")]
fn float_of_u64(number: u64) -> f64 {
    number as f64
}

/// The nearest float.
#[allow(clippy::cast_precision_loss, reason = "the nearest float is what is wanted")]
pub(super) fn float(number: i128) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_of_any_length() {
        let power = |exponent: u32| BigUint::from(10_u8).pow(exponent);
        for (over, under, wanted) in [(400, 400, 1.0), (401, 400, 10.0), (380, 400, 1e-20), (0, 400, 0.0)] {
            let over = if over == 0 { BigInt::from(0) } else { BigInt::from(power(over)) };
            let found = ratio(&-over, &power(under));
            assert!((found + wanted).abs() <= wanted * ROUNDING, "{found} {wanted}");
        }
    }
}
