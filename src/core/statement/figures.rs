//! Amounts and days as banks write them.

use crate::core::money::parse_minor;
use chrono::NaiveDate;
use entities::kinds::Currency;

/// How decimals are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decimals {
    /// `1,234.56`
    Point,
    /// `1.234,56`
    Comma,
}

/// An amount with its sign, in minor units; `None` when it is none.
pub(super) fn signed(text: &str, decimals: Decimals, currency: Currency) -> Option<i64> {
    let text = text.trim();
    let (negative, rest) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let swapped: String = match decimals {
        Decimals::Point => rest.to_owned(),
        // The same reader judges the groups of both.
        Decimals::Comma => rest
            .chars()
            .map(|sign| {
                if sign == ',' {
                    '.'
                } else if sign == '.' {
                    ','
                } else {
                    sign
                }
            })
            .collect(),
    };
    let minor = parse_minor(&swapped, currency.0).ok()?;
    Some(if negative { -minor } else { minor })
}

/// A day, with or without its hour; `None` when it is none, or when one could read it as two.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let only = text.split([' ', 'T', '\u{3000}']).next().unwrap_or_default();
    let figures = only.chars().filter(char::is_ascii_digit).count();
    let form = if only.len() == 8 && figures == 8 {
        "%Y%m%d"
    } else if only.contains('.') {
        "%d.%m.%Y"
    } else if only.contains('/') {
        "%Y/%m/%d"
    } else {
        "%Y-%m-%d"
    };
    if !matches!(figures, 6..=8) {
        return None;
    }
    let day = NaiveDate::parse_from_str(only, form).ok()?;
    (1990..=2200).contains(&chrono::Datelike::year(&day)).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_written_or_not_at_all() {
        let point = |text| signed(text, Decimals::Point, Currency::CNY);
        let comma = |text| signed(text, Decimals::Comma, Currency::CNY);
        assert_eq!((point("1,234.56"), point("-0.01"), point("+5")), (Some(123_456), Some(-1), Some(500)));
        assert_eq!((comma("1.234,56"), comma("-1234,5"), comma("12")), (Some(123_456), Some(-123_450), Some(1_200)));
        for odd in ["", "1.005", "1,23.4", "--1", "1e3", "12a"] {
            assert_eq!(point(odd), None, "{odd}");
        }
        assert_eq!((comma("1,234.56"), comma("1.23")), (None, None));
    }

    #[test]
    fn a_day_is_read_in_one_way_only() {
        let wanted = NaiveDate::from_ymd_opt(2026, 3, 2);
        for text in
            ["2026-03-02", "2026/3/2", "20260302", "02.03.2026", "2026-03-02 10:11:12", "2026-03-02T10:11:12+08:00"]
        {
            assert_eq!(day(text), wanted, "{text}");
        }
        for odd in ["03/02/2026", "2026-02-30", "26-03-02", "", "x", "2026-13-01"] {
            assert_eq!(day(odd), None, "{odd}");
        }
    }
}
