//! Money: whole minor units with a currency, and the ways people write it.
//!
//! Owns reading what people type, writing what people read (figures and 人民币大写 capitals), sharing a sum
//! out without losing a fen, and percentages in basis points. It owns no balance: the ledger does.
//! Every amount is an `i64` of minor units (fen, cents) because a float cannot hold a tenth; a name that
//! ends in `_minor` is such a figure.
//!
//! To add a currency symbol, add a row to `SYMBOLS`; to add a locale's group marks, add a row to
//! `MARKS`. Exponents come from ISO 4217 and are not ours to write down.

mod shares;
mod typed;

pub use shares::{format_bps, half_up_bps, percent_bps, share_bps, split_by_largest_remainder};
pub use typed::parse_minor;

use iso_currency::Currency;
use serde::{Deserialize, Serialize};

/// Largest amount a person may type: 10^15 minor units, ten million million yuan.
///
/// Fifteen digits is what a spreadsheet cell and a JavaScript number keep exactly, and nine thousand
/// such amounts still add up inside an `i64`.
pub const MAX_MINOR: i64 = 1_000_000_000_000_000;

/// Longest text read as an amount, in characters: [`MAX_MINOR`] with marks, symbol and blanks fits twice.
pub const MAX_TYPED: usize = 64;

/// One hundred per cent in basis points.
pub const WHOLE_BPS: i64 = 10_000;

/// Symbols that are unambiguous beside the others in this table; every other currency shows its code.
const SYMBOLS: [(Currency, &str); 8] = [
    (Currency::CNY, "¥"),
    (Currency::EUR, "€"),
    (Currency::GBP, "£"),
    (Currency::HKD, "HK$"),
    (Currency::JPY, "JP¥"),
    (Currency::SGD, "S$"),
    (Currency::TWD, "NT$"),
    (Currency::USD, "US$"),
];

/// Language, group mark, decimal mark. English and Chinese share the default.
const MARKS: [(&str, char, char); 4] = [("de", '.', ','), ("es", '.', ','), ("fr", '\u{202f}', ','), ("pt", '.', ',')];
const DEFAULT_MARKS: (char, char) = (',', '.');

/// Why an amount was refused. [`MoneyError::code`] is the locale key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Nothing but blanks was typed.
    #[error("no amount given")]
    Empty,
    /// A character that has no place in an amount: letters, a second decimal mark, an exponent.
    #[error("'{0}' does not belong in an amount")]
    Character(char),
    /// A group mark that does not stand before three digits, so "1,5" is not read as fifteen.
    #[error("a group mark stands before three digits")]
    GroupMark,
    /// A minus sign or brackets: amounts are typed without a direction.
    #[error("an amount is not negative")]
    Negative,
    /// More decimals than the currency has (units: digits).
    #[error("more than {0} decimals")]
    Decimals(u16),
    /// Above [`MAX_MINOR`], or outside what an `i64` holds after a calculation.
    #[error("the amount is too large")]
    TooLarge,
    /// Two currencies met in one calculation.
    #[error("the currencies differ")]
    CurrencyMismatch,
    /// A sum cannot be shared out: no weight above zero, or one id twice.
    #[error("nothing to share the sum by")]
    Weights,
}

impl MoneyError {
    /// The locale key of this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "money-empty",
            Self::Character(_) => "money-character",
            Self::GroupMark => "money-group-mark",
            Self::Negative => "money-negative",
            Self::Decimals(_) => "money-decimals",
            Self::TooLarge => "money-too-large",
            Self::CurrencyMismatch => "money-currency-mismatch",
            Self::Weights => "money-weights",
        }
    }
}

