//! Formula allocation (按公式分配): a base, and a rate for every hundred people, rounded as the policy says.
//!
//! To add a kind of place, add a word to `kinds::Setting` and its two figures to the policy.

use super::money::MAX_MINOR;
use entities::kinds::Setting;

/// People that one rate is for.
const PEOPLE: i128 = 100;
/// Most people of one place: above it somebody wrote an amount into the wrong field.
pub const MAX_PEOPLE: i64 = 100_000_000;

/// What becomes of a hundred that is not full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// It counts for its part, to the minor unit, downwards.
    ProRata,
    /// It does not count.
    Floor,
    /// It counts whole.
    Ceiling,
}

impl Rounding {
    /// The rule that the policy's figure names.
    #[must_use]
    pub const fn of(figure: i64) -> Self {
        match figure {
            1 => Self::Floor,
            2 => Self::Ceiling,
            _ => Self::ProRata,
        }
    }

    /// The word in locale keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProRata => "pro-rata",
            Self::Floor => "floor",
            Self::Ceiling => "ceiling",
        }
    }
}

/// A base and a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// For every place, in minor units.
    pub base_minor: i64,
    /// For every hundred people, in minor units.
    pub hundred_minor: i64,
}

/// The figures of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Formula {
    /// Of urban communities.
    pub urban: Rate,
    /// Of rural ones.
    pub rural: Rate,
    /// What becomes of a hundred that is not full.
    pub rounding: Rounding,
}

impl Formula {
    /// The rate of a kind of place.
    #[must_use]
    pub const fn rate(&self, setting: Setting) -> Rate {
        match setting {
            Setting::Urban => self.urban,
            Setting::Rural => self.rural,
        }
    }

    /// What a place of so many people gets; `None` when nobody lives there or no amount is that large.
    #[must_use]
    pub fn amount_minor(&self, setting: Setting, people: i64) -> Option<i64> {
        if !(1..=MAX_PEOPLE).contains(&people) {
            return None;
        }
        let (rate, people) = (self.rate(setting), i128::from(people));
        let by_head = i128::from(rate.hundred_minor);
        let part = match self.rounding {
            Rounding::ProRata => by_head * people / PEOPLE,
            Rounding::Floor => by_head * (people / PEOPLE),
            Rounding::Ceiling => by_head * ((people + PEOPLE - 1) / PEOPLE),
        };
        let whole = i64::try_from(i128::from(rate.base_minor) + part).ok()?;
        (1..=MAX_MINOR).contains(&whole).then_some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formula(rounding: Rounding) -> Formula {
        Formula {
            urban: Rate { base_minor: 10_000_000, hundred_minor: 150_000 },
            rural: Rate { base_minor: 25_000_000, hundred_minor: 400_000 },
            rounding,
        }
    }

    fn urban(rounding: Rounding, people: i64) -> Option<i64> {
        formula(rounding).amount_minor(Setting::Urban, people)
    }

    #[test]
    fn eight_thousand_one_hundred_and_fifty_people_by_each_rule() {
        assert_eq!(urban(Rounding::ProRata, 8_150), Some(22_225_000), "¥222,250 pro rata");
        assert_eq!(urban(Rounding::Floor, 8_150), Some(22_150_000), "¥221,500 floor");
        assert_eq!(urban(Rounding::Ceiling, 8_150), Some(22_300_000), "¥223,000 ceiling");
    }

    #[test]
    fn full_hundreds_are_the_same_by_every_rule() {
        for rounding in [Rounding::ProRata, Rounding::Floor, Rounding::Ceiling] {
            assert_eq!(urban(rounding, 80_000), Some(130_000_000), "¥1,300,000");
            assert_eq!(urban(rounding, 14_000), Some(31_000_000), "¥310,000");
            assert_eq!(formula(rounding).amount_minor(Setting::Rural, 3_000), Some(37_000_000), "¥370,000");
        }
        assert_eq!(urban(Rounding::Floor, 99), Some(10_000_000));
        assert_eq!(urban(Rounding::ProRata, 1), Some(10_001_500));
        assert_eq!(urban(Rounding::ProRata, 0), None);
        assert_eq!(urban(Rounding::ProRata, MAX_PEOPLE + 1), None);
    }
}
