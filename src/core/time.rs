//! Days: which ones are worked, when a day ends, and what day an instant falls on.
//!
//! Owns the working-day calendar and the meaning of a deadline, never the present moment: that is an
//! argument. In mainland China holidays and make-up days are announced a year at a time, so a year that
//! was not imported is refused rather than guessed.
//!
//! To add a year, import a text such as [`mainland_2026`]; to add a country, write its text. Both are policy data.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// Years a calendar may speak of; outside them a year is a typing slip.
pub const KNOWN_YEARS: std::ops::RangeInclusive<i32> = 1990..=2199;

/// Most lines of one year's text: 366 days, and as many remarks.
pub const MAX_LINES: usize = 800;

/// The calendar has nothing about this year, so nothing is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the working-day calendar of {0} has not been imported")]
pub struct MissingYear(pub i32);

/// Why a calendar text was refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct CalendarError {
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: CalendarProblem,
}

/// What is wrong with a line of a calendar text. [`CalendarProblem::code`] is the locale key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarProblem {
    /// The first line is not `year 2026`, or names a year outside [`KNOWN_YEARS`].
    #[error("the first line names the year, as in 'year 2026'")]
    Year,
    /// Not `YYYY-MM-DD off|on name`.
    #[error("a line reads '2026-02-17 off Spring Festival' or '2026-02-14 on make-up'")]
    Form,
    /// The day lies in another year.
    #[error("the day lies in another year")]
    OtherYear,
    /// The day was already given.
    #[error("the day is given twice")]
    Twice,
    /// A make-up day that is worked anyway, which is a slip in the date.
    #[error("this day is worked without being made up")]
    WorkedAnyway,
    /// More than [`MAX_LINES`] lines.
    #[error("too many lines")]
    TooLong,
}

impl CalendarProblem {
    /// The locale key of this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Year => "calendar-year",
            Self::Form => "calendar-form",
            Self::OtherYear => "calendar-other-year",
            Self::Twice => "calendar-twice",
            Self::WorkedAnyway => "calendar-worked-anyway",
            Self::TooLong => "calendar-too-long",
        }
    }
}

/// A day that differs from Monday-to-Friday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecialDay {
    /// Worked although it is a weekend (a make-up day), or not worked.
    pub works: bool,
    /// What the announcement calls it; may be empty.
    pub name: String,
}

/// The days that are worked, for the years that are known. Empty, it knows no year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkCalendar {
    years: BTreeMap<i32, BTreeMap<NaiveDate, SpecialDay>>,
}

impl WorkCalendar {
    /// Monday to Friday in 2020–2035, without holidays: for the `generic` profile.
    #[must_use]
    pub fn weekdays_only() -> Self {
        Self { years: (2020..=2035).map(|year| (year, BTreeMap::new())).collect() }
    }

    /// Reads one year's text and adds it, in place of what was known of that year. Returns the year.
    ///
    /// First line `year 2026`, then a line a day: `2026-02-17 off Spring Festival`,
    /// `2026-02-14 on make-up`. Blank lines and lines that start with `#` are remarks.
    ///
    /// # Errors
    /// [`CalendarError`] with the first line at fault; then nothing was added.
    pub fn import_year(&mut self, text: &str) -> Result<i32, CalendarError> {
        let (year, days) = read_year(text)?;
        self.years.insert(year, days);
        Ok(year)
    }

