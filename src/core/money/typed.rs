//! What people type, read back exactly or refused.

use super::*;

/// Reads an amount as people type it: `83,000`, `83000.5`, `８３，０００．００`, `¥83,000.00`, `83000元`.
///
/// Full-width forms are read as their plain ones; one currency symbol or code may stand in front (元 behind).
/// The answer is in minor units of `currency`, 0..=[`MAX_MINOR`].
///
/// # Errors
/// A [`MoneyError`] for the first thing that is wrong; nothing is ever rounded or guessed.
pub fn parse_minor(text: &str, currency: Currency) -> Result<i64, MoneyError> {
    if text.chars().count() > MAX_TYPED {
        return Err(MoneyError::TooLarge);
    }
    let plain: String = text.chars().map(plain_width).collect();
    let bare = without_symbol(plain.trim(), currency);
    if bare.is_empty() {
        return Err(MoneyError::Empty);
    }
    if bare.starts_with(['-', '\u{2212}', '(']) {
        return Err(MoneyError::Negative);
    }
    if let Some(odd) = bare.chars().find(|sign| !is_figure(*sign)) {
        return Err(MoneyError::Character(odd));
    }
    let (whole, decimals) = match bare.split_once('.') {
        None => (bare, ""),
        Some((_, "")) => return Err(MoneyError::Character('.')),
        Some(halves) => halves,
    };
    if decimals.contains(['.', ',']) {
        return Err(MoneyError::Character('.'));
    }
    in_minor_units(&without_groups(whole)?, decimals, exponent_of(currency))
}

pub(super) fn plain_width(sign: char) -> char {
    match sign {
        '\u{3000}' => ' ',
        '￥' => '¥',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(sign) - 0xfee0).unwrap_or(sign),
        _ => sign,
    }
}

pub(super) fn is_figure(sign: char) -> bool {
    sign.is_ascii_digit() || sign == ',' || sign == '.'
}

fn without_symbol(text: &str, currency: Currency) -> &str {
    let sign = symbol_of(currency).unwrap_or(currency.code());
    let mut bare = text;
    for front in [sign, currency.code()] {
        if let Some(rest) = text.strip_prefix(front) {
            bare = rest;
            break;
        }
    }
    if currency == Currency::CNY {
        bare = bare.strip_suffix('元').unwrap_or(bare);
    }
    bare.trim()
}

fn without_groups(whole: &str) -> Result<String, MoneyError> {
    let groups: Vec<&str> = whole.split(',').collect();
    let in_threes = groups.iter().skip(1).all(|group| group.len() == 3);
    let first = groups.first().map_or(0, |group| group.len());
    if groups.len() > 1 && !(in_threes && (1..=3).contains(&first)) {
        return Err(MoneyError::GroupMark);
    }
    if first == 0 {
        return Err(MoneyError::Character('.'));
    }
    Ok(groups.concat())
}

fn in_minor_units(whole: &str, decimals: &str, exponent: u16) -> Result<i64, MoneyError> {
    let width = usize::from(exponent);
    if decimals.len() > width {
        return Err(MoneyError::Decimals(exponent));
    }
    let digits = format!("{whole}{decimals:0<width$}");
    let minor: i64 = digits.parse().map_err(|_| MoneyError::TooLarge)?;
    if minor > MAX_MINOR {
        return Err(MoneyError::TooLarge);
    }
    Ok(minor)
}
