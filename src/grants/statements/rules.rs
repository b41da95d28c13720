//! The arithmetic of a statement: movements of a donor's money, laid into before the year and in it.

use chrono::{Datelike, NaiveDate};

/// First year that is told: older books are on paper.
pub const FIRST_YEAR: i32 = 2000;

/// What happened to a donor's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It came in.
    Received,
    /// It went back to the donor; below zero when that did not come off.
    Refunded,
    /// It was paid to a grantee; below zero when it came back.
    Paid,
    /// It bore the management fee; below zero when that came back.
    Fee,
}

/// One movement, on its day in the books, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    /// Day.
    pub on: NaiveDate,
    /// What.
    pub kind: Kind,
    /// How much.
    pub amount_minor: i64,
}

/// A year of a donor's money: opening + received − refunded − paid − fee = closing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Not spent when the year began.
    pub opening_minor: i64,
    /// Came in.
    pub received_minor: i64,
    /// Went back to the donor.
    pub refunded_minor: i64,
    /// Paid to grantees.
    pub paid_minor: i64,
    /// Management fee.
    pub fee_minor: i64,
}

impl Sums {
    /// Not spent when the year ended, promised to awards or free.
    pub fn closing_minor(&self) -> i64 {
        self.opening_minor + self.received_minor - self.refunded_minor - self.paid_minor - self.fee_minor
    }

    /// Whether there is anything to tell.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes a movement: what was before the year is its opening, what comes after it is not told yet.
    pub fn take(&mut self, year: i32, movement: Movement) {
        let minor = movement.amount_minor;
        match movement.on.year() {
            on if on > year => {}
            on if on < year => self.opening_minor += if movement.kind == Kind::Received { minor } else { -minor },
            _ => match movement.kind {
                Kind::Received => self.received_minor += minor,
                Kind::Refunded => self.refunded_minor += minor,
                Kind::Paid => self.paid_minor += minor,
                Kind::Fee => self.fee_minor += minor,
            },
        }
    }

    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.opening_minor += other.opening_minor;
        self.received_minor += other.received_minor;
        self.refunded_minor += other.refunded_minor;
        self.paid_minor += other.paid_minor;
        self.fee_minor += other.fee_minor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind(place: u8) -> Kind {
        [Kind::Received, Kind::Refunded, Kind::Paid, Kind::Fee][usize::from(place % 4)]
    }

    proptest! {
        #[test]
        fn one_years_closing_is_the_next_ones_opening(
            moved in prop::collection::vec((2020..2026_i32, 1..13_u32, 0..4_u8, -1_000_000..1_000_000_i64), 0..60),
        ) {
            let told = |year: i32| {
                let mut sums = Sums::default();
                for (y, m, k, minor) in &moved {
                    let on = NaiveDate::from_ymd_opt(*y, *m, 28).unwrap();
                    sums.take(year, Movement { on, kind: kind(*k), amount_minor: *minor });
                }
                sums
            };
            prop_assert_eq!(told(2019), Sums::default());
            for year in 2019..2027 {
                prop_assert_eq!(told(year).closing_minor(), told(year + 1).opening_minor);
            }
        }
    }
}
