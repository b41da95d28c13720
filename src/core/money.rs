//! Money: whole minor units with a currency, and the ways people write it.
//!
//! Owns reading what people type, writing what people read (figures and 人民币大写 capitals), sharing a sum
//! out without losing a fen, and percentages in basis points. It owns no balance: the ledger does.
//! Every amount is an `i64` of minor units (fen, cents) because a float cannot hold a tenth; a name that
//! ends in `_minor` is such a figure.
//!
//! To add a currency symbol, add a row to `SYMBOLS`; to add a locale's group marks, add a row to
//! `MARKS`. Exponents come from ISO 4217 and are not ours to write down.

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

fn plain_width(sign: char) -> char {
    match sign {
        '\u{3000}' => ' ',
        '￥' => '¥',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(sign) - 0xfee0).unwrap_or(sign),
        _ => sign,
    }
}

fn is_figure(sign: char) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn yuan(minor: i64) -> Money {
        Money::new(minor, Currency::CNY)
    }

    #[test]
    fn what_people_type_is_read() {
        for text in
            ["83,000", "83000", "83000.0", "¥83,000.00", "￥ 83000", "８３，０００．００", " CNY 83,000 ", "83,000元"]
        {
            assert_eq!(parse_minor(text, Currency::CNY), Ok(8_300_000), "{text}");
        }
        assert_eq!(parse_minor("83000.5", Currency::CNY), Ok(8_300_050));
        assert_eq!(parse_minor("0", Currency::CNY), Ok(0));
        assert_eq!(parse_minor("1,000", Currency::JPY), Ok(1_000));
        assert_eq!(parse_minor("1.25", Currency::KWD), Ok(1_250));
        assert_eq!(parse_minor("10,000,000,000,000.00", Currency::CNY), Ok(MAX_MINOR));
    }

    #[test]
    fn what_nobody_can_mean_is_refused() {
        let refused = [
            ("", MoneyError::Empty),
            ("　¥ ", MoneyError::Empty),
            ("-5", MoneyError::Negative),
            ("−5", MoneyError::Negative),
            ("¥－5", MoneyError::Negative),
            ("(5)", MoneyError::Negative),
            ("1e5", MoneyError::Character('e')),
            ("1.2.3", MoneyError::Character('.')),
            ("1.", MoneyError::Character('.')),
            (".5", MoneyError::Character('.')),
            ("1.0,0", MoneyError::Character('.')),
            ("US$5", MoneyError::Character('U')),
            ("5 000", MoneyError::Character(' ')),
            ("1,5", MoneyError::GroupMark),
            ("1000,000", MoneyError::GroupMark),
            (",500", MoneyError::GroupMark),
            ("1.005", MoneyError::Decimals(2)),
            ("10000000000000.01", MoneyError::TooLarge),
            ("99999999999999999999", MoneyError::TooLarge),
        ];
        for (text, why) in refused {
            assert_eq!(parse_minor(text, Currency::CNY), Err(why), "{text}");
        }
        assert_eq!(parse_minor("1.5", Currency::JPY), Err(MoneyError::Decimals(0)));
    }

    #[test]
    fn figures_for_people() {
        assert_eq!(yuan(8_300_000).format("en"), "¥83,000.00");
        assert_eq!(yuan(8_300_000).format("zh-CN"), "¥83,000.00");
        assert_eq!(yuan(-5).format("en"), "\u{2212}¥0.05");
        assert_eq!(Money::new(123_456, Currency::USD).format("en"), "US$1,234.56");
        assert_eq!(Money::new(1_234, Currency::JPY).format("en"), "JP¥1,234");
        assert_eq!(Money::new(1_250, Currency::KWD).format("en"), "KWD\u{a0}1.250");
        assert_eq!(Money::new(123_456, Currency::EUR).format("de-AT"), "€1.234,56");
        assert!(yuan(i64::MIN).format("en").starts_with('\u{2212}'));
    }

    #[test]
    fn capitals_follow_the_rule() {
        let written = [
            (0, "零元整"),
            (5, "伍分"),
            (50, "伍角"),
            (1_000, "壹拾元整"),
            (8_300_000, "捌万叁仟元整"),
            (100_005, "壹仟元零伍分"),
            // The examples of the rule itself.
            (140_950, "壹仟肆佰零玖元伍角"),
            (600_714, "陆仟零柒元壹角肆分"),
            (168_032, "壹仟陆佰捌拾元叁角贰分"),
            (10_700_053, "壹拾万柒仟元伍角叁分"),
            (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
            (32_504, "叁佰贰拾伍元零肆分"),
            (10_000_000_100, "壹亿零壹元整"),
            (10_000_100_000, "壹亿零壹仟元整"),
            (10_010_000_000, "壹亿零壹拾万元整"),
            (1_001_000, "壹万零壹拾元整"),
            (MAX_MINOR, "壹拾万亿元整"),
            (100_000_000_000_100, "壹万亿零壹元整"),
        ];
        for (minor, text) in written {
            assert_eq!(yuan(minor).capitals().as_deref(), Some(text));
        }
        assert_eq!(yuan(-1).capitals(), None);
        assert_eq!(yuan(MAX_MINOR + 1).capitals(), None);
        assert_eq!(Money::new(1, Currency::USD).capitals(), None);
    }

    /// Reads capitals back by their units; it knows nothing of how they are written.
    fn read_capitals(text: &str) -> u64 {
        let (mut total, mut section, mut digit) = (0_u64, 0_u64, 0_u64);
        for sign in text.chars() {
            match sign {
                '仟' => section += std::mem::take(&mut digit) * 1_000,
                '佰' => section += std::mem::take(&mut digit) * 100,
                '拾' => section += std::mem::take(&mut digit) * 10,
                '万' => total += (std::mem::take(&mut section) + std::mem::take(&mut digit)) * 10_000,
                '亿' => {
                    let below = std::mem::take(&mut section) + std::mem::take(&mut digit);
                    total = (total + below) * 100_000_000;
                }
                '元' => {
                    total += std::mem::take(&mut section) + std::mem::take(&mut digit);
                    total *= 100;
                }
                '角' => total += std::mem::take(&mut digit) * 10,
                '分' => total += std::mem::take(&mut digit),
                '整' | '零' => {}
                _ => digit = "零壹贰叁肆伍陆柒捌玖".chars().position(|known| known == sign).unwrap() as u64,
            }
        }
        total
    }

    #[test]
    fn currencies_do_not_mix_and_json_is_plain() {
        let dollars = Money::new(1, Currency::USD);
        assert_eq!(yuan(1).checked_add(dollars), Err(MoneyError::CurrencyMismatch));
        assert_eq!(yuan(i64::MAX).checked_add(yuan(1)), Err(MoneyError::TooLarge));
        assert_eq!(yuan(5).checked_sub(yuan(7)), Ok(yuan(-2)));
        let json = serde_json::to_string(&yuan(8_300_000)).unwrap();
        assert_eq!(json, r#"{"minor":8300000,"currency":"CNY"}"#);
        assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), yuan(8_300_000));
    }

    #[test]
    fn percentages() {
        assert_eq!(half_up_bps(8_300_000, 100), Ok(83_000));
        assert_eq!(half_up_bps(50, 100), Ok(1));
        assert_eq!(half_up_bps(-50, 100), Ok(0));
        assert_eq!(half_up_bps(i64::MAX, 20_000), Err(MoneyError::TooLarge));
        assert_eq!(share_bps(1, 3), Some(3_333));
        assert_eq!(share_bps(1, 0), None);
        assert_eq!(percent_bps("1.5%"), Ok(150));
        assert_eq!(percent_bps("１０ ％"), Ok(1_000));
        assert_eq!(percent_bps("¥5"), Err(MoneyError::Character('¥')));
        assert_eq!(percent_bps("-5"), Err(MoneyError::Negative));
        assert_eq!((format_bps(150), format_bps(10_000)), ("1.5%".into(), "100%".into()));
        assert_eq!((format_bps(0), format_bps(-5)), ("0%".into(), "\u{2212}0.05%".into()));
    }

    #[test]
    fn a_split_needs_a_weight_and_single_ids() {
        assert_eq!(split_by_largest_remainder(10, &[(1, 0)]), Err(MoneyError::Weights));
        assert_eq!(split_by_largest_remainder::<i64>(0, &[]), Err(MoneyError::Weights));
        assert_eq!(split_by_largest_remainder(10, &[(1, 1), (1, 1)]), Err(MoneyError::Weights));
        assert_eq!(split_by_largest_remainder(-1, &[(1, 1)]), Err(MoneyError::Negative));
        let thirds = split_by_largest_remainder(100, &[(3, 1), (1, 1), (2, 1)]);
        assert_eq!(thirds, Ok(vec![(3, 33), (1, 34), (2, 33)]));
    }

    proptest! {
        #[test]
        fn written_amounts_are_read_back(minor in 0..=MAX_MINOR) {
            for currency in [Currency::CNY, Currency::JPY, Currency::KWD] {
                let text = Money::new(minor, currency).format("en");
                prop_assert_eq!(parse_minor(&text, currency), Ok(minor), "{}", text);
            }
        }

        #[test]
        fn capitals_are_read_back(minor in prop_oneof![0..=MAX_MINOR, 0..1_000_000_i64, (0..100_000_i64).prop_map(|n| n * 1_000_000_001)]) {
            let text = yuan(minor).capitals().unwrap();
            prop_assert_eq!(read_capitals(&text), minor.unsigned_abs(), "{}", text);
            prop_assert!(!text.contains("零零"));
        }

        #[test]
        fn no_text_is_a_panic(text in "\\PC{0,70}") {
            let _ = parse_minor(&text, Currency::CNY);
            let _ = percent_bps(&text);
        }

        #[test]
        fn shares_always_sum(total in 0..i64::MAX, weights in prop::collection::vec(0..i64::MAX, 1..9)) {
            let weights: Vec<(usize, i64)> = weights.into_iter().enumerate().collect();
            let sum: i128 = weights.iter().map(|(_, weight)| i128::from(*weight)).sum();
            prop_assume!(sum > 0);
            let parts = split_by_largest_remainder(total, &weights).unwrap();
            prop_assert_eq!(parts.iter().map(|(_, part)| i128::from(*part)).sum::<i128>(), i128::from(total));
            for ((_, part), (_, weight)) in parts.iter().zip(&weights) {
                let gap = i128::from(*part) * sum - i128::from(total) * i128::from(*weight);
                prop_assert!(gap.abs() < sum);
            }
        }
    }
}
