//! Parts of an amount: basis points half up, splits that always sum to the whole.

use super::typed::{is_figure, plain_width};
use super::*;

/// Shares `total` minor units out by weight, by largest remainder, ties to the smaller id.
///
/// The parts come in the order of `weights` and always sum to `total`; a weight of 0 gets 0.
///
/// # Errors
/// [`MoneyError::Negative`] for a negative total or weight, [`MoneyError::Weights`] when no weight is above
/// zero or an id comes twice, because then the tie rule would not decide.
pub fn split_by_largest_remainder<Id: Ord + Copy>(
    total: i64,
    weights: &[(Id, i64)],
) -> Result<Vec<(Id, i64)>, MoneyError> {
    if total < 0 || weights.iter().any(|(_, weight)| *weight < 0) {
        return Err(MoneyError::Negative);
    }
    let mut ids: Vec<Id> = weights.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    let sum: i128 = weights.iter().map(|(_, weight)| i128::from(*weight)).sum();
    if sum == 0 || ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(MoneyError::Weights);
    }
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = total;
    for (place, (id, weight)) in weights.iter().enumerate() {
        let product = i128::from(total) * i128::from(*weight);
        // The quotient is at most the total, so it fits.
        let part = i64::try_from(product / sum).map_err(|_| MoneyError::TooLarge)?;
        left -= part;
        parts.push((*id, part));
        remainders.push((std::cmp::Reverse(product % sum), *id, place));
    }
    remainders.sort_unstable();
    let extra = usize::try_from(left).unwrap_or(0);
    for (_, _, place) in remainders.into_iter().take(extra) {
        parts[place].1 += 1;
    }
    Ok(parts)
}

/// `amount` × `bps` / 10,000, half up (floor of x + 1/2), in the units of `amount`.
///
/// # Errors
/// [`MoneyError::TooLarge`] if the answer is outside an `i64`.
pub fn half_up_bps(amount: i64, bps: i64) -> Result<i64, MoneyError> {
    let scale = i128::from(WHOLE_BPS);
    let product = i128::from(amount) * i128::from(bps);
    let rounded = (product + scale / 2).div_euclid(scale);
    i64::try_from(rounded).map_err(|_| MoneyError::TooLarge)
}

/// What share `part` is of `whole`, in basis points, half up; `None` when there is no whole above zero.
///
/// For showing only: a rule compares products, never a rounded share.
#[must_use]
pub fn share_bps(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let whole = i128::from(whole);
    let doubled = i128::from(part) * i128::from(WHOLE_BPS) * 2 + whole;
    i64::try_from(doubled.div_euclid(whole * 2)).ok()
}

/// Reads a typed percentage, `1`, `1.5`, `12.25 %`, as basis points; two decimals are all there are.
///
/// # Errors
/// As [`parse_minor`]: a percentage with two decimals is read by the same rules.
pub fn percent_bps(text: &str) -> Result<i64, MoneyError> {
    let plain: String = text.chars().map(plain_width).collect();
    let bare = plain.trim();
    let bare = bare.strip_suffix('%').unwrap_or(bare).trim();
    if let Some(odd) = bare.chars().find(|sign| !is_figure(*sign) && !"-\u{2212}".contains(*sign)) {
        return Err(MoneyError::Character(odd));
    }
    parse_minor(bare, Currency::CNY)
}

/// Basis points as a percentage without idle zeros: 150 → `1.5%`, 10,000 → `100%`.
#[must_use]
pub fn format_bps(bps: i64) -> String {
    let sign = if bps < 0 { "\u{2212}" } else { "" };
    let (whole, part) = (bps.unsigned_abs() / 100, bps.unsigned_abs() % 100);
    let text = format!("{sign}{whole}.{part:02}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}
