//! How pledges for a time live, and their arithmetic: schedules, shares of profit, days.

use crate::core::lifecycle::{Lifecycle, Part, mv};
use crate::core::money::{half_up_bps, parse_minor, split_by_largest_remainder};
use crate::living;
use chrono::{Days, Months, NaiveDate};
use entities::kinds::{Currency, InstalmentStage, PlanStage};

/// A pledge for a time.
pub const PLAN: Lifecycle<PlanStage> = Lifecycle {
    name: "plan",
    starts: &[PlanStage::Active],
    moves: &[mv(PlanStage::Active, "cancel", PlanStage::Cancelled, &[Part::Signatory]).when("what came stays")],
};

/// An instalment. Whether it is late, and what of it came, is told by its gifts.
pub const INSTALMENT: Lifecycle<InstalmentStage> = Lifecycle {
    name: "instalment",
    starts: &[InstalmentStage::Promised],
    moves: &[
        mv(InstalmentStage::Promised, "cancel", InstalmentStage::Cancelled, &[Part::Signatory]),
        mv(InstalmentStage::Promised, "lapse", InstalmentStage::Lapsed, &[Part::System]).when("long past its day"),
    ],
};

living!(pledge_plan, PlanStage, PledgePlan, PLAN);
living!(pledge_instalment, InstalmentStage, Instalment, INSTALMENT);

/// Most instalments of one pledge: five years of months.
pub const MOST_PARTS: usize = 60;
/// Latest day of an instalment, in years from today.
pub const YEARS_AHEAD: u32 = 30;

/// A part of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Its day.
    pub due_on: NaiveDate,
    /// How much, in minor units.
    pub amount_minor: i64,
}

/// Equal parts, one every `months` months; what does not divide is spread a minor unit each from the first on.
pub fn evenly(amount_minor: i64, parts: usize, first: NaiveDate, months: u32) -> Option<Vec<Due>> {
    if amount_minor <= 0 || parts == 0 || parts > MOST_PARTS {
        return None;
    }
    let weights: Vec<(usize, i64)> = (0..parts).map(|place| (place, 1)).collect();
    let amounts = split_by_largest_remainder(amount_minor, &weights).ok()?;
    amounts
        .into_iter()
        .zip(0_u32..)
        .map(|((_, amount_minor), turn)| {
            let due_on = first.checked_add_months(Months::new(turn.checked_mul(months)?))?;
            Some(Due { due_on, amount_minor })
        })
        .collect()
}

/// A schedule as written, a line each: `2026-06-30 10000.00`. The number of the first line that cannot be read otherwise.
///
/// # Errors
/// The line, from 1.
pub fn written(text: &str, currency: Currency) -> Result<Vec<Due>, usize> {
    let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
    lines
        .map(|(place, line)| {
            let (day, amount) = line.split_once(char::is_whitespace).ok_or(place + 1)?;
            let due_on = NaiveDate::parse_from_str(&day.replace('/', "-"), "%Y-%m-%d").map_err(|_| place + 1)?;
            let amount_minor = parse_minor(amount.trim(), currency.0).map_err(|_| place + 1)?;
            Ok(Due { due_on, amount_minor })
        })
        .collect()
}

/// Why a schedule is refused, as the code of the refusal.
pub fn wrong_with(parts: &[Due], amount_minor: i64, today: NaiveDate) -> Option<&'static str> {
    let last = today.checked_add_months(Months::new(12 * YEARS_AHEAD)).unwrap_or(NaiveDate::MAX);
    let sum = parts.iter().try_fold(0_i64, |sum, part| sum.checked_add(part.amount_minor));
    if parts.is_empty() || parts.len() > MOST_PARTS {
        Some("refused-schedule-length")
    } else if parts.iter().any(|part| part.amount_minor <= 0) {
        Some("refused-schedule-zero")
    } else if parts.iter().any(|part| part.due_on < today || part.due_on > last) {
        Some("refused-schedule-day")
    } else if parts.windows(2).any(|two| two[0].due_on > two[1].due_on) {
        Some("refused-schedule-order")
    } else if sum != Some(amount_minor) {
        Some("refused-schedule-sum")
    } else {
        None
    }
}

/// The share of a year's profit, in minor units: rounded half up to the minor unit; of a loss nothing.
pub fn share_of(profit_minor: i64, share_bps: i32) -> i64 {
    half_up_bps(profit_minor.max(0), i64::from(share_bps)).unwrap_or(0)
}