    /// The years that are known, in order.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.years.keys().copied()
    }

    /// The days of `year` that differ from Monday-to-Friday, in order; `None` for an unknown year.
    #[must_use]
    pub fn special_days(&self, year: i32) -> Option<&BTreeMap<NaiveDate, SpecialDay>> {
        self.years.get(&year)
    }

    /// Whether `date` is worked.
    ///
    /// # Errors
    /// [`MissingYear`] if its year was not imported.
    pub fn is_working_day(&self, date: NaiveDate) -> Result<bool, MissingYear> {
        let days = self.years.get(&date.year()).ok_or(MissingYear(date.year()))?;
        let special = days.get(&date).map(|day| day.works);
        Ok(special.unwrap_or(is_weekday(date)))
    }

    /// The `count`-th working day after `date`; `date` itself is not counted, and 0 gives it back.
    ///
    /// # Errors
    /// [`MissingYear`] if the count runs into a year that was not imported.
    pub fn add_working_days(&self, date: NaiveDate, count: u32) -> Result<NaiveDate, MissingYear> {
        let mut day = date;
        let mut left = count;
        while left > 0 {
            day = next_day(day)?;
            if self.is_working_day(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }

    /// How many working days lie after `from`, up to and with `to`; 0 if `to` is not later.
    ///
    /// The counterpart of [`WorkCalendar::add_working_days`].
    ///
    /// # Errors
    /// [`MissingYear`] if a day between lies in a year that was not imported.
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> Result<u32, MissingYear> {
        let mut day = from;
        let mut count = 0;
        while day < to {
            day = next_day(day)?;
            if self.is_working_day(day)? {
                count += 1;
            }
        }
        Ok(count)
    }
}

fn next_day(day: NaiveDate) -> Result<NaiveDate, MissingYear> {
    day.succ_opt().ok_or(MissingYear(day.year()))
}

fn is_weekday(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

fn read_year(text: &str) -> Result<(i32, BTreeMap<NaiveDate, SpecialDay>), CalendarError> {
    let mut year = None;
    let mut days = BTreeMap::new();
    for (place, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let at = |problem| CalendarError { line: place + 1, problem };
        if place >= MAX_LINES {
            return Err(at(CalendarProblem::TooLong));
        }
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some(year) = year else {
            year = Some(read_heading(line).ok_or(at(CalendarProblem::Year))?);
            continue;
        };
        let (date, day) = read_day(line).ok_or(at(CalendarProblem::Form))?;
        if date.year() != year {
            return Err(at(CalendarProblem::OtherYear));
        }
        if day.works && is_weekday(date) {
            return Err(at(CalendarProblem::WorkedAnyway));
        }
        if days.insert(date, day).is_some() {
            return Err(at(CalendarProblem::Twice));
        }
    }
    let year = year.ok_or(CalendarError { line: 1, problem: CalendarProblem::Year })?;
    Ok((year, days))
}

fn read_heading(line: &str) -> Option<i32> {
    let year = line.strip_prefix("year")?.trim().parse().ok()?;
    KNOWN_YEARS.contains(&year).then_some(year)
}

fn read_day(line: &str) -> Option<(NaiveDate, SpecialDay)> {
    let mut words = line.splitn(3, char::is_whitespace);
    let date = NaiveDate::parse_from_str(words.next()?, "%Y-%m-%d").ok()?;
    let works = match words.next()? {
        "off" => false,
        "on" => true,
        _ => return None,
    };
    let name = words.next().unwrap_or_default().trim().to_owned();
    Some((date, SpecialDay { works, name }))
}

/// Mainland China 2026 as a calendar text, by the pattern the State Council's office announces each year.
///
/// Policy data, not law: the foundation checks it against the announcement before it is relied on.
#[must_use]
pub const fn mainland_2026() -> &'static str {
    "year 2026
# Policy data: check against the announcement of the State Council's office before use.
2026-01-01 off New Year
2026-01-02 off New Year
2026-01-03 off New Year
2026-01-04 on make-up
2026-02-14 on make-up
2026-02-15 off Spring Festival
2026-02-16 off Spring Festival
2026-02-17 off Spring Festival
2026-02-18 off Spring Festival
2026-02-19 off Spring Festival
2026-02-20 off Spring Festival
2026-02-21 off Spring Festival
2026-02-22 off Spring Festival
2026-02-23 off Spring Festival
2026-02-28 on make-up
2026-04-04 off Qingming
2026-04-05 off Qingming
2026-04-06 off Qingming
2026-05-01 off Labour Day
2026-05-02 off Labour Day
2026-05-03 off Labour Day
2026-05-04 off Labour Day
2026-05-05 off Labour Day
2026-05-09 on make-up
2026-06-19 off Dragon Boat
2026-06-20 off Dragon Boat
2026-06-21 off Dragon Boat
2026-09-20 on make-up
2026-09-25 off Mid-Autumn
2026-09-26 off Mid-Autumn
2026-09-27 off Mid-Autumn
2026-10-01 off National Day
2026-10-02 off National Day
2026-10-03 off National Day
2026-10-04 off National Day
2026-10-05 off National Day
2026-10-06 off National Day
2026-10-07 off National Day
2026-10-10 on make-up
"
}

/// The instant `date` ends in `zone`: its next midnight, exclusive. A deadline "on the 5th" is met before it.
///
/// Where clocks skip that midnight, the first instant that exists after it; where it comes twice, the first.
#[must_use]
pub fn end_of_day(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    /// No zone ever skipped more than a day, and none in steps finer than a quarter of an hour since 1990.
    const QUARTERS: i32 = 4 * 26;
    let Some(midnight) = date.checked_add_days(Days::new(1)).map(NaiveDateTime::from) else {
        return DateTime::<Utc>::MAX_UTC;
    };
    for quarter in 0..QUARTERS {
        let Some(wall) = midnight.checked_add_signed(TimeDelta::minutes(i64::from(quarter) * 15)) else {
            break;
        };
        if let Some(instant) = zone.from_local_datetime(&wall).earliest() {
            return instant.with_timezone(&Utc);
        }
    }
    midnight.and_utc()
}

/// The day `instant` falls on in `zone`.
#[must_use]
pub fn local_date(instant: DateTime<Utc>, zone: Tz) -> NaiveDate {
    let plain = instant.naive_utc();
    let offset = zone.offset_from_utc_datetime(&plain).fix();
    // At the very ends of the calendar there is no local time; the day in UTC is the nearest there is.
    plain.checked_add_offset(offset).unwrap_or(plain).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn calendar() -> WorkCalendar {
        let mut calendar = WorkCalendar::default();
        assert_eq!(calendar.import_year(mainland_2026()), Ok(2026));
        calendar
    }

    fn fault(text: &str) -> (usize, CalendarProblem) {
        let error = WorkCalendar::default().import_year(text).unwrap_err();
        (error.line, error.problem)
    }

    #[test]
    fn a_festival_is_off_and_its_make_up_day_is_worked() {
        let calendar = calendar();
        assert_eq!(calendar.is_working_day(day(2026, 2, 17)), Ok(false));
        assert_eq!(calendar.is_working_day(day(2026, 2, 14)), Ok(true));
        assert_eq!(calendar.is_working_day(day(2026, 2, 24)), Ok(true));
        assert_eq!(calendar.is_working_day(day(2026, 3, 1)), Ok(false));
        assert_eq!(calendar.add_working_days(day(2026, 2, 13), 2), Ok(day(2026, 2, 24)));
        assert_eq!(calendar.add_working_days(day(2026, 2, 13), 0), Ok(day(2026, 2, 13)));
        assert_eq!(calendar.working_days_between(day(2026, 2, 13), day(2026, 2, 24)), Ok(2));
        assert_eq!(calendar.working_days_between(day(2026, 2, 24), day(2026, 2, 13)), Ok(0));
    }

    #[test]
    fn a_missing_year_refuses() {
        let calendar = calendar();
        assert_eq!(calendar.is_working_day(day(2025, 12, 31)), Err(MissingYear(2025)));
        assert_eq!(calendar.add_working_days(day(2026, 12, 30), 2), Err(MissingYear(2027)));
        assert_eq!(calendar.add_working_days(day(2026, 1, 1), u32::MAX), Err(MissingYear(2027)));
        let last = NaiveDate::MAX;
        assert_eq!(WorkCalendar::weekdays_only().add_working_days(last, 1), Err(MissingYear(last.year())));
    }

    #[test]
    fn a_fault_is_located() {
        assert_eq!(fault(""), (1, CalendarProblem::Year));
        assert_eq!(fault("# only a remark\n2026-01-01 off"), (2, CalendarProblem::Year));
        assert_eq!(fault("year 20260"), (1, CalendarProblem::Year));
        assert_eq!(fault("year 2026\n\n2026-02-30 off"), (3, CalendarProblem::Form));
        assert_eq!(fault("year 2026\n2026-02-03 maybe"), (2, CalendarProblem::Form));
        assert_eq!(fault("year 2026\n2025-12-31 off"), (2, CalendarProblem::OtherYear));
        assert_eq!(fault("year 2026\n2026-01-05 on make-up"), (2, CalendarProblem::WorkedAnyway));
        assert_eq!(fault("year 2026\n2026-01-01 off\n2026-01-01 off"), (3, CalendarProblem::Twice));
        assert_eq!(fault(&"\n".repeat(900)), (801, CalendarProblem::TooLong));
    }

    #[test]
    fn a_day_ends_at_the_next_midnight_of_the_zone() {
        let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let end = end_of_day(day(2026, 3, 5), Tz::Asia__Shanghai);
        assert_eq!(end, instant("2026-03-05T16:00:00Z"));
        assert_eq!(local_date(end, Tz::Asia__Shanghai), day(2026, 3, 6));
        assert_eq!(local_date(instant("2026-03-05T15:59:59Z"), Tz::Asia__Shanghai), day(2026, 3, 5));
        // Midnight of 2018-11-04 was skipped in São Paulo: the day began at one o'clock.
        assert_eq!(end_of_day(day(2018, 11, 3), Tz::America__Sao_Paulo), instant("2018-11-04T03:00:00Z"));
        // Samoa skipped the whole of 2011-12-30.
        assert_eq!(end_of_day(day(2011, 12, 29), Tz::Pacific__Apia), instant("2011-12-30T10:00:00Z"));
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_panic() {
        for zone in [Tz::Asia__Shanghai, Tz::Pacific__Apia, Tz::America__Sao_Paulo] {
            for date in [NaiveDate::MIN, NaiveDate::MAX, NaiveDate::MAX.pred_opt().unwrap()] {
                let _ = end_of_day(date, zone);
            }
            let _ = local_date(DateTime::<Utc>::MAX_UTC, zone);
            let _ = local_date(DateTime::<Utc>::MIN_UTC, zone);
        }
    }

    proptest! {
        #[test]
        fn counting_forth_and_back_agrees(start in 0..3_000_u64, count in 0..400_u32) {
            let calendar = WorkCalendar::weekdays_only();
            let from = day(2021, 1, 1) + Days::new(start);
            let to = calendar.add_working_days(from, count).unwrap();
            prop_assert_eq!(calendar.working_days_between(from, to), Ok(count));
            prop_assert!(count == 0 || calendar.is_working_day(to).unwrap());
        }

        #[test]
        fn the_last_instant_of_a_day_is_on_it(start in 0..9_000_u64) {
            let date = day(2010, 1, 1) + Days::new(start);
            for zone in [Tz::Asia__Shanghai, Tz::Europe__Berlin, Tz::America__New_York] {
                let end = end_of_day(date, zone);
                prop_assert_eq!(local_date(end - TimeDelta::nanoseconds(1), zone), date);
                prop_assert!(local_date(end, zone) > date);
            }
        }

        #[test]
        fn no_calendar_text_is_a_panic(text in "(year 20[0-9]{2}\n)?[-0-9a-z \n]{0,200}") {
            let _ = WorkCalendar::default().import_year(&text);
        }
    }
}
