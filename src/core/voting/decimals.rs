//! Numbers as a ballot file writes them, exactly, and fractions as the answer writes them.
//!
//! A number is digits with at most one decimal mark. It is kept as a whole number and the count of its decimals, so that one
//! file's amounts become whole numbers of the smallest unit any of them uses.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;

/// Digits a number may have before and after its mark together, once leading zeros and trailing decimals of zero are gone.
pub(super) const MOST_DIGITS: usize = 30;

/// A number as written: `whole` ÷ 10^`decimals`, without trailing decimals of zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    whole: i128,
    pub decimals: u32,
}

impl Decimal {
    /// Reads a number; `comma` says whether a comma is a decimal mark too.
    pub fn read(text: &str, comma: bool) -> Result<Self, String> {
        let is_mark = |c: char| c == '.' || (comma && c == ',');
        let (before, after) = text.split_once(is_mark).unwrap_or((text, ""));
        let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if before.len() + after.len() == 0 || !digits_only(before) || !digits_only(after) {
            return Err("must be digits with at most one decimal mark".into());
        }
        let (before, after) = (before.trim_start_matches('0'), after.trim_end_matches('0'));
        if before.len() + after.len() > MOST_DIGITS {
            return Err(format!("must not have more than {MOST_DIGITS} digits"));
        }
        let digit = |whole: i128, byte: u8| whole * 10 + i128::from(byte - b'0');
        let whole = before.bytes().chain(after.bytes()).fold(0, digit);
        Ok(Self { whole, decimals: u32::try_from(after.len()).unwrap_or(u32::MAX) })
    }

    pub fn is_zero(self) -> bool {
        self.whole == 0
    }

    /// The number in units of 10^-`decimals`; `None` beyond [`MOST_DIGITS`] digits.
    pub fn in_units(self, decimals: u32) -> Option<i128> {
        let factor = 10_i128.checked_pow(decimals.checked_sub(self.decimals)?)?;
        let largest = 10_i128.pow(u32::try_from(MOST_DIGITS).ok()?);
        self.whole.checked_mul(factor).filter(|units| *units < largest)
    }
}

/// `over` ÷ `under` in lowest terms: `"n"` or `"n/d"`. `under` is above zero.
pub(super) fn fraction(over: &BigInt, under: &BigUint) -> String {
    let shared = over.magnitude().gcd(under);
    written(&(over / BigInt::from(shared.clone())), &(under / shared))
}

/// The same of what is in lowest terms already.
pub(super) fn written(over: &BigInt, under: &BigUint) -> String {
    if *under == BigUint::from(1_u8) { over.to_string() } else { format!("{over}/{under}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly() {
        let units = |text: &str| Decimal::read(text, true).unwrap().in_units(3).unwrap();
        assert_eq!(
            [units("12"), units("012.50"), units("0,125"), units(".5"), units("5.")],
            [12_000, 12_500, 125, 500, 5_000]
        );
        for text in ["", ".", "-1", "+1", "1e3", "1.2.3", "1,2.3", "1 000", "٣", "0x1", "1_0", "NaN", "inf"] {
            assert!(Decimal::read(text, true).is_err(), "{text}");
        }
        assert!(Decimal::read("1,5", false).is_err());
    }

    #[test]
    fn digits_are_bounded() {
        let long = "0".repeat(100) + &"9".repeat(30) + "." + &"0".repeat(100);
        let number = Decimal::read(&long, false).unwrap();
        assert_eq!((number.decimals, number.in_units(0)), (0, Some(10_i128.pow(30) - 1)));
        assert_eq!(number.in_units(1), None);
        assert!(Decimal::read(&"9".repeat(31), false).is_err());
        assert_eq!(Decimal::read("1", false).unwrap().in_units(u32::MAX), None);
    }

    #[test]
    fn fractions_are_in_lowest_terms() {
        let said = |over: i64, under: u64| fraction(&BigInt::from(over), &BigUint::from(under));
        assert_eq!([said(21, 3), said(-4, 4), said(44, 14), said(0, 9)], ["7", "-1", "22/7", "0"]);
    }
}