/// The day by which the share of a business year is due, in the year after; the last day of a shorter month.
pub fn share_due(year: i32, month: i32, day: i32) -> Option<NaiveDate> {
    let (month, day) = (u32::try_from(month).ok()?, u32::try_from(day).ok()?);
    (1..=day.min(31)).rev().find_map(|day| NaiveDate::from_ymd_opt(year.checked_add(1)?, month, day))
}

/// Which reminder is due today, if any: one in the days before, one when the day is past by so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminder {
    /// The day comes.
    Before,
    /// The day is past.
    After,
}

impl Reminder {
    /// As the end of a mark and of a letter's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }

    /// What is due today for a day.
    pub fn due(day: NaiveDate, today: NaiveDate, before_days: i64, after_days: i64) -> Option<Self> {
        let window = Days::new(before_days.unsigned_abs());
        let patience = Days::new(after_days.unsigned_abs());
        if today <= day {
            (day.checked_sub_days(window)? <= today).then_some(Self::Before)
        } else {
            (day.checked_add_days(patience)? <= today).then_some(Self::After)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn equal_parts_add_up_and_keep_to_the_end_of_short_months() {
        let parts = evenly(100_000, 3, day(2026, 1, 31), 1).unwrap();
        assert_eq!(parts.iter().map(|part| part.amount_minor).collect::<Vec<_>>(), [33_334, 33_333, 33_333]);
        assert_eq!(parts[1].due_on, day(2026, 2, 28));
        assert_eq!(parts[2].due_on, day(2026, 3, 31));
        assert_eq!(evenly(100, 0, day(2026, 1, 1), 1), None);
        assert_eq!(evenly(100, MOST_PARTS + 1, day(2026, 1, 1), 1), None);
    }

    #[test]
    fn a_written_schedule_is_read_line_by_line() {
        let parts = written("2026-06-30 10,000.00\n\n2026/12/31  5000", Currency::CNY).unwrap();
        assert_eq!(parts[1], Due { due_on: day(2026, 12, 31), amount_minor: 500_000 });
        assert_eq!(wrong_with(&parts, 1_500_000, day(2026, 1, 1)), None);
        assert_eq!(wrong_with(&parts, 1_500_001, day(2026, 1, 1)), Some("refused-schedule-sum"));
        assert_eq!(wrong_with(&parts, 1_500_000, day(2026, 7, 1)), Some("refused-schedule-day"));
        let turned: Vec<Due> = parts.iter().rev().copied().collect();
        assert_eq!(wrong_with(&turned, 1_500_000, day(2026, 1, 1)), Some("refused-schedule-order"));
        assert_eq!(wrong_with(&[], 0, day(2026, 1, 1)), Some("refused-schedule-length"));
        assert_eq!(written("2026-06-30 1\n2026-02-30 1", Currency::CNY), Err(2));
        assert_eq!(written("2026-06-30", Currency::CNY), Err(1));
        assert_eq!(written("2026-06-30 1.005", Currency::CNY), Err(1));
    }

    #[test]
    fn a_share_of_profit_is_rounded_half_up_and_a_loss_owes_nothing() {
        assert_eq!(share_of(123_456_789, 300), 3_703_704);
        assert_eq!(share_of(50, 100), 1);
        assert_eq!(share_of(49, 100), 0);
        assert_eq!(share_of(-5_000, 300), 0);
        assert_eq!(share_of(i64::MAX, 10_000), i64::MAX);
        assert_eq!(share_due(2027, 2, 31), Some(day(2028, 2, 29)));
        assert_eq!(share_due(2026, 6, 30), Some(day(2027, 6, 30)));
    }

    #[test]
    fn a_reminder_has_its_days() {
        let due = day(2026, 6, 30);
        let on = |today| Reminder::due(due, today, 14, 7);
        assert_eq!(on(day(2026, 6, 15)), None);
        assert_eq!(on(day(2026, 6, 16)), Some(Reminder::Before));
        assert_eq!(on(due), Some(Reminder::Before));
        assert_eq!(on(day(2026, 7, 6)), None);
        assert_eq!(on(day(2026, 7, 7)), Some(Reminder::After));
    }

    proptest! {
        #[test]
        fn equal_parts_always_make_the_whole(amount in 60..i64::MAX / 2, parts in 1..=MOST_PARTS, months in 1..13_u32) {
            let parts = evenly(amount, parts, day(2026, 1, 31), months).unwrap();
            prop_assert_eq!(parts.iter().map(|part| part.amount_minor).sum::<i64>(), amount);
            let (least, most) = (parts.iter().map(|p| p.amount_minor).min(), parts.iter().map(|p| p.amount_minor).max());
            prop_assert!(most.unwrap() - least.unwrap() <= 1);
        }
    }
}
