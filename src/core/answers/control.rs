//! The control of a question: what a browser is told to accept, from the same data that [`check_answers`] judges by.
//!
//! Two things a browser cannot say, so only the server does: that a paragraph of blanks is no answer, and that of several
//! boxes one must be ticked.

use super::definition::number_range;
use super::*;

/// What stands in the attributes of a control; `""` leaves one out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Characters, as browsers count them.
    pub maxlength: String,
    /// Smallest number or first day.
    pub min: String,
    /// Largest number or last day.
    pub max: String,
    /// Numbers go in these steps.
    pub step: String,
    /// What a text must match as a whole.
    pub pattern: String,
}

/// Last day that the control of a day takes: years of four digits, as in every file.
pub const LAST_DAY: &str = "9999-12-31";
/// A line with something in it.
const NOT_BLANK: &str = ".*\\S.*";

/// The limits of an answer's control. `decimals` is how many the currency of the form has; a line that must be answered is not blank.
#[must_use]
pub fn limits(kind: &Kind, required: bool, today: NaiveDate, decimals: u16) -> Limits {
    let none = Limits::default();
    match kind {
        Kind::Text { max } => {
            let pattern = if required { NOT_BLANK } else { "" };
            Limits { maxlength: max.to_string(), pattern: pattern.into(), ..none }
        }
        Kind::LongText { max } => Limits { maxlength: max.to_string(), ..none },
        Kind::Number { min, max } => {
            let (min, max) = number_range(*min, *max);
            Limits { min: min.to_string(), max: max.to_string(), step: "1".into(), ..none }
        }
        Kind::Money {} => Limits { pattern: amount(decimals), ..none },
        Kind::Date { from_today } => {
            let min = if *from_today { today.to_string() } else { "0001-01-01".into() };
            Limits { min, max: LAST_DAY.into(), ..none }
        }
        Kind::Choice { .. } | Kind::Table { .. } | Kind::File {} => none,
    }
}

/// Amounts up to [`MAX_MINOR`]: digits with or without marks of thousands, and the decimals of the currency.
fn amount(decimals: u16) -> String {
    // MAX_MINOR is a one with fifteen zeros, so whatever has fewer digits is below it.
    let digits = 15_u16.saturating_sub(decimals).max(1);
    let (first, groups) = ((digits - 1) % 3 + 1, (digits - 1) / 3);
    let part = if decimals == 0 { String::new() } else { format!("([.][0-9]{{1,{decimals}}})?") };
    let zeros = if decimals == 0 { String::new() } else { format!("([.]0{{1,{decimals}}})?") };
    let grouped =
        format!("([0-9]{{1,3}}(,[0-9]{{3}}){{0,{}}}|[0-9]{{1,{first}}}(,[0-9]{{3}}){{{groups}}})", groups - 1);
    format!("(([0-9]{{1,{digits}}}|{grouped}){part}|10{{{digits}}}{zeros})")
}

/// A whole number as the control of a number sends it: `-12`, and also `12.0` and `1.2e1`, which browsers take for the same.
#[must_use]
pub fn whole_number(text: &str) -> Option<i64> {
    let (negative, bare) = match text.trim().strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.trim()),
    };
    let (mantissa, exponent) = match bare.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent).parse::<i32>().ok()?),
        None => (bare, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let plain = |text: &str| text.chars().all(|sign| sign.is_ascii_digit());
    if !plain(whole) || !plain(part) || (whole.is_empty() && part.is_empty()) || mantissa.ends_with('.') {
        return None;
    }
    let mut digits = format!("{whole}{part}").trim_start_matches('0').to_owned();
    if digits.is_empty() {
        return Some(0);
    }
    // How many zeros belong behind the digits, or how many of them must be zeros in front of it.
    let shift = exponent.checked_sub(i32::try_from(part.len()).ok()?)?;
    let places = usize::try_from(shift.unsigned_abs()).ok()?;
    if shift >= 0 {
        if digits.len() + places > 19 {
            return None;
        }
        digits.push_str(&"0".repeat(places));
    } else {
        let (kept, cut) = digits.split_at_checked(digits.len().checked_sub(places)?)?;
        if cut.chars().any(|sign| sign != '0') {
            return None;
        }
        digits = kept.to_owned();
    }
    let sign = if negative { "-" } else { "" };
    format!("{sign}{digits}").parse().ok()
}

/// A text as it is kept: browsers send the ends of lines as two characters and count them as one.
#[must_use]
pub fn plain_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned()
}

/// Whether a question is shown for these answers: it stands under no condition, or under one that holds.
#[must_use]
pub fn is_shown(definition: &FormDefinition, answers: &Answers, id: &str) -> bool {
    shown(definition, answers).iter().any(|question| question.id == id)
}