/// An amount in minor units of one currency; written in JSON as `{"minor":8300000,"currency":"CNY"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units (fen, cents); may be negative in a difference.
    pub minor: i64,
    /// ISO 4217 currency.
    pub currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Decimals of the currency: JPY 0, CNY 2, KWD 3.
    #[must_use]
    pub fn exponent(self) -> u16 {
        exponent_of(self.currency)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] between two currencies, [`MoneyError::TooLarge`] beyond an `i64`.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference; may be negative.
    ///
    /// # Errors
    /// As [`Money::checked_add`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(self, other: Self, reckon: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let minor = reckon(self.minor, other.minor).ok_or(MoneyError::TooLarge)?;
        Ok(Self::new(minor, self.currency))
    }

    /// Figures for people: `¥83,000.00`, `US$12.50`, `KWD 1.250`, `−¥5.00` (U+2212).
    ///
    /// `locale` is a language tag such as `en` or `zh-CN`; an unknown one gets the marks of English.
    #[must_use]
    pub fn format(self, locale: &str) -> String {
        let sign = if self.minor < 0 { "\u{2212}" } else { "" };
        let figures = self.figures(marks_of(locale));
        match symbol_of(self.currency) {
            Some(symbol) => format!("{sign}{symbol}{figures}"),
            None => format!("{sign}{}\u{a0}{figures}", self.currency.code()),
        }
    }

    fn figures(self, (group, decimal): (char, char)) -> String {
        let (whole, part) = self.whole_and_part();
        let digits = whole.to_string();
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        let width = usize::from(self.exponent());
        if width > 0 {
            text.push(decimal);
            text.push_str(&format!("{part:0width$}"));
        }
        text
    }

    fn whole_and_part(self) -> (u64, u64) {
        let unit = 10_u64.checked_pow(u32::from(self.exponent())).unwrap_or(1);
        let size = self.minor.unsigned_abs();
        (size / unit, size % unit)
    }

    /// 人民币大写: the amount as it is written on a cheque, without the leading 人民币.
    ///
    /// By 《正确填写票据和结算凭证的基本规定》: 整 after 元 and never after 分; 角 stands without it as in the
    /// rule's own ¥1,409.50; a run of zeros is one 零; where the rule leaves a 零 to choice, it is left out.
    /// `None` for another currency, a negative amount, or more than [`MAX_MINOR`].
    #[must_use]
    pub fn capitals(self) -> Option<String> {
        if self.currency != Currency::CNY || !(0..=MAX_MINOR).contains(&self.minor) {
            return None;
        }
        let (yuan, part) = self.whole_and_part();
        let (jiao, fen) = (part / 10, part % 10);
        let mut text = String::new();
        if yuan > 0 || part == 0 {
            text.push_str(&capital_whole(yuan));
            text.push('元');
        }
        match (jiao, fen) {
            (0, 0) => text.push('整'),
            (0, fen) => {
                if yuan > 0 {
                    text.push('零');
                }
                text.push_str(&format!("{}分", capital_digit(fen)));
            }
            (jiao, 0) => text.push_str(&format!("{}角", capital_digit(jiao))),
            (jiao, fen) => {
                let (jiao, fen) = (capital_digit(jiao), capital_digit(fen));
                text.push_str(&format!("{jiao}角{fen}分"));
            }
        }
        Some(text)
    }
}

/// Decimals of a currency by ISO 4217; 0 for those that have none, such as gold.
#[must_use]
pub fn exponent_of(currency: Currency) -> u16 {
    currency.exponent().unwrap_or(0)
}

fn symbol_of(currency: Currency) -> Option<&'static str> {
    let row = SYMBOLS.iter().find(|(known, _)| *known == currency);
    row.map(|(_, symbol)| *symbol)
}

fn marks_of(locale: &str) -> (char, char) {
    let language = locale.split(['-', '_']).next().unwrap_or_default();
    let row = MARKS.iter().find(|(known, _, _)| *known == language);
    row.map_or(DEFAULT_MARKS, |(_, group, decimal)| (*group, *decimal))
}

fn capital_digit(digit: u64) -> char {
    match digit {
        1 => '壹',
        2 => '贰',
        3 => '叁',
        4 => '肆',
        5 => '伍',
        6 => '陆',
        7 => '柒',
        8 => '捌',
        9 => '玖',
        _ => '零',
    }
}

/// Chinese reads in steps of 万 and 亿: each step is a head, its unit, and a tail below the unit.
fn capital_whole(number: u64) -> String {
    const STEPS: [(u64, char); 5] = [(100_000_000, '亿'), (10_000, '万'), (1_000, '仟'), (100, '佰'), (10, '拾')];
    let Some((unit, name)) = STEPS.into_iter().find(|(unit, _)| number >= *unit) else {
        return capital_digit(number).to_string();
    };
    let (head, tail) = (number / unit, number % unit);
    let mut text = capital_whole(head);
    text.push(name);
    if tail > 0 {
        if tail < unit / 10 {
            text.push('零');
        }
        text.push_str(&capital_whole(tail));
    }
    text
}

/// An amount as a field takes it: digits and a point.
#[must_use]
pub fn decimal(minor: i64, exponent: u32) -> String {
    let unit = 10_i64.pow(exponent);
    match exponent {
        0 => minor.to_string(),
        places => format!("{}.{:0width$}", minor / unit, minor % unit, width = places as usize),
    }
}

#[cfg(test)]
mod tests;
